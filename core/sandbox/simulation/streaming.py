"""Sending a reply at its pace, until it is done or the client goes away."""

import asyncio
from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.sandbox.simulation.auth_middleware import RequestContext
from core.sandbox.simulation.latency import ScheduledBytes, iterate_on_schedule

_LINGER = 0.05
"""Seconds for a client to read what it was sent: a reset throws away what is still on the way."""


class ScheduledResponse(Response):
    """A response whose *steps* are sent when due; *eager* sends the headers at once, as a stream does."""

    def __init__(
        self,
        steps: Iterable[ScheduledBytes],
        exchange: RequestContext,
        media_type: str,
        immediate_headers: bool,
    ) -> None:
        super().__init__(media_type=media_type)
        if "content-length" in self.headers:
            del self.headers["content-length"]
        self._steps = steps
        self._exchange = exchange
        self._eager = immediate_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send_all(scope, send))
        leaving = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            self._exchange.log_entry.disconnected = not sending.done()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            sending.result()

    async def _send_all(self, scope: Scope, send: Send) -> None:
        begun = self._eager
        if begun:
            await self._begin(send)
        async for body in iterate_on_schedule(self._steps, self._exchange.started):
            if not begun:
                await self._begin(send)
                begun = True
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.sleep(0)
        fault = self._exchange.fault
        if fault is not None and fault.fault_type.name == "disconnect" and "reset" in scope:
            await asyncio.sleep(_LINGER)
            scope["reset"]()
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
