"""How many calls of one model run at once: more while that is faster, fewer when the server asks for it."""

import asyncio
import heapq
from collections.abc import Mapping
from itertools import count

from core.errors.response import MAX_RETRY_AFTER, ErrorResponse
from core.runner.rate_limit_headers import rate_limit
from core.runner.throughput import ThroughputMonitor

INITIAL_LIMIT = 4
MAX_LIMIT = 256

# As TCP does: at an overload the limit is halved, and then grows by one for each round of calls, while before
# the first overload it grows by one for each call.
_DECREASE = 0.5
# Seconds without new calls after an overload for which the server names no time; doubled each time.
_INITIAL_PAUSE = 0.5
_MAX_PAUSE = 30.0
# A pause for a rate limit that is nearly exhausted; a server that names more is asked again after it.
_MAX_RESET = 60.0


class AdaptiveLimiter:
    """Grants slots for calls. All runners of a model share one; its methods run on one event loop.

    Slots are granted by priority, then in the order of the requests, so that runners take turns. A pause
    applies to all of them.
    """

    def __init__(self, initial: int = INITIAL_LIMIT, maximum: int = MAX_LIMIT) -> None:
        self.in_flight = 0
        self._maximum = maximum
        self._limit = float(min(initial, maximum))
        self._is_ramping_up = True
        self._throughput = ThroughputMonitor()
        self._reduced_at = float("-inf")
        self._paused_until = float("-inf")
        self._overloads = 0
        self._tokens_per_call = 0.0
        self._requests: list[tuple[int, int, int, asyncio.Future[int]]] = []
        self._numbers = count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def limit(self) -> int:
        """The number of calls that may run at the same time."""
        return int(self._limit)

    @property
    def free(self) -> int:
        """The number of calls that may start now."""
        return 0 if self.pause else max(0, self.limit - self.in_flight)

    @property
    def pause(self) -> float:
        """The seconds until the next call may start."""
        return max(0.0, self._paused_until - _now())

    def request(self, slots: int = 1, priority: int = 0) -> "asyncio.Future[int]":
        """Request up to *slots* slots; the future has the number that is granted, which may be less."""
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._requests, (-priority, next(self._numbers), slots, future))
        self._grant()
        return future

    def withdraw(self, request: "asyncio.Future[int]") -> None:
        """End a request that is still waiting: it is granted no slots."""
        if not request.done():
            request.set_result(0)

    def release(self, slots: int = 1) -> None:
        self.in_flight -= slots
        self._grant()

    async def acquire(self, priority: int = 0) -> None:
        """Wait for one slot."""
        request = self.request(1, priority)
        try:
            await request
        except asyncio.CancelledError:
            if not request.cancelled():  # granted at the same moment
                self.release(request.result())
            raise

    def succeeded(self, headers: Mapping[str, str], latency: float = 0.0, in_flight_before: int = 0) -> None:
        """Note that a call ended with *headers* after *latency* seconds, before its slot is released.

        *in_flight_before* is `in_flight` at its start.
        """
        self._overloads = 0
        if latency:
            concurrency = (in_flight_before + self.in_flight) / 2
            self._limit = self._throughput.add(concurrency, latency, self._limit)
        # While slots are free, nothing is learnt about a higher limit.
        if self.in_flight >= self.limit and self._throughput.allows_growth(self._limit):
            self._limit += 1.0 if self._is_ramping_up else 1.0 / self._limit
            self._limit = min(self._limit, self._maximum)
        self._respect_limits(headers)

    def record_tokens(self, tokens: int) -> None:
        """Note what a call has used: an average of the latest calls estimates the need of the next ones."""
        self._tokens_per_call += (tokens - self._tokens_per_call) / (8 if self._tokens_per_call else 1)

    def failed(self, error: ErrorResponse, started: float) -> None:
        """Note that a call which *started* at this time of the event loop has failed.

        Calls that were under way at the last reduction do not reduce the limit again.
        """
        if not error.is_overload:
            return
        if started > self._reduced_at:
            self._limit = max(1.0, self._limit * _DECREASE)
            self._is_ramping_up = False
            self._throughput.reset()
            self._reduced_at = _now()
            self._overloads += 1
        backoff = min(_INITIAL_PAUSE * 2.0 ** min(self._overloads - 1, 10), _MAX_PAUSE)
        self._pause(min(error.retry_after or backoff, MAX_RETRY_AFTER))

    def _respect_limits(self, headers: Mapping[str, str]) -> None:
        """Pause before the calls that may start now would exhaust a limit of the server."""
        for unit, per_call in (("requests", 1.0), ("tokens", self._tokens_per_call)):
            if per_call and (limit := rate_limit(headers, unit)):
                # The other calls under way may not have been counted yet when this response was written.
                seconds = limit.seconds_until(per_call * self.in_flight)
                self._pause(min(seconds, _MAX_RESET))

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, _now() + seconds)

    def _grant(self) -> None:
        while self._requests and self.in_flight < self.limit:
            if pause := self.pause:
                self._grant_after(pause)
                return
            *_, slots, future = heapq.heappop(self._requests)
            if future.done():
                continue
            free = self.limit - self.in_flight
            # An equal share for each of the runners that wait.
            granted = min(slots, max(1, free // (len(self._requests) + 1)))
            self.in_flight += granted
            future.set_result(granted)

    def _grant_after(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._grant)


def _now() -> float:
    return asyncio.get_running_loop().time()
