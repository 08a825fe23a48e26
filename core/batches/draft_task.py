"""What is being done with a draft in the background."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from core.errors.explain import explain
from core.errors.types import Explanation


@dataclass(slots=True, eq=False)
class DraftTask:
    """A check, a correction or a split of a file; *done* of *total* is the progress of *activity*."""

    activity: str
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    error: Explanation | None = None
    is_stopped: bool = False
    is_running: bool = True
    _stop_requested: Event = field(default_factory=Event)

    def stop(self) -> None:
        """End it soon."""
        self._stop_requested.set()

    def begin(self, activity: str) -> None:
        self.activity, self.done, self.total = activity, 0, 0

    def on_progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def is_cancelled(self) -> bool:
        return self._stop_requested.is_set()

    def run(self, work: "Callable[[DraftTask], None]") -> None:
        """Do *work*, and record how it ended."""
        from core.batches.check.file_check import CheckCancelled

        started = time.monotonic()
        try:
            work(self)
        except CheckCancelled:
            self.is_stopped = True
        except Exception as error:  # noqa: BLE001 - nobody awaits this task; `explain` logs a bug
            self.error = explain(error)
        finally:
            self.seconds, self.is_running = time.monotonic() - started, False
