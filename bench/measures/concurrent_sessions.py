"""Several sessions that send a message at the same time."""

import time
from contextlib import ExitStack

from bench.apps import RunningApp
from bench.browser import ReplyTiming
from bench.harness import Harness
from bench.load import Load
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf, ratio

_LOAD = Load(300, gap=10)
_TIMEOUT = 120


def five_sessions(harness: Harness, runs: int) -> MeasureResult:
    # Each run has five samples, so fewer runs are enough.
    return _measure(harness, 5, (runs + 1) // 2, (0.3, 0.15))


def twenty_sessions(harness: Harness, runs: int) -> MeasureResult:
    # Fewer still, because opening twenty sessions takes long.
    return _measure(harness, 20, max(1, runs // 3), (0.6, 0.3))


def _measure(harness: Harness, sessions: int, runs: int, goals: tuple[float, float]) -> MeasureResult:
    playground: list[ReplyTiming] = []
    tutorial: list[ReplyTiming] = []
    for _ in range(runs):
        playground += _send_simultaneously(harness, harness.playground, sessions)
        tutorial += _send_simultaneously(harness, harness.tutorial, sessions)
    overheads = [[_overhead(timing) for timing in samples] for samples in (playground, tutorial)]
    row = ResultRow(
        "overhead of the median reply",
        f"{sessions} sessions, {_LOAD}",
        ratio(*map(median_or_inf, overheads)),
        *goals,
        playground=format_spread(overheads[0]),
        tutorial=format_spread(overheads[1]),
    )
    return MeasureResult([row], [*playground, *tutorial])


def _overhead(timing: ReplyTiming) -> float:
    """Return the time beyond that of the server, in ms. A reply that never ended counts as the timeout."""
    return (_TIMEOUT * 1000 if timing.last is None else timing.last_token_ms) - _LOAD.server_ms


def _send_simultaneously(harness: Harness, app: RunningApp, sessions: int) -> list[ReplyTiming]:
    with ExitStack() as stack:
        tabs = [stack.enter_context(harness.chromium.tab(app, settle=0)) for _ in range(sessions)]
        time.sleep(2)
        load = harness.set_load(_LOAD)
        send_time = time.time() + 0.5 + 0.1 * sessions
        for tab in tabs:
            tab.send(load, at=send_time)
        return [tab.result(_TIMEOUT) for tab in tabs]
