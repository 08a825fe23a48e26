"""The speed of the sandbox, and how exactly it follows its schedule: `python -m bench.sandbox_latency`."""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from dataclasses import dataclass

from core.sandbox.server import SandboxServer

_MIN_CHUNKS = 5_000
_MAX_DELAY = 0.10


@dataclass(frozen=True, slots=True)
class ClientLoad:
    """*clients* at the same time, each with a reply of *tokens* with *latency*."""

    clients: int
    tokens: int
    latency: str


@dataclass(frozen=True, slots=True)
class StreamTiming:
    """One reply: its chunks, and the seconds from the request to the first and the last of them."""

    chunks: int
    first: float
    last: float


async def _read(port: int, key: str, load: ClientLoad) -> StreamTiming:
    # A plain socket, so that the client needs little CPU time.
    question = [{"role": "user", "content": f"write {load.tokens} tokens"}]
    body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": question})
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"x-sandbox-latency: {load.latency}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.perf_counter()
    writer.write((head + body).encode())
    chunks, first, last = 0, 0.0, 0.0
    while data := await reader.read(1 << 16):
        count = data.count(b'"delta":{"content":')
        if count:
            last = time.perf_counter() - started
            first = first or last
            chunks += count
    writer.close()
    return StreamTiming(chunks, first, last)


def _read_all(port: int, key: str, load: ClientLoad) -> list[StreamTiming]:
    async def gather() -> list[StreamTiming]:
        return await asyncio.gather(*(_read(port, key, load) for _ in range(load.clients)))

    return asyncio.run(gather())


def _measure(server: SandboxServer, load: ClientLoad, runs: int) -> list[list[StreamTiming]]:
    # In another process, so that the clients do not share the interpreter lock of the server.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return [pool.apply(_read_all, (server.port, server.key, load)) for _ in range(runs)]


def _report_speed(runs: list[list[StreamTiming]]) -> None:
    speeds = [stream.chunks / stream.last for streams in runs for stream in streams]
    print(
        f"no delay, 1 client: {statistics.median(speeds):,.0f} chunks/s (limit: {_MIN_CHUNKS:,}; runs: "
        f"{', '.join(f'{speed:,.0f}' for speed in speeds)})"
    )


def _report_schedule(runs: list[list[StreamTiming]], load: ClientLoad, tps: float) -> None:
    expected = load.tokens / tps
    delays = [stream.last / expected - 1 for streams in runs for stream in streams]
    complete = all(stream.chunks >= load.tokens * 0.95 for streams in runs for stream in streams)
    print(
        f"{tps:g} tokens/s, {load.clients} clients: last token {statistics.median(delays):+.1%} (median), "
        f"{max(delays):+.1%} (worst) against its schedule (limit: <= {_MAX_DELAY:+.0%}); "
        f"all replies complete: {complete}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=8, help="length of a reply on schedule")
    options = parser.parse_args()
    with SandboxServer() as server:
        _measure(server, ClientLoad(1, 100, "instant"), 1)
        _report_speed(_measure(server, ClientLoad(1, 8_000, "instant"), options.runs))
        scheduled = ClientLoad(options.clients, 500 * options.seconds, "tps=500")
        _report_schedule(_measure(server, scheduled, options.runs), scheduled, 500)


if __name__ == "__main__":
    main()
