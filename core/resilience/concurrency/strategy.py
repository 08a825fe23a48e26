"""The table of the ways to send many requests."""

import inspect
from dataclasses import dataclass
from importlib import import_module
from typing import Any

MAX_PROMPTS = 200


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to send many requests. Its code is the module of this name in the package `strategies`.

    For the runner, that is a script that behaves alike, and the app runs its own.
    """

    id: str
    label: str
    is_async: bool = True
    has_limit: bool = False

    @property
    def is_runner(self) -> bool:
        return self.id == "adaptive"

    @property
    def is_unlimited(self) -> bool:
        """Whether all requests are under way at the same time."""
        return self.id == "gather"

    @property
    def is_batch(self) -> bool:
        return self.id == "batch"

    def load(self) -> Any:
        """Return the module. Loads the SDK."""
        return import_module(f"core.resilience.concurrency.strategies.{self.id}")

    def source(self) -> str:
        """Return the definitions of the strategy as they run. Loads the SDK."""
        return "\n\n".join(inspect.getsource(part) for part in self.load().PARTS)


STRATEGIES = (
    Strategy("sequential", "One after the other"),
    Strategy("gather", "asyncio.gather"),
    Strategy("semaphore", "Semaphore", has_limit=True),
    Strategy("threads", "Threads", is_async=False, has_limit=True),
    Strategy("adaptive", "Adaptive runner"),
    Strategy("batch", "Batch"),
)
