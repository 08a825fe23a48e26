"""The number of bytes that an app sends to the browser for one reply."""

from bench.apps import RunningApp
from bench.harness import Harness
from bench.load import Load
from bench.report import MeasureResult, ResultRow, ratio

_LOAD = Load(2_000, gap=5)


def measure(harness: Harness, _runs: int) -> MeasureResult:
    # Once for each app, because the number hardly varies.
    playground = _received_bytes(harness, harness.playground)
    tutorial = _received_bytes(harness, harness.tutorial)
    row = ResultRow(
        "bytes to the browser",
        str(_LOAD),
        ratio(playground, tutorial),
        limit=0.05,
        target=0.01,
        playground=f"{playground / 1000:,.0f} kB",
        tutorial=f"{tutorial / 1000:,.0f} kB",
    )
    return MeasureResult([row])


def _received_bytes(harness: Harness, app: RunningApp) -> float:
    with harness.chromium.tab(app) as tab:
        traffic = tab.count_traffic()
        harness.ask(tab, _LOAD)
        return traffic.received
