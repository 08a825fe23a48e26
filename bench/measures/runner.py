"""A thousand requests at once through the runner, everything saved, beside the SDK alone."""

from concurrent.futures import ThreadPoolExecutor

from bench.harness import Harness
from bench.report import MeasureResult, ResultRow
from bench.runner import MIN_RATIO, interleaved_rates, median_rate

_REQUESTS = 1_000


def measure(_harness: Harness, runs: int) -> MeasureResult:
    """The time of a job beside that of `gather` with a semaphore, at two numbers of calls at once."""
    rows, samples = [], []
    for concurrency in (50, 200):
        # In a thread, because the loop of the browser runs in this one.
        with ThreadPoolExecutor(1) as thread:
            rates = thread.submit(interleaved_rates, _REQUESTS, concurrency, runs).result()
        sdk, runner = (median_rate(rates[name]) for name in ("SDK alone", "runner"))
        rows.append(
            ResultRow(
                "time of many requests",
                f"{_REQUESTS:,} requests, {concurrency} at once",
                sdk / runner,
                limit=1 / MIN_RATIO,
                target=1.0,
                playground=f"{runner:,.0f} per second",
                floor=f"{sdk:,.0f} per second",
            )
        )
        samples.append(rates)
    return MeasureResult(rows, samples)
