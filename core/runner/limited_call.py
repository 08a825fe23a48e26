"""A call that needs a slot of its model's limiter for each attempt."""

import asyncio
from typing import TYPE_CHECKING, Any

from core.calls import SentCall
from core.errors.response import parse_error
from core.runner.limiter import AdaptiveLimiter
from core.runs.log import RunLog
from core.runs.run import RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# Retries come before new calls.
_RETRY_PRIORITY = 1_000_000


class LimitedCall:
    """Sends *call* in a slot, which its caller has acquired for the first attempt."""

    def __init__(self, call: SentCall, limiter: AdaptiveLimiter) -> None:
        self._call = call
        self._limiter = limiter
        self._has_slot = True

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        if not self._has_slot:
            await self._limiter.acquire(_RETRY_PRIORITY)
            self._has_slot = True
        clock = asyncio.get_running_loop().time
        started, in_flight = clock(), self._limiter.in_flight
        try:
            await self._call.send(client, params, log)
        except Exception as error:
            self._limiter.failed(parse_error(error), started)
            raise
        else:
            self._limiter.succeeded(log.headers, clock() - started, in_flight)
        finally:
            self.release_slot()

    def result_fields(self) -> dict[str, Any]:
        return self._call.result_fields()

    def end_state(self, error: Exception | None) -> RunState:
        return self._call.end_state(error)

    def release_slot(self) -> None:
        """Release the slot of the call, unless that is done."""
        if self._has_slot:
            self._has_slot = False
            self._limiter.release()
