"""How much an app sends to the browser for one reply."""

from bench.contenders import RunningApp
from bench.load import Load
from bench.report import MeasureResult, ResultRow, ratio
from bench.stage import Harness

_LOAD = Load(2_000, gap=5)


def measure(stage: Harness, _runs: int) -> MeasureResult:
    """Once each: bytes hardly vary."""
    ours, theirs = _bytes(stage, stage.playground), _bytes(stage, stage.tutorial)
    row = ResultRow(
        "bytes to the browser",
        str(_LOAD),
        ratio(ours, theirs),
        must=0.05,
        aim=0.01,
        playground=f"{ours / 1000:,.0f} kB",
        tutorial=f"{theirs / 1000:,.0f} kB",
    )
    return MeasureResult([row])


def _bytes(stage: Harness, app: RunningApp) -> float:
    with stage.chromium.tab(app) as tab:
        traffic = tab.count_traffic()
        stage.ask(tab, _LOAD)
        return traffic.received
