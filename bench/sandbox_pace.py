"""How fast the sandbox streams, and whether it keeps its pace: `python -m bench.sandbox_pace`."""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from dataclasses import dataclass

from core.sandbox.server import SandboxServer

_MUST_CHUNKS = 5_000
_MUST_LAG = 0.10


@dataclass(frozen=True, slots=True)
class ClientLoad:
    """*clients* at once, each asking for *tokens* at *pace*."""

    clients: int
    tokens: int
    pace: str


@dataclass(frozen=True, slots=True)
class StreamTiming:
    """One reply as its reader saw it: chunks, and seconds from the request to the first and the last."""

    chunks: int
    first: float
    last: float


async def _read(port: int, key: str, load: ClientLoad) -> StreamTiming:
    """Ask by a bare socket, so that the reader costs little."""
    question = [{"role": "user", "content": f"write {load.tokens} tokens"}]
    body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": question})
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"x-sandbox-pace: {load.pace}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.perf_counter()
    writer.write((head + body).encode())
    chunks, first, last = 0, 0.0, 0.0
    while part := await reader.read(1 << 16):
        found = part.count(b'"delta":{"content":')
        if found:
            last = time.perf_counter() - started
            first = first or last
            chunks += found
    writer.close()
    return StreamTiming(chunks, first, last)


async def _read_all(port: int, key: str, load: ClientLoad) -> list[StreamTiming]:
    return await asyncio.gather(*(_read(port, key, load) for _ in range(load.clients)))


def _readers(port: int, key: str, load: ClientLoad) -> list[StreamTiming]:
    return asyncio.run(_read_all(port, key, load))


def _measure(server: SandboxServer, load: ClientLoad, runs: int) -> list[list[StreamTiming]]:
    """Read in another process, so that the readers do not slow the server down more than they must."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return [pool.apply(_readers, (server.port, server.key, load)) for _ in range(runs)]


def _report_speed(runs: list[list[StreamTiming]]) -> None:
    speeds = [stream.chunks / stream.last for streams in runs for stream in streams]
    print(
        f"no pace, 1 client: {statistics.median(speeds):,.0f} chunks/s (must: {_MUST_CHUNKS:,}; runs: "
        f"{', '.join(f'{speed:,.0f}' for speed in speeds)})"
    )


def _report_pace(runs: list[list[StreamTiming]], load: ClientLoad, tps: float) -> None:
    due = load.tokens / tps
    late = [stream.last / due - 1 for streams in runs for stream in streams]
    whole = all(stream.chunks >= load.tokens * 0.95 for streams in runs for stream in streams)
    print(
        f"{tps:g} tokens/s, {load.clients} clients: last token {statistics.median(late):+.1%} (median), "
        f"{max(late):+.1%} (worst) against its schedule (must: <= {_MUST_LAG:+.0%}); whole replies: {whole}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=8, help="length of a paced reply")
    options = parser.parse_args()
    with SandboxServer() as server:
        _measure(server, ClientLoad(1, 100, "instant"), 1)
        _report_speed(_measure(server, ClientLoad(1, 8_000, "instant"), options.runs))
        paced = ClientLoad(options.clients, 500 * options.seconds, "tps=500")
        _report_pace(_measure(server, paced, options.runs), paced, 500)


if __name__ == "__main__":
    main()
