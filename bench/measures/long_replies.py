"""Very long replies and a suspended browser: whether replies are complete, and the page stays responsive."""

import time

from bench.apps import RunningApp
from bench.harness import Harness, Sample
from bench.load import Load
from bench.processes import suspend
from bench.report import MeasureResult, ResultRow, medians

_BURST = Load(8_000)
_PACED = Load(8_000, gap=5)
_SUSPENDED = Load(4_000, gap=5)
_SUSPEND_SECONDS = 8.0
_TIMEOUT = 30.0  # seconds, in addition to the time of the server


def burst(harness: Harness, runs: int) -> MeasureResult:
    """8,000 tokens without delay. The tutorial has one run, for comparison."""
    playground = [_send(harness, harness.playground, _BURST) for _ in range(runs)]
    return _result(_BURST, playground, [_send(harness, harness.tutorial, _BURST)])


def paced(harness: Harness, runs: int) -> MeasureResult:
    """8,000 tokens in forty seconds."""
    playground = [_send(harness, harness.playground, _PACED) for _ in range(max(1, runs // 2))]
    return _result(_PACED, playground, [_send(harness, harness.tutorial, _PACED)])


def suspended_browser(harness: Harness, runs: int) -> MeasureResult:
    """The browser is suspended for eight seconds in the middle of a reply."""
    playground = [_is_complete_after_suspend(harness, harness.playground) for _ in range(max(1, runs // 2))]
    tutorial = [_is_complete_after_suspend(harness, harness.tutorial)]
    load = f"{_SUSPENDED}, browser suspended {_SUSPEND_SECONDS:g} s"
    return MeasureResult(
        [_incomplete_replies(load, playground, tutorial)],
        [*playground, *tutorial],
    )


def _send(harness: Harness, app: RunningApp, load: Load) -> Sample:
    with harness.chromium.tab(app) as tab:
        return harness.ask(tab, load, timeout=load.server_ms / 1000 + _TIMEOUT, frames=True)


def _is_complete_after_suspend(harness: Harness, app: RunningApp) -> bool:
    with harness.chromium.tab(app) as tab:
        load = harness.set_load(_SUSPENDED)
        tab.send(load)
        time.sleep(load.server_ms / 3000)
        with suspend(harness.chromium.pid):
            time.sleep(_SUSPEND_SECONDS)
        timing = tab.result(load.server_ms / 1000 + _TIMEOUT)
        return timing.last is not None and tab.shows_reply(load)


def _result(load: Load, playground: list[Sample], tutorial: list[Sample]) -> MeasureResult:
    playground_gap, tutorial_gap = medians(playground, tutorial, lambda sample: sample.timing.gap)
    frame_gap = ResultRow(
        "longest frame gap",
        str(load),
        playground_gap,
        limit=250,
        target=100,
        unit="ms",
        playground=f"{playground_gap:.0f} ms",
        tutorial=f"{tutorial_gap:.0f} ms",
    )
    rows = [
        _incomplete_replies(
            str(load), [sample.complete for sample in playground], [sample.complete for sample in tutorial]
        ),
        frame_gap,
    ]
    return MeasureResult(rows, [*playground, *tutorial])


def _incomplete_replies(load: str, playground: list[bool], tutorial: list[bool]) -> ResultRow:
    counts = [f"{sum(complete)} of {len(complete)} complete" for complete in (playground, tutorial)]
    return ResultRow("incomplete replies", load, playground.count(False), 0, 0, "replies", *counts)
