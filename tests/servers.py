"""Small local servers that answer, to the byte, as told: for whatever no well-behaved server would send."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any


class ConnectionFault(Enum):
    """What a server can do besides sending bytes."""

    HANG = "say nothing more and keep the connection open"
    RESET = "tear the connection down"


StubResponse = tuple[bytes | ConnectionFault, ...]


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def http_response(body: object = b"", status: int = 200, **headers: str) -> StubResponse:
    """Build a whole HTTP reply; anything but bytes and text goes as JSON; `_` in header names means `-`."""
    content = (
        body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    )
    kind = "application/json" if not isinstance(body, str | bytes) else "text/html"
    lines = {"content-type": kind, "content-length": str(len(content)), "connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return (f"HTTP/1.1 {status} {_phrase(status)}\r\n{head}\r\n".encode() + content,)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def event_stream(*data: object, done: bool = True) -> StubResponse:
    """Build an event stream that ends when the connection closes; text goes as it is, the rest as JSON."""
    texts = [one if isinstance(one, str) else f"data: {json.dumps(one)}\n\n" for one in data]
    body = "".join(texts) + ("data: [DONE]\n\n" if done else "")
    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return (head.encode(), body.encode())


def chunk(text: str | None = None, finish_reason: str | None = None, **more: object) -> dict[str, Any]:
    """Build a chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish_reason}
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "quirk"}
    return {**head, "choices": [choice], **more}


MODELS = {"object": "list", "data": [{"id": "quirk", "object": "model", "created": 1, "owned_by": "tests"}]}
COMPLETION: dict[str, Any] = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "quirk",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}

RequestHandler = Callable[[ReceivedRequest], StubResponse]


@dataclass(slots=True)
class StubServer:
    """What a test sees of its server: the address and what was asked."""

    port: int = 0
    requests: list[ReceivedRequest] = field(default_factory=list)
    closed_by_client: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"


def in_sequence(*answers: StubResponse) -> RequestHandler:
    """Give each answer once, and the last one ever after."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def by_path(answers: Mapping[str, StubResponse | RequestHandler]) -> RequestHandler:
    """Answer by path, and everything else with the API's 404."""
    missing = http_response(
        {"error": {"message": "no such route", "type": "x", "param": None, "code": None}}, 404
    )

    def script(request: ReceivedRequest) -> StubResponse:
        found = answers.get(request.path.partition("?")[0], missing)
        return found(request) if callable(found) else found

    return script


@asynccontextmanager
async def stub_server(script: RequestHandler | StubResponse, port: int = 0) -> AsyncIterator[StubServer]:
    """Serve *script* on loopback, in the running loop, until the block ends."""
    seen = StubServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await _serve(reader, writer, script, seen)
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    script: RequestHandler | StubResponse,
    seen: StubServer,
) -> None:
    try:
        request = await _read(reader)
        seen.requests.append(request)
        for step in script(request) if callable(script) else script:
            await _take(step, reader, writer, seen)
    except _NotHttp:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    except (ConnectionError, asyncio.IncompleteReadError):
        seen.closed_by_client.set()
    except asyncio.CancelledError:
        pass  # the end of the test; asyncio would log it as an error of the server's
    finally:
        writer.close()


_TLS_HANDSHAKE = b"\x16"


class _NotHttp(Exception):
    """Somebody speaks https to this port."""


async def _read(reader: asyncio.StreamReader) -> ReceivedRequest:
    if (first := await reader.readexactly(1)) == _TLS_HANDSHAKE:
        raise _NotHttp
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    pairs = (line.partition(":")[::2] for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, value in pairs}
    return ReceivedRequest(
        method, path, headers, await reader.readexactly(int(headers.get("content-length", 0)))
    )


async def _take(
    step: bytes | ConnectionFault,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    seen: StubServer,
) -> None:
    if step is ConnectionFault.RESET:
        writer.transport.abort()
    elif step is ConnectionFault.HANG:
        await reader.read()
        seen.closed_by_client.set()
    elif isinstance(step, bytes):
        writer.write(step)
        await writer.drain()
