"""The measures by name."""

from collections.abc import Callable

from bench.harness import Harness
from bench.measures import (
    board,
    bytes_sent,
    concurrent_sessions,
    headless_sessions,
    history,
    long_replies,
    many_runs,
    pages,
    replies,
    responses_api,
    runner,
    six_streams,
    start,
    visits,
)
from bench.report import MeasureResult

Measure = Callable[[Harness, int], MeasureResult]

MEASURES: dict[str, Measure] = {
    "visits": visits.measure,
    "first_token": replies.first_token,
    "second_reply": replies.second_reply,
    "paced": replies.paced,
    "burst": replies.burst,
    "responses": responses_api.measure,
    "bytes": bytes_sent.measure,
    "history": history.measure,
    "many_runs": many_runs.measure,
    "sessions_5": concurrent_sessions.five_sessions,
    "sessions_20": concurrent_sessions.twenty_sessions,
    "sessions_50": headless_sessions.measure,
    "frames": replies.frames,
    "start": start.measure,
    "six_streams": six_streams.measure,
    "board": board.measure,
    "tokens": pages.pasted_text,
    "embeddings": pages.embedded_texts,
    "burst_8000": long_replies.burst,
    "paced_8000": long_replies.paced,
    "runner": runner.measure,
    "suspended": long_replies.suspended_browser,
}
