"""Stub servers on loopback that send exactly the bytes of a test, including what no correct server sends."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class ConnectionFault(Enum):
    """What a server can do instead of sending bytes."""

    HANG = "send nothing more and keep the connection open"
    RESET = "reset the connection"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Send *data* every *interval* seconds until the client closes the connection."""

    data: bytes
    interval: float


Step = bytes | ConnectionFault | Repeat
StubResponse = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def http_response(body: object = b"", status: int = 200, **headers: str) -> StubResponse:
    """Build a complete HTTP response; *body* is sent as JSON unless it is bytes or text.

    `_` in the name of a header stands for `-`.
    """
    content_type = "text/html" if isinstance(body, str | bytes) else "application/json"
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    content = text.encode() if isinstance(text, str) else text
    fields = {"content-type": content_type, "content-length": str(len(content)), "connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return (f"HTTP/1.1 {status} {_phrase(status)}\r\n{head}\r\n".encode() + content,)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def event_stream(*data: object, done: bool = True) -> StubResponse:
    """Build an event stream that ends when the connection closes.

    Text is sent unchanged; any other item becomes an event with JSON data.
    """
    texts = [item if isinstance(item, str) else f"data: {json.dumps(item)}\n\n" for item in data]
    body = "".join(texts) + ("data: [DONE]\n\n" if done else "")
    head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return (head.encode(), body.encode())


def chunk(text: str | None = None, finish_reason: str | None = None, **more: object) -> dict[str, Any]:
    """Build a chunk of a streamed chat completion."""
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish_reason}
    fields = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "stub-model"}
    return {**fields, "choices": [choice], **more}


MODELS = {
    "object": "list",
    "data": [{"id": "stub-model", "object": "model", "created": 1, "owned_by": "tests"}],
}
COMPLETION: dict[str, Any] = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "stub-model",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}

RequestHandler = Callable[[ReceivedRequest], StubResponse]


@dataclass(slots=True)
class StubServer:
    """A running server: its address and the requests that it received."""

    port: int = 0
    requests: list[ReceivedRequest] = field(default_factory=list)
    request_received: asyncio.Event = field(default_factory=asyncio.Event)
    closed_by_client: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"


def in_sequence(*responses: StubResponse) -> RequestHandler:
    """Send each response once, then repeat the last one."""
    remaining = list(responses)
    return lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0]


def by_path(responses: Mapping[str, StubResponse | RequestHandler]) -> RequestHandler:
    """Choose the response by the path of the request; the API's 404 for any other path."""
    missing = http_response(
        {"error": {"message": "no such route", "type": "x", "param": None, "code": None}}, 404
    )

    def handle(request: ReceivedRequest) -> StubResponse:
        response = responses.get(request.path.partition("?")[0], missing)
        return response(request) if callable(response) else response

    return handle


def free_port() -> int:
    """Return a port that nobody uses, outside the range of which the system makes those of connections.

    So a server can be started on it later, or again.
    """
    for port in random.sample(range(20_000, 30_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no free port")


@contextmanager
def slow_model_server(model: str) -> Iterator[tuple[str, Event]]:
    """Serve a list of one *model* while an event is set; yields the base URL and the event."""
    may_respond = Event()
    body = json.dumps({"object": "list", "data": [{"id": model, "object": "model"}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            may_respond.wait()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):  # the client may have given up
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1", may_respond
        finally:
            may_respond.set()
            server.shutdown()
            thread.join()


@asynccontextmanager
async def stub_server(handler: RequestHandler | StubResponse, port: int = 0) -> AsyncIterator[StubServer]:
    """Serve the responses of *handler* on loopback, in the running loop, until the block ends."""
    stub = StubServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await _serve(reader, writer, handler, stub)
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    stub.port = server.sockets[0].getsockname()[1]
    try:
        yield stub
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    handler: RequestHandler | StubResponse,
    stub: StubServer,
) -> None:
    try:
        request = await _read(reader)
        stub.requests.append(request)
        stub.request_received.set()
        for step in handler(request) if callable(handler) else handler:
            await _perform(step, reader, writer, stub)
    except _NotHttp:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    except (ConnectionError, asyncio.IncompleteReadError):
        stub.closed_by_client.set()
    except asyncio.CancelledError:
        pass  # the test has ended; asyncio would log the cancellation as an error of the server
    finally:
        writer.close()


_TLS_HANDSHAKE = b"\x16"


class _NotHttp(Exception):
    """A client connected with TLS."""


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


async def _perform(
    step: Step,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    stub: StubServer,
) -> None:
    if step is ConnectionFault.RESET:
        writer.transport.abort()
    elif step is ConnectionFault.HANG:
        await reader.read()
        stub.closed_by_client.set()
    elif isinstance(step, Repeat):
        while not await _is_closed(reader, step.interval):
            writer.write(step.data)
            await writer.drain()
        stub.closed_by_client.set()
    else:
        writer.write(step)
        await writer.drain()


async def _is_closed(reader: asyncio.StreamReader, seconds: float) -> bool:
    """Wait until the client closes the connection, for *seconds* at most."""
    try:
        return not await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return False


def sends_at_once(transport: asyncio.BaseTransport) -> bool:
    """Return whether the connection of *transport* has the option TCP_NODELAY.

    Without it, a response on a kept-alive connection waits for a delayed acknowledgement, which takes 40 ms.
    """
    connection = transport.get_extra_info("socket")
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
