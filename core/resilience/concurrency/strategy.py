"""The table of the ways to send many requests."""

import inspect
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to send many requests. *module* is in the package `strategies`; the runner has none."""

    id: str
    label: str
    summary: str
    module: str = ""
    is_async: bool = True
    has_limit: bool = False

    def load(self) -> Any:
        """Return the module. Loads the SDK."""
        return import_module(f"core.resilience.concurrency.strategies.{self.module}")

    def source(self) -> str:
        """Return the definitions of the strategy as they run. Loads the SDK."""
        return "\n\n".join(inspect.getsource(part) for part in self.load().PARTS)


STRATEGIES = (
    Strategy("sequential", "One after the other", "A loop with await.", "sequential"),
    Strategy("gather", "asyncio.gather", "All at once.", "gather"),
    Strategy("semaphore", "Semaphore", "A fixed number at once.", "semaphore", has_limit=True),
    Strategy(
        "threads",
        "Threads",
        "The sync client in a pool of threads.",
        "threads",
        is_async=False,
        has_limit=True,
    ),
    Strategy(
        "runner",
        "Adaptive runner",
        "The job runner of this app: more at once while that is faster, fewer when the server refuses.",
    ),
)
