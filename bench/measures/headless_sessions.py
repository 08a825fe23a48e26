"""Fifty sessions without a browser: Streamlit's WebSocket, then a message and its stream, all at once."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from bench.apps import RunningApp
from bench.harness import Harness
from bench.load import Load
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf

_SESSIONS = 50
_LOAD = Load(300, gap=10)
_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class _Reply:
    """Milliseconds from sending to the first text and to the last line, beyond the server's own time."""

    first: float
    whole: float


def measure(harness: Harness, runs: int) -> MeasureResult:
    """Measure the playground only: to send a message, the tutorial needs a browser."""
    replies: list[_Reply] = []
    for _ in range(max(1, runs // 2)):
        harness.set_load(_LOAD)
        # In a thread, because Playwright runs an event loop in this one.
        with ThreadPoolExecutor(1) as thread:
            replies += thread.submit(asyncio.run, _send_simultaneously(harness.playground)).result()
    load = f"{_SESSIONS} sessions without a browser, {_LOAD}"
    # Without the browsers on the same machine, this is the load on the server alone.
    rows = [
        _row("delay of the first token", load, [reply.first for reply in replies], (1_000, 500)),
        _row("overhead of the median reply", load, [reply.whole for reply in replies], (1_500, 750)),
    ]
    return MeasureResult(rows, replies)


def _row(metric: str, load: str, times: list[float], goals: tuple[float, float]) -> ResultRow:
    return ResultRow(metric, load, median_or_inf(times), *goals, unit="ms", playground=format_spread(times))


async def _send_simultaneously(app: RunningApp) -> list[_Reply]:
    limits = httpx2.Limits(max_connections=_SESSIONS)
    async with (
        AsyncExitStack() as stack,
        httpx2.AsyncClient(base_url=app.url, timeout=_TIMEOUT, limits=limits, trust_env=False) as client,
    ):
        sockets = [await stack.enter_async_context(_connect(app)) for _ in range(_SESSIONS)]
        sessions = [await _open_chat(app, socket) for socket in sockets]
        return await asyncio.gather(*(_send(client, session) for session in sessions))


def _connect(app: RunningApp) -> connect:
    url = f"{app.url.replace('http', 'ws', 1)}/_stcore/stream"
    # A proxy of the environment cannot reach this machine.
    return connect(url, origin=app.url, subprotocols=["streamlit"], max_size=None, proxy=None)  # type: ignore[arg-type, list-item]


async def _open_chat(app: RunningApp, socket: ClientConnection) -> dict[str, Any]:
    """Run the chat page, and return the data of its chat, with the session's token."""
    request = BackMsg()
    request.rerun_script.page_name = app.definition.page.strip("/")
    await socket.send(request.SerializeToString())
    async for raw in socket:
        message = ForwardMsg()
        message.ParseFromString(raw if isinstance(raw, bytes) else raw.encode())
        if message.delta.new_element.HasField("bidi_component"):
            session: dict[str, Any] = json.loads(message.delta.new_element.bidi_component.bytes)
            if "conversation" in session:  # the page also has the choice of a model
                return session
    raise ConnectionError("The app closed the WebSocket before it drew the chat.")


async def _send(client: httpx2.AsyncClient, session: dict[str, Any]) -> _Reply:
    body = {"key": session["token"], "action": "send", "text": "Hello", "images": []}
    headers = {"x-live-token": session["token"]}
    started = time.perf_counter()
    first: float | None = None
    content = {**body, "conversation": session["conversation"]}
    async with client.stream("POST", "/live/send", json=content, headers=headers) as response:
        async for line in response.aiter_lines():
            kind = json.loads(line)["t"]
            elapsed = (time.perf_counter() - started) * 1000
            if kind == "text" and first is None:
                first = elapsed - _LOAD.first
            if kind == "end":
                return _Reply(float("inf") if first is None else first, elapsed - _LOAD.server_ms)
    raise ConnectionError("The stream broke off before the end of the reply.")
