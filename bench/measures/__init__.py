"""What is measured, a module for each load; `MEASURES` is all of them by name."""

from collections.abc import Callable

from bench.measures import bytes_sent, crowd, endurance, history, replies, start
from bench.report import MeasureResult
from bench.stage import Harness

Measure = Callable[[Harness, int], MeasureResult]

MEASURES: dict[str, Measure] = {
    "first_token": replies.first_token,
    "paced": replies.paced,
    "burst": replies.burst,
    "bytes": bytes_sent.measure,
    "history": history.measure,
    "sessions_5": crowd.five_sessions,
    "sessions_20": crowd.twenty_sessions,
    "start": start.measure,
    "burst_8000": endurance.burst,
    "paced_8000": endurance.paced,
    "frozen": endurance.frozen_browser,
}
