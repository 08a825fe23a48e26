"""A call that needs a slot of its model's limiter for each attempt."""

from typing import TYPE_CHECKING, Any

from core.calls import SentCall
from core.errors.response import parse_error
from core.runner.limiter import AdaptiveLimiter
from core.runner.rate_limit_budget import CallStart
from core.runs.log import RunLog
from core.runs.run import RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# Retries come before new calls.
_RETRY_PRIORITY = 1_000_000


class LimitedCall:
    """Sends *call* in a slot, which its caller has been granted for the first attempt."""

    def __init__(self, call: SentCall, limiter: AdaptiveLimiter) -> None:
        self._call = call
        self._limiter = limiter
        self._start: CallStart | None = limiter.start()  # None without a slot

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        start = self._start or await self._limiter.acquire(_RETRY_PRIORITY)
        self._start = start
        try:
            await self._call.send(client, params, log)
        except Exception as error:
            self._limiter.failed(start, parse_error(error))
            raise
        else:
            self._limiter.succeeded(start, log.headers)
        finally:
            self.release_slot()

    def result_fields(self) -> dict[str, Any]:
        return self._call.result_fields()

    def end_state(self, error: Exception | None) -> RunState:
        return self._call.end_state(error)

    def release_slot(self) -> None:
        """Release the slot of the call, unless that is done."""
        if self._start:
            self._start = None
            self._limiter.release()
