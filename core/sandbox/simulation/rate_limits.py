"""The rate limits in the response headers. Requests and tokens are counted; the limits are not enforced."""

import time
from collections import deque
from collections.abc import Callable

REQUESTS_PER_MINUTE = 10_000
TOKENS_PER_MINUTE = 2_000_000


class RateLimitCounter:
    """Requests and tokens of the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests: deque[tuple[float, int]] = deque()
        self._tokens: deque[tuple[float, int]] = deque()

    def add_request(self) -> None:
        self._requests.append((self._clock(), 1))

    def add_tokens(self, tokens: int) -> None:
        self._tokens.append((self._clock(), tokens))

    def headers(self) -> dict[str, str]:
        """Return the `x-ratelimit-*` headers."""
        return {
            **self._limit_headers("requests", self._requests, REQUESTS_PER_MINUTE),
            **self._limit_headers("tokens", self._tokens, TOKENS_PER_MINUTE),
        }

    def _limit_headers(self, name: str, used: deque[tuple[float, int]], limit: int) -> dict[str, str]:
        now = self._clock()
        while used and now - used[0][0] >= 60:
            used.popleft()
        reset = 60 - (now - used[0][0]) if used else 0.0
        return {
            f"x-ratelimit-limit-{name}": str(limit),
            f"x-ratelimit-remaining-{name}": str(max(0, limit - sum(amount for _, amount in used))),
            f"x-ratelimit-reset-{name}": f"{reset:.3f}s",
        }
