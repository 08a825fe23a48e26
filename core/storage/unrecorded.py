"""The contents of the newest runs that are not recorded, in memory, so that pages can show them.

What this process has made is there until it exits or has made many others; other processes never have it.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.runs.run import Event, Run

MAX_RUNS = 500


@dataclass(slots=True)
class _Content:
    run: Run
    events: list[Event] = field(default_factory=list)


class UnrecordedRuns:
    """The newest runs of this process that are not recorded, and the ids of all of them. Thread-safe."""

    def __init__(self, max_runs: int = MAX_RUNS) -> None:
        self._max_runs = max_runs
        self._ids: set[str] = set()
        self._contents: dict[str, _Content] = {}
        self._lock = threading.Lock()

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._ids

    def add(self, run: Run) -> None:
        with self._lock:
            self._ids.add(run.id)
            self._contents[run.id] = _Content(replace(run, recorded=False))
            if len(self._contents) > self._max_runs:
                del self._contents[next(iter(self._contents))]

    def update(self, run: Run) -> None:
        """Replace a run that was added; ignore others."""
        with self._lock:
            if content := self._contents.get(run.id):
                content.run = replace(run, recorded=False)

    def add_events(self, run_id: str, events: Sequence[Event]) -> bool:
        """Append events and return True; False for a run that is recorded."""
        with self._lock:
            if content := self._contents.get(run_id):
                content.events.extend(events)
        return run_id in self._ids

    def get(self, run_id: str) -> Run | None:
        """Return an unrecorded run; None if it is recorded, or no longer in memory."""
        content = self._contents.get(run_id)
        return content.run if content else None

    def events(self, run_id: str) -> list[Event]:
        content = self._contents.get(run_id)
        return list(content.events) if content else []


unrecorded = UnrecordedRuns()
