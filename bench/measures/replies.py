"""One reply to a new visitor: how soon it begins and ends, and what it takes."""

from bench.load import Load
from bench.report import MeasureResult, ResultRow, comparison_row, format_ms, median_or_inf, ratio
from bench.stage import Harness, Sample

_REAL = Load(300, first=200, gap=10)
_PACED = Load(2_000, gap=5)
_BURST = Load(2_000)


def first_token(stage: Harness, runs: int) -> MeasureResult:
    """The first token of a real-shaped reply, over the bare SDK's."""
    floors, ours, theirs = _interleaved(stage, _REAL, runs)
    floor = median_or_inf(times["first"] for times in floors)
    mine, tutorials = (median_or_inf(s.timing.first_token_ms for s in samples) for samples in (ours, theirs))
    row = ResultRow(
        "first token, over the bare SDK's",
        str(_REAL),
        ratio(mine - floor, tutorials - floor),
        must=0.25,
        aim=0.1,
        playground=f"{format_ms(mine)} (+{mine - floor:.0f})",
        tutorial=f"{format_ms(tutorials)} (+{tutorials - floor:.0f})",
        floor=format_ms(floor),
    )
    return MeasureResult([row], [*floors, *ours, *theirs])


def paced(stage: Harness, runs: int) -> MeasureResult:
    """A long reply at a steady pace: how far behind the server it ends, and its CPU."""
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(stage.visit(stage.playground, _PACED))
        theirs.append(stage.visit(stage.tutorial, _PACED))
    load = str(_PACED)
    lags = [median_or_inf(s.lag for s in samples if s.lag is not None) for samples in (ours, theirs)]
    apps = [median_or_inf(s.app_cpu for s in samples) for samples in (ours, theirs)]
    browsers = [median_or_inf(s.browser_cpu for s in samples) for samples in (ours, theirs)]
    rows = [
        comparison_row("lag of the last token behind the server", load, lags[0], lags[1], (0.35, 0.2)),
        comparison_row("app CPU", load, apps[0], apps[1], (0.75, 0.4)),
        comparison_row("browser CPU", load, browsers[0], browsers[1], (0.75, 0.6)),
    ]
    return MeasureResult(rows, [*ours, *theirs])


def burst(stage: Harness, runs: int) -> MeasureResult:
    """A long reply all at once: the time from sending to the last token."""
    floors, ours, theirs = _interleaved(stage, _BURST, runs)
    floor = median_or_inf(times["last"] for times in floors)
    mine, tutorials = (median_or_inf(s.timing.last_token_ms for s in samples) for samples in (ours, theirs))
    load, what = str(_BURST), "send to last token"
    rows = [
        comparison_row(what, load, mine, tutorials, (0.65, 0.2)),
        ResultRow(
            f"{what}, to the bare SDK",
            load,
            ratio(mine, floor),
            1.2,
            1.2,
            playground=format_ms(mine),
            floor=format_ms(floor),
        ),
    ]
    return MeasureResult(rows, [*floors, *ours, *theirs])


def _interleaved(
    stage: Harness, load: Load, runs: int
) -> tuple[list[dict[str, float]], list[Sample], list[Sample]]:
    floors, ours, theirs = [], [], []
    for _ in range(runs):
        floors.append(stage.sdk_baseline(load))
        ours.append(stage.visit(stage.playground, load))
        theirs.append(stage.visit(stage.tutorial, load))
    return floors, ours, theirs
