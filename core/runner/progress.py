"""The progress of a running job, counted without reading its items again."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from threading import Lock
from typing import Any

from core.runner.work import WorkProgress

# The items by whose rate the time left is estimated.
_TIMED_ITEMS = 100


class ProgressCounter:
    """Counts items as they change. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._progress = WorkProgress()
        self._clock = clock
        self._end_times: deque[float] = deque(maxlen=_TIMED_ITEMS)
        self._lock = Lock()

    def reset(self, progress: WorkProgress) -> None:
        """Continue from *progress*."""
        with self._lock:
            self._progress = progress

    def add(self, **changes: Any) -> None:
        """Add *changes* to the fields of the progress."""
        with self._lock:
            values = {name: getattr(self._progress, name) + change for name, change in changes.items()}
            self._progress = replace(self._progress, **values)

    def include_others(self, saved: WorkProgress) -> None:
        """Count what other processes have ended, by the items that are *saved*.

        Those that they are at count as waiting. What this process saves meanwhile may be counted twice, until
        the next time.
        """
        with self._lock:
            own = self._progress
            if saved.ended > own.ended + own.saving:
                waiting = max(0, saved.waiting + saved.running - own.running - own.saving)
                self._progress = replace(saved, waiting=waiting, running=own.running, saving=own.saving)

    def item_ended(self) -> None:
        """Note that the call of an item has ended, and when. The item is counted once it is saved."""
        self.add(running=-1, saving=1)
        with self._lock:
            self._end_times.append(self._clock())

    def ended_within(self, seconds: float) -> int:
        """Return how many calls end in *seconds*, rounded up, at the rate of the latest ones."""
        with self._lock:
            times = self._end_times
            return ceil(len(times) * seconds / max(self._clock() - times[0], seconds)) if times else 0

    def snapshot(self) -> WorkProgress:
        """Return the progress with the time left, at the rate of the latest items."""
        with self._lock:
            left, times = self._progress.waiting + self._progress.running, self._end_times
            if len(times) < 2:
                return self._progress
            # From end to end: until now, the time left would grow with each call that is under way for long.
            return replace(self._progress, eta=left * (times[-1] - times[0]) / (len(times) - 1))
