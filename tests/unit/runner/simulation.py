"""Calls to simulated servers, on an event loop whose clock jumps to the next timer."""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol, TypeVar

from core.errors.response import ErrorResponse
from core.runner.limiter import AdaptiveLimiter
from core.sandbox.api.errors import ApiError
from core.sandbox.simulation.rate_limits import RateLimiter, RateLimits

T = TypeVar("T")

_RETRY_PRIORITY = 1


class _JumpingSelector(selectors.DefaultSelector):
    """Advances *now* by the time that it should wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _JumpingSelector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run_simulated(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* without waiting: a sleep takes no time."""
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        return runner.run(main)


class Refused(Exception):
    """What a server answers instead of a reply."""

    def __init__(self, error: ErrorResponse) -> None:
        super().__init__(error.status)
        self.error = error


class Server(Protocol):
    async def reply(self) -> Mapping[str, str]:
        """Return the headers of the reply at its end. Raises Refused."""


@dataclass
class FullServer:
    """Computes *capacity* replies of about *seconds* at once, and refuses others with 503."""

    capacity: int
    seconds: float = 1.0
    active: int = 0
    random: Random = field(default_factory=lambda: Random(7))

    async def reply(self) -> Mapping[str, str]:
        if self.active >= self.capacity:
            raise Refused(ErrorResponse(status=503, headers={"retry-after": "1"}))
        self.active += 1
        await asyncio.sleep(self.seconds * self.random.uniform(0.5, 1.5))
        self.active -= 1
        return {}


class RateLimitedServer:
    """Has the rate limits of the sandbox, and refuses with 429 what exceeds them."""

    def __init__(self, limits: RateLimits, seconds: float = 1.0, tokens: int = 1) -> None:
        self._limits, self._seconds, self._tokens = limits, seconds, tokens
        self._limiter = RateLimiter(lambda: asyncio.get_running_loop().time())
        self._random = Random(7)

    async def reply(self) -> Mapping[str, str]:
        await asyncio.sleep(self._random.uniform(0.001, 0.02))  # on its way
        try:
            headers = self._limiter.admit("client", "model", self._tokens, self._limits)
        except ApiError as error:
            response = error.to_response()
            raise Refused(ErrorResponse(status=429, headers=dict(response.headers))) from None
        await asyncio.sleep(self._seconds * self._random.uniform(0.5, 1.5))
        return headers


@dataclass
class Load:
    """Makes *calls* calls, as many at once as *limiter* grants up to *maximum*, and repeats refused ones."""

    limiter: AdaptiveLimiter
    server: Server
    maximum: int = 200
    tokens: int = 0
    refusals: list[float] = field(default_factory=list)
    most_retries: int = 0
    limits: list[int] = field(default_factory=list)

    async def run(self, calls: int) -> float:
        """Return the seconds that they took."""
        started = asyncio.get_running_loop().time()
        under_way: set[asyncio.Task[None]] = set()
        while calls:
            if len(under_way) < self.maximum:
                slots = await self.limiter.request(min(calls, self.maximum - len(under_way)))
                under_way |= {asyncio.create_task(self._call()) for _ in range(slots)}
                calls -= slots
            else:
                _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            under_way = {task for task in under_way if not task.done()}
        await asyncio.gather(*under_way)
        return asyncio.get_running_loop().time() - started

    async def _call(self) -> None:
        start, retries = self.limiter.start(), 0
        while True:
            try:
                headers = await self.server.reply()
            except Refused as refused:
                self.limiter.failed(start, refused.error)
                self.limiter.release()
                self.refusals.append(asyncio.get_running_loop().time())
                self.most_retries = max(self.most_retries, retries := retries + 1)
                await asyncio.sleep(refused.error.retry_after or 0.5 * 2**retries)
                start = await self.limiter.acquire(_RETRY_PRIORITY)
            else:
                self.limiter.succeeded(start, headers)
                self.limiter.release()
                self.limiter.record_tokens(self.tokens)
                self.limits.append(self.limiter.limit)
                return
