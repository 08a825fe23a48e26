"""A clock for the tests of logs and jobs."""

import asyncio


class FakeClock:
    """Seconds that pass only when a test adds them to `now`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, _seconds: float) -> None:
        """Return at once, after other tasks had a turn."""
        await asyncio.sleep(0)

    async def run_sleepers(self) -> None:
        """Let every task that sleeps by this clock continue a few times."""
        for _ in range(20):
            await asyncio.sleep(0)
