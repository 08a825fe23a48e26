"""The throughput of the runner, saving included, beside the SDK alone: `python -m bench.runner`.

The sandbox answers at most 100 requests at once, and others with 503: both repeat those after a second, and
the runner makes fewer calls at once from then on.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop
from openai import AsyncOpenAI, DefaultAioHttpClient
from pydantic import SecretStr

from bench.apps import ROOT
from bench.processes import clean_environment, free_port, is_listening, run_process, wait_until
from core.calls import CallService
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.completions.call import ChatCompletionCall
from core.runner.options import RunnerOptions
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import WorkItem, WorkJob, WorkRequest
from core.runs.jobs import Jobs
from core.storage.store import Store

_MODEL = "gpt-4o-mini"
_KEY = "sk-bench"
_SDK_RETRIES = 20
MIN_RATIO = 0.8


@contextmanager
def instant_sandbox() -> Iterator[str]:
    """Run the sandbox without latency in a process of its own, and yield its base URL."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "core.sandbox",
        "--port",
        str(port),
        "--key",
        _KEY,
        "--latency",
        "instant",
    ]
    with run_process(command, clean_environment(), ROOT):
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}/v1"


def _params(number: int) -> dict[str, Any]:
    return {"model": _MODEL, "messages": [{"role": "user", "content": f"Say only the number {number}."}]}


async def _sdk_alone(base_url: str, requests: int, concurrency: int) -> float:
    """Return requests per second of `gather` with a semaphore."""
    client = AsyncOpenAI(base_url=base_url, api_key=_KEY, max_retries=_SDK_RETRIES)
    return await _gather(client, requests, concurrency)


async def _sdk_with_aiohttp(base_url: str, requests: int, concurrency: int) -> float:
    """Do the same with the SDK's optional transport."""
    http_client = DefaultAioHttpClient()
    client = AsyncOpenAI(base_url=base_url, api_key=_KEY, max_retries=_SDK_RETRIES, http_client=http_client)
    return await _gather(client, requests, concurrency)


async def _gather(client: AsyncOpenAI, requests: int, concurrency: int) -> float:
    semaphore = asyncio.Semaphore(concurrency)
    async with client:

        async def call(number: int) -> None:
            async with semaphore:
                await client.chat.completions.create(**_params(number))

        await call(0)
        started = time.perf_counter()
        await asyncio.gather(*(call(number) for number in range(requests)))
        return requests / (time.perf_counter() - started)


async def _runner(base_url: str, requests: int, concurrency: int) -> float:
    """Return requests per second of a job, from saving its items until all results are saved."""
    profile = Profile(
        id="bench", name="Benchmark", kind="custom", base_url=base_url, api_key=SecretStr(_KEY), max_retries=0
    )
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(directory=Path(folder))
        calls = CallService(Jobs(), lambda: store, "local", "bench", lambda _run: None)
        # Like the SDK alone, it has made its first call before.
        await _run_job(store, calls, profile, 1, 1)
        started = time.perf_counter()
        await _run_job(store, calls, profile, requests, concurrency)
        seconds = time.perf_counter() - started
        await close_http_clients()
        store.close()
    return requests / seconds


async def _run_job(
    store: Store, calls: CallService, profile: Profile, requests: int, concurrency: int
) -> None:
    job = WorkJob("bench", profile.id, profile.base_url, _MODEL)
    items = (WorkItem(str(number), {"number": number}) for number in range(requests))
    queue = await asyncio.to_thread(JobRepository(store, calls.owner).create, job, items)

    def prepare(item: WorkItem) -> WorkRequest:
        return WorkRequest(_params(item.data["number"]), ChatCompletionCall())

    runner = await Runners().start(
        job, calls, profile, prepare, options=RunnerOptions(max_concurrency=concurrency)
    )
    await runner.wait()
    done = queue.progress().done
    assert done == requests, (done, runner.error)


Measure = Callable[[str, int, int], Coroutine[Any, Any, float]]
Rate = tuple[float, float]  # requests per second, and milliseconds of processor time for each

MEASURES: dict[str, Measure] = {
    "SDK alone": _sdk_alone,
    "SDK with aiohttp": _sdk_with_aiohttp,
    "runner": _runner,
}


def _run(measure: Measure, base_url: str, requests: int, concurrency: int) -> Rate:
    """Run *measure* on the event loop that the app uses."""
    started = time.process_time()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate = runner.run(measure(base_url, requests, concurrency))
    return rate, (time.process_time() - started) / requests * 1000


def interleaved_rates(requests: int, concurrency: int, runs: int) -> dict[str, list[Rate]]:
    """Measure all in turn, as the machine may be faster or slower later.

    Each time with a new sandbox: one reports how much of its 10,000 requests a minute is left, and the runner
    obeys that, which the SDK does not.
    """
    rates: dict[str, list[Rate]] = {name: [] for name in MEASURES}
    for _ in range(runs):
        with instant_sandbox() as base_url:
            for name, measure in MEASURES.items():
                rates[name].append(_run(measure, base_url, requests, concurrency))
    return rates


def median_rate(rates: Sequence[Rate]) -> float:
    """Return the median of the requests per second."""
    return statistics.median(rate for rate, _ in rates)


def _peak_megabytes(base_url: str, requests: int) -> float:
    tracemalloc.start()
    try:
        _run(_runner, base_url, requests, 50)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.runner", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (default 3)")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--memory", action="store_true", help="measure the peak memory of two job sizes, too")
    options = parser.parse_args()
    for concurrency in options.concurrency:
        rates = interleaved_rates(options.requests, concurrency, options.runs)
        print(f"{options.requests:,} requests, {concurrency} at once:")
        for name, measured in rates.items():
            figures = ", ".join(f"{rate:.0f} ({milliseconds:.2f} ms)" for rate, milliseconds in measured)
            print(f"  {name}: {figures} requests per second (processor time for each)")
        sdk, runner = (median_rate(rates[name]) for name in ("SDK alone", "runner"))
        print(f"  runner: {runner / sdk:.2f}x (at least {MIN_RATIO:g}x)", flush=True)
    if options.memory:
        with instant_sandbox() as base_url:
            for requests in (options.requests, 4 * options.requests):
                print(f"{requests:,} requests: peak {_peak_megabytes(base_url, requests):.1f} MB", flush=True)


if __name__ == "__main__":
    main()
