"""The pause after a refusal, which the runners of all processes that use one model of a server observe."""

import asyncio
from contextlib import suppress

from core.runner.runner import Runner
from core.storage.shared_time import SharedTime
from core.storage.store import Store

_INTERVAL = 1.0


class SharedPause:
    """The pause of *model* at *base_url*."""

    def __init__(self, store: Store, base_url: str, model: str) -> None:
        self._end = SharedTime(store, base_url, model)

    def exchange(self, seconds: float) -> float:
        """Make the pause of all processes last at least *seconds* from now, and return how long it lasts."""
        shared = self._end.seconds_left()
        if seconds > shared:
            self._end.extend(seconds)
        return max(seconds, shared)


async def share_pause(runner: Runner, pause: SharedPause) -> None:
    """Exchange the pauses of *runner* with those of other processes every second, until it ends."""
    while runner.is_running:
        runner.limiter.pause(await asyncio.to_thread(pause.exchange, runner.limiter.refusal_pause))
        with suppress(TimeoutError):
            await asyncio.wait_for(runner.ended.wait(), _INTERVAL)
