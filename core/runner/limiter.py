"""How many calls of one model run at once, and when the next one may start.

The limit grows with the calls that succeed while all slots are in use, as long as more calls at once bring
more throughput (`ThroughputMonitor`): by one with each call, but from the limit after the latest refusal by
one with each round of calls, as in TCP. When the server refuses calls:

- 429: its rate is exceeded. No call starts for the time that it names, and the limit is halved.
- 503 while other calls succeed: it is full. Only the refused call waits; the limit loses the slot of each
  refused call, but not more than half of its slots at once.
- 503 and no success since the last refusal: it is down. No call starts for the time that it names, and few
  start then.

Calls that were under way at a refusal belong to it: they do not count as another one. If the server reports
its rate limits, calls start as fast as these are refilled (`RateLimitBudget`).
"""

import asyncio
import heapq
from collections.abc import Mapping
from itertools import count

from core.errors.response import MAX_RETRY_AFTER, ErrorResponse
from core.runner.rate_limit_budget import CallStart, RateLimitBudget
from core.runner.throughput import ThroughputMonitor

INITIAL_LIMIT = 4
MAX_LIMIT = 256

_DECREASE = 0.5
# Seconds without new calls after a refusal for which the server names no time; doubled each time.
_INITIAL_PAUSE = 0.5
_MAX_PAUSE = 30.0
# Waiting a little longer than calculated costs nothing, and a timer may be a little early.
_MIN_DELAY = 0.002


class AdaptiveLimiter:
    """Grants slots for calls. All runners of a model share one; its methods run on one event loop.

    Slots are granted by priority, then in the order of the requests, so that runners take turns. A pause
    applies to all of them. `start` each call in its slot, report how it ended, and `release` the slot.
    """

    def __init__(self, initial: int = INITIAL_LIMIT, maximum: int = MAX_LIMIT) -> None:
        self.in_flight = 0
        self._maximum = maximum
        self._limit = float(min(initial, maximum))
        self._fast_growth_end = float("inf")
        self._throughput = ThroughputMonitor()
        self._budget = RateLimitBudget()
        self._calls = 0
        self._not_started = 0  # calls whose slots are granted
        self._refusals = 0  # since the last success
        self._refused_at = float("-inf")
        self._lowest_limit = 1.0  # of this refusal
        self._paused_until = self._refusal_pause_end = float("-inf")
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
        if self._paused_until > (now := _now()):
            return 0
        calls_left = self._budget.calls_left(self._calls + self._not_started, now)
        return max(0, int(min(self.limit - self.in_flight, calls_left)))

    @property
    def delay(self) -> float:
        """The seconds until the next call may start, if a slot is free."""
        now = _now()
        return max(0.0, self._paused_until - now, self._budget.delay(self._calls + self._not_started, now))

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

    async def acquire(self, priority: int = 0) -> CallStart:
        """Wait for one slot, and start a call in it."""
        request = self.request(1, priority)
        try:
            await request
        except asyncio.CancelledError:
            if not request.cancelled():  # granted at the same moment
                self._not_started -= request.result()
                self.release(request.result())
            raise
        return self.start()

    def start(self) -> CallStart:
        """Count a call that starts in a slot which is granted."""
        self._calls += 1
        self._not_started -= 1
        return CallStart(self._calls, _now(), self.in_flight)

    def succeeded(self, start: CallStart, headers: Mapping[str, str]) -> None:
        """Note that a call has succeeded, before its slot is released."""
        self._refusals = 0
        if latency := (now := _now()) - start.time:
            self._limit = self._throughput.add(start.in_flight, latency, self._limit, now)
        # While slots are free, nothing is learnt about a higher limit.
        if self.in_flight >= self.limit and self._throughput.allows_growth(self._limit, now):
            self._limit += 1.0 if self._limit < self._fast_growth_end else 1.0 / self._limit
            self._limit = min(self._limit, self._maximum)
        self._budget.record_headers(headers, start, now)

    def record_tokens(self, tokens: int) -> None:
        """Note what a call has used, as the next ones may need as much."""
        self._budget.record_tokens(tokens)

    def failed(self, start: CallStart, error: ErrorResponse) -> None:
        """Note that a call has failed, before its slot is released."""
        if not error.is_overload:
            return
        if start.time > self._refused_at:
            self._refused_at = _now()
            self._refusals += 1
            self._lowest_limit = max(1.0, self._limit * _DECREASE)
        if error.status == 503 and self._refusals <= 1:
            accepted = min(self._limit, start.in_flight) - 1
            self._limit = self._fast_growth_end = max(self._lowest_limit, accepted)
            return
        if error.status == 429:
            self._limit = self._fast_growth_end = min(self._limit, self._lowest_limit)
        else:
            self._limit = min(self._limit, INITIAL_LIMIT)
        self._throughput.reset()
        self._pause(error)

    def _pause(self, error: ErrorResponse) -> None:
        backoff = min(_INITIAL_PAUSE * 2.0 ** min(max(self._refusals - 1, 0), 10), _MAX_PAUSE)
        self.pause(min(error.retry_after or backoff, MAX_RETRY_AFTER))
        self._refusal_pause_end = self._paused_until

    def share(self, processes: int) -> None:
        """Leave room in the rate limits of the server for the other ones of *processes*."""
        self._budget.processes = max(1, processes)

    def pause(self, seconds: float) -> None:
        """Start no call for *seconds*."""
        self._paused_until = max(self._paused_until, _now() + seconds)

    @property
    def refusal_pause(self) -> float:
        """The seconds that are left of the pause after a refusal of an own call."""
        return max(0.0, self._refusal_pause_end - _now())

    def _grant(self) -> None:
        while self._requests and self.in_flight < self.limit:
            free = self.free
            if not free:
                self._grant_after(max(_MIN_DELAY, self.delay))
                return
            *_, slots, future = heapq.heappop(self._requests)
            if future.done():
                continue
            # An equal share for each of the runners that wait.
            granted = min(slots, max(1, free // (len(self._requests) + 1)))
            self.in_flight += granted
            self._not_started += granted
            future.set_result(granted)

    def _grant_after(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._grant)


def _now() -> float:
    return asyncio.get_running_loop().time()
