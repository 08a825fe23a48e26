"""What stands under a reply: figures that are known, in words that fit how it ended."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from components.live.views import message_view, metrics, run_view, totals
from core.conversations.messages import Message
from core.errors.types import Explanation
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState


def run(**facts: Any) -> Run:
    return Run("chat", "chat.completions.create", {"model": "m", "stream": True}, **facts)


def labels(shown: Run) -> dict[str, str]:
    return {metric["label"]: metric["value"] for metric in metrics(shown)}


def test_shows_every_figure_that_is_known() -> None:
    whole = run(
        state=RunState.DONE,
        first_token=0.25,
        total=2.25,
        usage=Usage(input_tokens=1200, output_tokens=100, cached_tokens=1000),
        cost=Cost(Decimal("0.00012"), "list price"),
        finish_reason="stop",
        model="m-2026",
        request_id="req_1",
    )

    assert labels(whole) == {
        "to first token": "250 ms",
        "total": "2.2 s",
        "tokens/s": "50",
        "input tokens": "1,200",
        "cached": "1,000",
        "output tokens": "100",
        "Cost": "$0.00012",
        "Finished": "stop",
        "Model": "m-2026",
        "Request ID": "req_1",
    }


def test_says_that_a_figure_is_not_known() -> None:
    shown = labels(run(state=RunState.DONE, cost=Cost(None, "no list price")))

    assert shown == {"Tokens": "not available", "Cost": "not available"}


def test_shows_no_figures_while_it_runs() -> None:
    assert metrics(run(first_token=0.1)) == []


@pytest.mark.parametrize(
    ("facts", "note"),
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
    ],
)
def test_says_how_it_ended(facts: dict[str, Any], note: str) -> None:
    assert note in run_view(run(**facts))["note"]


def test_says_nothing_where_all_went_well() -> None:
    assert run_view(run(state=RunState.DONE, text="x", finish_reason="stop"))["note"] == ""


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"state": RunState.DONE, "text": "x", "finish_reason": "stop"}, False),
        ({"state": RunState.DONE, "text": "x", "finish_reason": "length"}, True),
        ({"state": RunState.STOPPED, "text": "x"}, True),
        ({"state": RunState.STOPPED}, False),
        ({"state": RunState.FAILED, "text": "x"}, True),
    ],
    ids=["whole", "at the limit", "stopped", "stopped before a word", "failed"],
)
def test_offers_to_continue_what_is_not_whole(facts: dict[str, Any], expected: bool) -> None:
    assert run_view(run(**facts))["can_continue"] is expected


def test_hands_the_explanation_on() -> None:
    failed = run(state=RunState.FAILED, error=Explanation("It broke", "Mend it", code="c", request_id="r"))

    shown = run_view(failed)["error"]

    assert (shown["title"], shown["hint"], shown["code"], shown["request_id"]) == (
        "It broke",
        "Mend it",
        "c",
        "r",
    )


def test_leaves_text_as_it_is() -> None:
    """What draws it escapes it: see the tests of the component."""
    text = "<script>alert(1)</script> ![x](http://evil.example)"
    message = Message("m", "t", None, "user", text, datetime(2026, 11, 23, tzinfo=UTC))

    assert message_view(message)["text"] == text


def test_sums_what_is_known_of_a_conversation() -> None:
    priced = run(usage=Usage(input_tokens=10, output_tokens=5), cost=Cost(Decimal("0.5"), ""))
    unpriced = run(usage=Usage(input_tokens=1, output_tokens=1), cost=Cost(None, ""))

    shown = {sum_["label"]: (sum_["value"], sum_["hint"]) for sum_ in totals([priced, unpriced, run()])}

    assert shown["replies"][0] == "2"
    assert shown["input tokens"][0] == "11"
    assert shown["Cost"] == ("$0.50", "Sum of 1 of 2 replies")
