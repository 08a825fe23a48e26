"""One reply to a new visitor: how soon it begins and ends, and what it takes."""

from bench.load import Load
from bench.report import Outcome, Row, compared, middle, ms, ratio
from bench.stage import Sample, Stage

_REAL = Load(300, first=200, gap=10)
_PACED = Load(2_000, gap=5)
_BURST = Load(2_000)


def first_token(stage: Stage, runs: int) -> Outcome:
    """The first token of a real-shaped reply, over the bare SDK's."""
    floors, ours, theirs = _interleaved(stage, _REAL, runs)
    floor = middle(times["first"] for times in floors)
    mine, tutorials = (middle(s.seen.to_first for s in samples) for samples in (ours, theirs))
    row = Row(
        "first token, over the bare SDK's",
        str(_REAL),
        ratio(mine - floor, tutorials - floor),
        must=0.25,
        aim=0.1,
        playground=f"{ms(mine)} (+{mine - floor:.0f})",
        tutorial=f"{ms(tutorials)} (+{tutorials - floor:.0f})",
        floor=ms(floor),
    )
    return Outcome([row], [*floors, *ours, *theirs])


def paced(stage: Stage, runs: int) -> Outcome:
    """A long reply at a steady pace: how far behind the server it ends, and its CPU."""
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(stage.visit(stage.playground, _PACED))
        theirs.append(stage.visit(stage.tutorial, _PACED))
    load = str(_PACED)
    lags = [middle(s.lag for s in samples if s.lag is not None) for samples in (ours, theirs)]
    apps = [middle(s.app_cpu for s in samples) for samples in (ours, theirs)]
    browsers = [middle(s.browser_cpu for s in samples) for samples in (ours, theirs)]
    rows = [
        compared("lag of the last token behind the server", load, lags[0], lags[1], (0.35, 0.2)),
        compared("app CPU", load, apps[0], apps[1], (0.75, 0.4)),
        compared("browser CPU", load, browsers[0], browsers[1], (0.75, 0.6)),
    ]
    return Outcome(rows, [*ours, *theirs])


def burst(stage: Stage, runs: int) -> Outcome:
    """A long reply all at once: the time from sending to the last token."""
    floors, ours, theirs = _interleaved(stage, _BURST, runs)
    floor = middle(times["last"] for times in floors)
    mine, tutorials = (middle(s.seen.to_last for s in samples) for samples in (ours, theirs))
    load, what = str(_BURST), "send to last token"
    rows = [
        compared(what, load, mine, tutorials, (0.65, 0.2)),
        Row(
            f"{what}, to the bare SDK",
            load,
            ratio(mine, floor),
            1.2,
            1.2,
            playground=ms(mine),
            floor=ms(floor),
        ),
    ]
    return Outcome(rows, [*floors, *ours, *theirs])


def _interleaved(
    stage: Stage, load: Load, runs: int
) -> tuple[list[dict[str, float]], list[Sample], list[Sample]]:
    floors, ours, theirs = [], [], []
    for _ in range(runs):
        floors.append(stage.floor(load))
        ours.append(stage.visit(stage.playground, load))
        theirs.append(stage.visit(stage.tutorial, load))
    return floors, ours, theirs
