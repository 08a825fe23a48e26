"""Very long replies, and a browser that stands still: does all arrive, and does the page stay smooth?"""

import time

from bench.contenders import RunningApp
from bench.load import Load
from bench.processes import suspend
from bench.report import MeasureResult, ResultRow, median_or_inf
from bench.stage import Harness, Sample

_BURST = Load(8_000)
_PACED = Load(8_000, gap=5)
_FROZEN = Load(4_000, gap=5)
_FREEZE = 8.0
_PATIENCE = 30.0  # seconds beyond the server's own time


def burst(stage: Harness, runs: int) -> MeasureResult:
    """8,000 tokens at once; the tutorial has one try, for the record."""
    ours = [_ask(stage, stage.playground, _BURST) for _ in range(runs)]
    return _outcome(_BURST, ours, [_ask(stage, stage.tutorial, _BURST)])


def paced(stage: Harness, runs: int) -> MeasureResult:
    """8,000 tokens in forty seconds."""
    ours = [_ask(stage, stage.playground, _PACED) for _ in range(max(1, runs // 2))]
    return _outcome(_PACED, ours, [_ask(stage, stage.tutorial, _PACED)])


def frozen_browser(stage: Harness, runs: int) -> MeasureResult:
    """All of the browser stands still for eight seconds in the middle of a reply."""
    ours = [_thaw(stage, stage.playground) for _ in range(max(1, runs // 2))]
    theirs = [_thaw(stage, stage.tutorial)]
    return MeasureResult([_lost(f"{_FROZEN}, browser frozen {_FREEZE:g} s", ours, theirs)], [*ours, *theirs])


def _ask(stage: Harness, app: RunningApp, load: Load) -> Sample:
    with stage.chromium.tab(app) as tab:
        return stage.ask(tab, load, patience=load.server_ms / 1000 + _PATIENCE, frames=True)


def _thaw(stage: Harness, app: RunningApp) -> bool:
    with stage.chromium.tab(app) as tab:
        load = stage.set_load(_FROZEN)
        tab.send(load)
        time.sleep(load.server_ms / 3000)
        with suspend(stage.chromium.pid):
            time.sleep(_FREEZE)
        seen = tab.result(load.server_ms / 1000 + _PATIENCE)
        return seen.last is not None and tab.shows_reply(load)


def _outcome(load: Load, ours: list[Sample], theirs: list[Sample]) -> MeasureResult:
    gaps = [median_or_inf(s.timing.gap for s in samples) for samples in (ours, theirs)]
    smooth = ResultRow(
        "longest frame gap",
        str(load),
        gaps[0],
        must=250,
        aim=100,
        unit="ms",
        playground=f"{gaps[0]:.0f} ms",
        tutorial=f"{gaps[1]:.0f} ms",
    )
    rows = [_lost(str(load), [s.whole for s in ours], [s.whole for s in theirs]), smooth]
    return MeasureResult(rows, [*ours, *theirs])


def _lost(load: str, ours: list[bool], theirs: list[bool]) -> ResultRow:
    whole = [f"{sum(tries)} of {len(tries)} whole" for tries in (ours, theirs)]
    return ResultRow("replies not whole", load, ours.count(False), 0, 0, "lost", *whole)
