"""A minimal OpenAI server in a process of its own: it sends at exact times, and records when it sent."""

import argparse
import asyncio
import base64
import json
import time
from array import array
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from bench.load import Load
from bench.streamed_reply import MODEL, StreamedReply, completion_reply, response_reply

EMBEDDING_MODEL = "text-embedding-3-small"
_DIMENSIONS = 1536
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(slots=True)
class SentTimes:
    """When a reply was requested and its first and last token were sent, in seconds since the epoch."""

    path: str
    requested: float
    first: float = 0.0
    last: float = 0.0


class UpstreamServer:
    """Answers every request with the current load."""

    def __init__(self) -> None:
        self.set_load(Load(10))

    def set_load(self, load: Load) -> None:
        self.load = load
        self.replies = {"/chat/completions": completion_reply(load), "/responses": response_reply(load)}
        self.sent: list[SentTimes] = []

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._handle_connection, "127.0.0.1", port)
        await server.serve_forever()

    async def _handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read_request(reader):
                await self._handle_request(*request, writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            # A client that stops a reply closes its connection.
            return
        finally:
            writer.close()

    async def _handle_request(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        if reply := next((self.replies[end] for end in self.replies if path.endswith(end)), None):
            await self._stream_reply(path, reply, writer)
        elif path.endswith("/embeddings"):
            writer.write(_json_response(_embeddings(json.loads(body))))
        elif path == "/load":
            self.set_load(Load(**json.loads(body)))
            writer.write(_json_response({}))
        elif path == "/sent":
            writer.write(_json_response([asdict(sent) for sent in self.sent]))
        else:
            facts = {"object": "model", "created": 0, "owned_by": "bench"}
            models = [{"id": model, **facts} for model in (MODEL, EMBEDDING_MODEL)]
            writer.write(_json_response({"object": "list", "data": models}))

    async def _stream_reply(self, path: str, reply: StreamedReply, writer: asyncio.StreamWriter) -> None:
        sent, load = SentTimes(path, time.time()), self.load
        self.sent.append(sent)
        started = time.monotonic()
        writer.write(_HEAD + reply.lead)
        for number, chunk in enumerate(reply.chunks):
            if (wait := started + load.send_time(number) - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            sent.first = sent.first or time.time()
            writer.write(chunk)
            await writer.drain()
            if number == load.tokens - 1:
                sent.last = time.time()


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, bytes] | None:
    """Return path and body of the next request, None at the end of the connection."""
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    lines = head.decode("latin-1").split("\r\n")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    return lines[0].split(" ")[1], await reader.readexactly(int(fields.get("content-length", 0)))


def _embeddings(request: dict[str, Any]) -> dict[str, Any]:
    """Return a random vector of length 1 for each text, in base64."""
    random, scale = Random(0), _DIMENSIONS**-0.5
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(
                array("f", (random.gauss(0, scale) for _ in range(_DIMENSIONS))).tobytes()
            ).decode(),
        }
        for index in range(len(request["input"]))
    ]
    usage = {"prompt_tokens": 20, "total_tokens": 20}
    return {"object": "list", "model": request["model"], "data": data, "usage": usage}


def _json_response(content: Any) -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    asyncio.run(UpstreamServer().serve(parser.parse_args().port))
