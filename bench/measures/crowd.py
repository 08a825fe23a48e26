"""Many sessions that ask at the same moment."""

import time
from contextlib import ExitStack

from bench.browser import ReplyTiming
from bench.contenders import RunningApp
from bench.load import Load
from bench.report import MeasureResult, comparison_row, median_or_inf
from bench.stage import Harness

_LOAD = Load(300, gap=10)
_PATIENCE = 120


def five_sessions(stage: Harness, runs: int) -> MeasureResult:
    """Five sessions; each time gives five samples, so fewer times do."""
    return _measure(stage, 5, (runs + 1) // 2, (0.3, 0.1))


def twenty_sessions(stage: Harness, runs: int) -> MeasureResult:
    """Twenty, which takes long to set up."""
    return _measure(stage, 20, max(1, runs // 3), (0.6, 0.3))


def _measure(stage: Harness, sessions: int, runs: int, goals: tuple[float, float]) -> MeasureResult:
    ours: list[ReplyTiming] = []
    theirs: list[ReplyTiming] = []
    for _ in range(runs):
        ours += _together(stage, stage.playground, sessions)
        theirs += _together(stage, stage.tutorial, sessions)
    overheads = [median_or_inf(_overhead(s) for s in samples) for samples in (ours, theirs)]
    what = "overhead of the median reply"
    row = comparison_row(what, f"{sessions} sessions, {_LOAD}", overheads[0], overheads[1], goals)
    return MeasureResult([row], [*ours, *theirs])


def _overhead(seen: ReplyTiming) -> float:
    """What the reply took beyond the server's own time; one that never ended took all our patience."""
    return (_PATIENCE * 1000 if seen.last is None else seen.last_token_ms) - _LOAD.server_ms


def _together(stage: Harness, app: RunningApp, sessions: int) -> list[ReplyTiming]:
    with ExitStack() as stack:
        tabs = [stack.enter_context(stage.chromium.tab(app, settle=0)) for _ in range(sessions)]
        time.sleep(2)
        load = stage.set_load(_LOAD)
        at = time.time() + 0.5 + 0.1 * sessions
        for tab in tabs:
            tab.send(load, at=at)
        return [tab.result(_PATIENCE) for tab in tabs]
