"""Run the sandbox alone, to test OpenAI clients: `python -m core.sandbox`."""

import argparse
import contextlib
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from core.sandbox.api.errors import ApiError
from core.sandbox.batches.options import OUTCOMES
from core.sandbox.server import SandboxServer
from core.sandbox.simulation.latency import PRESETS

_INSTRUCTIONS = """\
The sandbox is running at {url}. Press Ctrl+C to stop it.

  curl {url}/chat/completions -H 'Authorization: Bearer {key}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"model": "gpt-4o-mini", "messages": [{{"role": "user", "content": "Hello"}}]}}'

  from openai import OpenAI
  client = OpenAI(base_url="{url}", api_key="{key}")

Request headers:
  x-sandbox-latency: {presets} or ttft=0.2,tps=100,jitter=0.3
  x-sandbox-fault: 429*2, stall, truncate=10 ...  (GET {root}/sandbox/faults lists them)
  x-sandbox-batch-speed: 10, x-sandbox-batch-outcome: {outcomes}
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m core.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8123, help="0: any free port (default: %(default)s)")
    parser.add_argument("--key", help="the API key to accept (default: a random one)")
    parser.add_argument(
        "--latency", default="fast", help="a preset or ttft=..,tps=..,jitter=.. (default: %(default)s)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another seed gives other wordings (default: %(default)s)"
    )
    parser.add_argument(
        "--directory", type=Path, help="where files and batches are stored (default: deleted at the end)"
    )
    options = parser.parse_args(arguments)
    try:
        server = SandboxServer(
            options.port, options.key, options.latency, options.seed, directory=options.directory
        )
    except (OSError, ApiError) as error:
        raise SystemExit(f"The sandbox cannot start: {error}") from error
    # Both raise KeyboardInterrupt, also where SIGINT is ignored at first, as in a background job of a shell.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), server:
        root = server.url.removesuffix("/v1")
        presets, outcomes = " | ".join(PRESETS), " | ".join(filter(None, OUTCOMES))
        # Flushed, because a process that started the sandbox may be waiting for this output.
        values = {"url": server.url, "key": server.key, "root": root, "presets": presets}
        print(_INSTRUCTIONS.format(**values, outcomes=outcomes), flush=True)
        threading.Event().wait()
    print("Stopped.")


if __name__ == "__main__":
    main()
