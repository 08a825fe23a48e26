"""How much an app sends to the browser for one reply."""

from bench.contenders import App
from bench.load import Load
from bench.report import Outcome, Row, ratio
from bench.stage import Stage

_LOAD = Load(2_000, gap=5)


def measure(stage: Stage, _runs: int) -> Outcome:
    """Once each: bytes hardly vary."""
    ours, theirs = _bytes(stage, stage.playground), _bytes(stage, stage.tutorial)
    row = Row(
        "bytes to the browser",
        str(_LOAD),
        ratio(ours, theirs),
        must=0.05,
        aim=0.01,
        playground=f"{ours / 1000:,.0f} kB",
        tutorial=f"{theirs / 1000:,.0f} kB",
    )
    return Outcome([row])


def _bytes(stage: Stage, app: App) -> float:
    with stage.chromium.tab(app) as tab:
        traffic = tab.count_traffic()
        stage.ask(tab, _LOAD)
        return traffic.received
