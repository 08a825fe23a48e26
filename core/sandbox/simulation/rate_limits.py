"""The rate limits that the headers of every answer report; the sandbox counts and never enforces them."""

import time
from collections import deque
from collections.abc import Callable

REQUESTS_PER_MINUTE = 10_000
TOKENS_PER_MINUTE = 2_000_000


class RateLimitCounter:
    """Requests and tokens, each of which comes back a minute after it was spent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests: deque[tuple[float, int]] = deque()
        self._tokens: deque[tuple[float, int]] = deque()

    def add_request(self) -> None:
        self._requests.append((self._clock(), 1))

    def add_tokens(self, tokens: int) -> None:
        self._tokens.append((self._clock(), tokens))

    def headers(self) -> dict[str, str]:
        """Report what is left as `x-ratelimit-*` does."""
        return {
            **self._report("requests", self._requests, REQUESTS_PER_MINUTE),
            **self._report("tokens", self._tokens, TOKENS_PER_MINUTE),
        }

    def _report(self, name: str, spent: deque[tuple[float, int]], limit: int) -> dict[str, str]:
        now = self._clock()
        while spent and now - spent[0][0] >= 60:
            spent.popleft()
        wait = 60 - (now - spent[0][0]) if spent else 0.0
        return {
            f"x-ratelimit-limit-{name}": str(limit),
            f"x-ratelimit-remaining-{name}": str(max(0, limit - sum(amount for _, amount in spent))),
            f"x-ratelimit-reset-{name}": f"{wait:.3f}s",
        }
