"""Responses that are sent on a schedule, until they are complete or the client disconnects."""

import asyncio
from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.sandbox.simulation.latency import ScheduledBytes, iterate_on_schedule
from core.sandbox.simulation.request_context import RequestContext

# A reset discards what is still on its way, so the client gets this many seconds to read it first.
_RESET_DELAY = 0.05


class ScheduledResponse(Response):
    """A response that sends each of its *parts* at its time.

    A stream has *immediate_headers*; another response sends its headers with the body.
    """

    def __init__(
        self,
        parts: Iterable[ScheduledBytes],
        context: RequestContext,
        media_type: str,
        immediate_headers: bool,
    ) -> None:
        super().__init__(media_type=media_type)
        if "content-length" in self.headers:
            del self.headers["content-length"]
        self._parts = parts
        self._context = context
        self._immediate_headers = immediate_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        send_task = asyncio.ensure_future(self._send_parts(scope, send))
        disconnect_task = asyncio.ensure_future(_wait_for_disconnect(receive))
        try:
            await asyncio.wait((send_task, disconnect_task), return_when=asyncio.FIRST_COMPLETED)
            self._context.log_entry.disconnected = not send_task.done()
        finally:
            send_task.cancel()
            disconnect_task.cancel()
            await asyncio.gather(send_task, disconnect_task, return_exceptions=True)
        # gather() has swallowed the exception of a failed task: result() raises it.
        if not send_task.cancelled():
            send_task.result()

    async def _send_parts(self, scope: Scope, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        started = self._immediate_headers
        if started:
            await send(start)
        async for part in iterate_on_schedule(self._parts, self._context.started):
            if not started:
                await send(start)
                started = True
            await send({"type": "http.response.body", "body": part, "more_body": True})
            # A stream without delay never waits otherwise, and would block other requests.
            await asyncio.sleep(0)
        fault = self._context.fault
        if fault is not None and fault.fault_type.name == "disconnect" and "reset" in scope:
            await asyncio.sleep(_RESET_DELAY)
            scope["reset"]()
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
