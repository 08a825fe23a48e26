"""The rate limits that the headers of every answer report; the sandbox counts and never enforces them."""

import time
from collections import deque
from collections.abc import Callable

REQUESTS_A_MINUTE = 10_000
TOKENS_A_MINUTE = 2_000_000


class Meter:
    """Requests and tokens of the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests: deque[float] = deque(maxlen=REQUESTS_A_MINUTE)

    def headers(self) -> dict[str, str]:
        """Count a request, and report what is left as `x-ratelimit-*` does."""
        now = self._clock()
        while self._requests and now - self._requests[0] > 60:
            self._requests.popleft()
        self._requests.append(now)
        return {
            "x-ratelimit-limit-requests": str(REQUESTS_A_MINUTE),
            "x-ratelimit-limit-tokens": str(TOKENS_A_MINUTE),
            "x-ratelimit-remaining-requests": str(REQUESTS_A_MINUTE - len(self._requests)),
            "x-ratelimit-remaining-tokens": str(TOKENS_A_MINUTE),
            "x-ratelimit-reset-requests": "6ms",
            "x-ratelimit-reset-tokens": "0s",
        }
