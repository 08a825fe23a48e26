"""The table of policies, and their code."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Ask = Callable[[Any, dict[str, Any]], Any]
"""Sends a request with a client and returns the text of the reply, or what awaits it."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The wait before a retry: from *low* to *high* seconds, both doubled with each retry but *maximum*.

    The part above the fixed one is jitter.
    """

    low: float
    high: float
    maximum: float
    jitter: float = 0.0

    def range(self, retry: int) -> tuple[float, float]:
        """Return the shortest and the longest wait before *retry*; the first one is 1."""
        factor = 2.0 ** (retry - 1)
        low, high = (min(seconds * factor, self.maximum) for seconds in (self.low, self.high))
        return low, high + self.jitter


@dataclass(frozen=True, slots=True)
class Policy:
    """A way to call the API. *module* is in `core.resilience.failures.policies`."""

    module: str
    label: str
    summary: str
    max_retries: int
    reads_retry_after: bool
    backoff: Backoff | None = None

    def ask(self, *, is_async: bool) -> Ask:
        """Return the function that sends a request by this policy. Loads the SDK."""
        module = import_module(f"core.resilience.failures.policies.{self.module}")
        function: Ask = module.ask_async if is_async else module.ask
        return function

    def source(self, *, is_async: bool) -> str:
        """Return the definitions of the policy as they run. Loads the SDK."""
        module = import_module(f"core.resilience.failures.policies.{self.module}")
        parts: Sequence[Any] = module.ASYNC if is_async else module.SYNC
        return "\n\n".join(inspect.getsource(part) for part in parts)


POLICIES = (
    Policy("no_retries", "No retries", "Every error reaches the caller at once.", 0, reads_retry_after=False),
    Policy(
        "sdk_default",
        "SDK default",
        "The SDK retries twice, after the seconds that the server asks for, else after 0.5 and 1 s.",
        2,
        reads_retry_after=True,
        backoff=Backoff(0.375, 0.5, 8),
    ),
    Policy(
        "exponential_backoff",
        "Back-off loop",
        "The loop of many tutorials: retries every error three times and does not read Retry-After.",
        3,
        reads_retry_after=False,
        backoff=Backoff(1, 1, 8, jitter=1),
    ),
    Policy(
        "tenacity_retries",
        "tenacity",
        "Retries temporary errors three times, reads Retry-After, and checks that a reply is complete.",
        3,
        reads_retry_after=True,
        backoff=Backoff(0, 0.5, 8),
    ),
)
