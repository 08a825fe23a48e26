"""The JSON of a reply: its known metrics, how it ended and its error; and the totals of a conversation."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from components.live.metrics import metrics, totals
from components.live.views import context_usage_view, message_view, run_json
from core.chat.context import ContextUsage
from core.completions.request import ChatSettings
from core.conversations.messages import Message
from core.errors.types import Explanation
from core.generation.api_name import ApiName
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Attempt, Run, RunState, ServerSpeed
from core.tokens.context_window import TokenBudget


def new_run(**fields: Any) -> Run:
    return Run("chat", "chat.completions.create", {"model": "m", "stream": True}, **fields)


def metric_values(run: Run) -> dict[str, str]:
    return {metric["label"]: metric["value"] for metric in metrics(run)}


def test_shows_every_known_metric() -> None:
    run = new_run(
        state=RunState.DONE,
        first_token=0.25,
        total=2.25,
        usage=Usage(input_tokens=1200, output_tokens=100, cached_tokens=1000),
        server_speed=ServerSpeed(412.5, 31.0),
        cost=Cost(Decimal("0.00012"), "list price"),
        finish_reason="stop",
        model="m-2026",
        request_id="req_1",
    )

    assert metric_values(run) == {
        "to first token": "250 ms",
        "total": "2.2 s",
        "tokens/s": "44",
        "tokens/s prefill": "412",
        "tokens/s decode": "31",
        "input tokens": "1,200",
        "cached": "1,000",
        "output tokens": "100",
        "Cost": "$0.00012",
        "Finished": "stop",
        "Model": "m-2026",
        "Request ID": "req_1",
    }


@pytest.mark.parametrize(
    ("header", "summary"),
    [
        ("script", "written in advance"),
        ("rules", "chosen or computed by rules"),
        ("refusal", "no answer without a model"),
    ],
)
def test_labels_a_reply_of_the_sandbox_beside_its_cost(header: str, summary: str) -> None:
    headers, cost = {"x-sandbox-reply": header}, Cost(Decimal(0), "sandbox", list_amount=Decimal("0.0002"))
    run = new_run(state=RunState.DONE, text="Hello", usage=Usage(9, 5), cost=cost, headers=headers)

    shown = [metric for metric in metrics(run) if not metric["is_detail"]]

    assert [metric["label"] for metric in shown[-2:]] == ["at list price", "Sandbox reply"]
    assert shown[-1]["value"] == summary
    assert "no language model" in shown[-1]["explanation"]


@pytest.mark.parametrize(
    "run",
    [
        new_run(state=RunState.DONE, text="Hello", headers={"x-sandbox-reply": "other"}),
        new_run(state=RunState.DONE, text="Hello"),
        new_run(state=RunState.FAILED, headers={"x-sandbox-reply": "script"}),
    ],
    ids=["unknown", "another server", "no text"],
)
def test_labels_no_other_reply(run: Run) -> None:
    assert "Sandbox reply" not in metric_values(run)


def test_shows_unknown_tokens_and_cost_as_not_available() -> None:
    run = new_run(state=RunState.DONE, cost=Cost(None, "no list price"))

    assert metric_values(run) == {"Tokens": "not available", "Cost": "not available"}


def test_labels_an_estimated_cost_and_does_not_add_it_up() -> None:
    cost = Cost(None, "Estimated usage x list price", estimated_amount=Decimal("0.00012"))
    run = new_run(state=RunState.STOPPED, text="half", cost=cost)
    billed = new_run(state=RunState.DONE, usage=Usage(10, 5), cost=Cost(Decimal("0.5"), ""))

    assert metric_values(run)["Cost"] == "≈ $0.00012 (estimated)"
    assert {total["label"]: total["value"] for total in totals([run, billed])}["Cost"] == "$0.50"


def test_measures_the_speed_of_a_reply_alike_with_and_without_streaming() -> None:
    fields: dict[str, Any] = {"state": RunState.DONE, "first_token": 1.0, "total": 2.0}
    fields["usage"] = Usage(input_tokens=9, output_tokens=200, reasoning_tokens=150)
    complete = Run("chat", "chat.completions.create", {"model": "m"}, **fields)

    speeds = [
        [metric for metric in metrics(run) if metric["label"] == "tokens/s"]
        for run in (new_run(**fields), complete)
    ]

    assert speeds[0] == speeds[1]
    assert speeds[0][0]["value"] == "100"


def test_does_not_count_waits_between_attempts_as_slow() -> None:
    run = new_run(
        state=RunState.DONE, total=3.0, usage=Usage(9, 200), attempts=(Attempt(1, "Too many requests", 1.0),)
    )

    assert metric_values(run)["tokens/s"] == "100"


def test_estimates_the_tokens_of_a_stopped_reply() -> None:
    run = new_run(state=RunState.STOPPED, reasoning="I think. ", text="The answer is 42.", model="gpt-5-mini")

    assert metric_values(run) == {"output tokens (estimated)": "≈ 9", "Model": "gpt-5-mini"}


def test_keeps_how_often_a_reply_was_retried() -> None:
    busy = Attempt(1, "Too many requests", 1.0), Attempt(2, "The server is overloaded", 0.5)
    one, two = new_run(state=RunState.DONE, attempts=busy[:1]), new_run(state=RunState.DONE, attempts=busy)

    assert metric_values(one)["retry · waited 1.0 s"] == "1"
    assert metric_values(two)["retries · waited 1.5 s"] == "2"
    hints = [metric["hint"] for metric in metrics(two)]
    assert "Too many requests; The server is overloaded" in hints


def test_shows_no_metrics_while_the_run_is_in_progress() -> None:
    assert metrics(new_run(first_token=0.1)) == []


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"state": RunState.STOPPED, "text": "half"}, "Stopped by you · 4 characters received."),
        ({"state": RunState.STOPPED}, "Stopped by you."),
        ({"state": RunState.INTERRUPTED}, "Interrupted"),
        ({"state": RunState.CUT_OFF}, "without a finish reason"),
        ({"state": RunState.FAILED}, "Failed before"),
        ({"state": RunState.DONE, "text": "x", "finish_reason": "length"}, "Stopped at the token limit"),
        ({"state": RunState.DONE, "text": "x", "finish_reason": "content_filter"}, "content filter"),
        ({"state": RunState.DONE, "text": "No.", "refusal": "No."}, "The model refused to answer."),
        ({"state": RunState.DONE, "finish_reason": "stop"}, "The reply is empty."),
        ({"state": RunState.DONE, "finish_reason": "length"}, "before the first word of the reply"),
        ({"state": RunState.DONE, "finish_reason": "content_filter"}, "Stopped by the content filter"),
    ],
)
def test_notes_how_the_run_ended(fields: dict[str, Any], note: str) -> None:
    assert note in run_json(new_run(**fields))["note"]


def test_has_no_note_on_a_complete_reply() -> None:
    assert run_json(new_run(state=RunState.DONE, text="x", finish_reason="stop"))["note"] == ""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": RunState.DONE, "text": "x", "finish_reason": "stop"}, False),
        ({"state": RunState.DONE, "text": "x", "finish_reason": "length"}, True),
        ({"state": RunState.STOPPED, "text": "x"}, True),
        ({"state": RunState.STOPPED}, False),
        ({"state": RunState.FAILED, "text": "x"}, True),
    ],
    ids=["complete", "token limit", "stopped", "stopped before the first token", "failed"],
)
def test_offers_to_continue_an_incomplete_reply(fields: dict[str, Any], expected: bool) -> None:
    assert run_json(new_run(**fields))["can_continue"] is expected


def test_includes_the_explanation_of_an_error() -> None:
    explanation = Explanation("It failed", "Retry", code="c", request_id="r")

    error = run_json(new_run(state=RunState.FAILED, error=explanation))["error"]

    assert (error["title"], error["hint"], error["code"], error["request_id"]) == (
        "It failed",
        "Retry",
        "c",
        "r",
    )


def test_does_not_escape_text() -> None:
    """The script that draws the text escapes it: see `tests/e2e/live/test_safety.py`."""
    text = "<script>alert(1)</script> ![x](http://evil.example)"
    message = Message("m", "t", None, "user", text, datetime(2026, 11, 23, tzinfo=UTC))

    assert message_view(message)["text"] == text


def test_totals_the_known_usage_and_cost_of_a_conversation() -> None:
    priced = new_run(usage=Usage(input_tokens=10, output_tokens=5), cost=Cost(Decimal("0.5"), ""))
    unpriced = new_run(usage=Usage(input_tokens=1, output_tokens=1), cost=Cost(None, ""))

    views = {view["label"]: view for view in totals([priced, unpriced, new_run()])}

    assert views["replies"]["value"] == "2"
    assert views["input tokens"]["value"] == "11"
    assert (views["Cost"]["value"], views["Cost"]["hint"]) == ("$0.50", "Sum of 1 of 2 replies")


def test_shows_the_list_price_of_a_reply_of_the_sandbox() -> None:
    cost = Cost(Decimal(0), "Sandbox: free", list_amount=Decimal("0.00022"))
    run = new_run(state=RunState.DONE, usage=Usage(1, 1), cost=cost)

    assert metric_values(run)["at list price"] == "≈ $0.00022"
    assert {view["label"]: view["value"] for view in totals([run, run])}["at list price"] == "≈ $0.00044"


@pytest.mark.parametrize(
    ("tokens", "truncation", "level", "note"),
    [
        (90_000, None, "ok", "refuses the request"),
        (90_000, "auto", "ok", "leaves out the oldest"),
        (127_000, None, "over", "may refuse the request"),
        (127_000, "disabled", "over", "may refuse the request"),
        (127_000, "auto", "near", "leaves out the oldest"),
    ],
)
def test_warns_of_a_stored_conversation_only_where_the_server_would_refuse_it(
    tokens: int, truncation: str | None, level: str, note: str
) -> None:
    settings = ChatSettings(model="gpt-4o-mini", api="responses", truncation=truncation)
    usage = ContextUsage(tokens, 120_000, TokenBudget(128_000, None), continues_response=True)

    view = context_usage_view(usage, settings)

    assert view["level"] == level
    assert "Only the new message is sent" in view["detail"]
    assert note in view["detail"]


@pytest.mark.parametrize(("api", "is_noted"), [("responses", True), ("chat.completions", False)])
def test_notes_that_encrypted_reasoning_is_not_estimated(api: ApiName, is_noted: bool) -> None:
    settings = ChatSettings(model="gpt-6-luna", api=api, include=("reasoning.encrypted_content",))
    usage = ContextUsage(500, 120_000, TokenBudget(128_000, None))

    detail = context_usage_view(usage, settings)["detail"]

    assert ("encrypted reasoning" in detail) is is_noted
