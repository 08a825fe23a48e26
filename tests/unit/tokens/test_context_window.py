"""A history is trimmed to its budget, and protected messages are never dropped."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.catalog import get_model
from core.tokens.context_window import (
    TokenBudget,
    TrimResult,
    TrimStrategy,
    budget_for,
    insert_summary,
    summary_request,
    trim_messages,
)

ApiMessage = dict[str, Any]

SYSTEM: ApiMessage = {"role": "system", "content": "Be brief."}


def question(number: int) -> ApiMessage:
    return {"role": "user", "content": f"question {number}"}


def answer(number: int) -> ApiMessage:
    return {"role": "assistant", "content": f"answer {number}"}


def tool_call(*ids: str) -> ApiMessage:
    function = {"name": "now", "arguments": "{}"}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": call_id, "type": "function", "function": function} for call_id in ids],
    }


def tool_result(call_id: str) -> ApiMessage:
    return {"role": "tool", "tool_call_id": call_id, "content": "12:00"}


HISTORY = [SYSTEM, question(1), answer(1), question(2), answer(2), question(3)]
TOOL_HISTORY = [
    question(1),
    tool_call("a", "b"),
    tool_result("a"),
    tool_result("b"),
    answer(1),
    question(2),
    tool_call("c"),
    tool_result("c"),
]


def count_ten(_: Mapping[str, Any]) -> int:
    """Count ten tokens per message, so that a budget is easy to read."""
    return 10


def trim(
    messages: Sequence[ApiMessage],
    room: int,
    strategy: TrimStrategy = "drop_oldest",
    pinned: set[int] | None = None,
) -> TrimResult:
    return trim_messages(messages, TokenBudget(room, None), strategy, count_ten, pinned or set())


@st.composite
def histories(draw: st.DrawFn) -> list[ApiMessage]:
    """Turns with or without tool calls, and instructions in between."""
    history: list[ApiMessage] = []
    for number in range(draw(st.integers(0, 8))):
        if draw(st.booleans()):
            history.append(SYSTEM)
        history.append(question(number))
        if ids := [f"{number}.{index}" for index in range(draw(st.integers(0, 3)))]:
            history += [tool_call(*ids), *map(tool_result, draw(st.permutations(ids)))]
        if draw(st.booleans()):
            history.append(answer(number))
    return history


strategies = st.sampled_from(get_args(TrimStrategy))
rooms = st.integers(0, 400)
pins = st.sets(st.integers(0, 40), max_size=4)


@pytest.mark.parametrize("strategy", get_args(TrimStrategy))
def test_sends_all_messages_if_they_fit(strategy: TrimStrategy) -> None:
    result = trim(HISTORY, 60, strategy)

    assert (list(result.messages), result.fits, result.reason) == (HISTORY, True, "")


def test_drops_the_oldest_turn_first() -> None:
    result = trim(HISTORY, 40)

    assert result.dropped_indices == (1, 2)
    assert result.reason == "2 of 6 messages are dropped; about 40 tokens are sent."


def test_never_drops_a_pinned_message() -> None:
    assert trim(HISTORY, 40, pinned={1}).dropped_indices == (2, 3, 4)


def test_drops_all_but_pinned_messages_with_keep_pinned() -> None:
    assert trim(HISTORY, 55, "keep_pinned", {2}).dropped_indices == (1, 3, 4)


def test_drops_nothing_with_the_strategy_none() -> None:
    result = trim(HISTORY, 40, "none")

    assert (list(result.messages), result.fits) == (HISTORY, False)
    assert result.reason.startswith("The request takes about 60 tokens, but only 40 fit:")


def test_reports_that_the_last_turn_alone_is_too_long() -> None:
    result = trim(HISTORY, 15)

    assert (list(result.messages), result.fits) == ([SYSTEM, question(3)], False)
    assert result.reason.startswith("The remaining request takes about 20 tokens, but only 15 fit:")


def test_drops_a_tool_call_together_with_its_results() -> None:
    assert trim(TOOL_HISTORY, 79).dropped_indices == (0, 1, 2, 3, 4)


def test_keeps_a_tool_call_and_all_results_if_one_result_is_pinned() -> None:
    assert trim(TOOL_HISTORY, 60, pinned={3}).dropped_indices == (0, 4)


def test_keeps_a_result_of_an_unknown_call_with_the_message_before_it() -> None:
    history = [question(1), answer(1), tool_result("lost"), question(2)]

    assert trim(history, 30, pinned={2}).dropped_indices == (0,)


def test_keeps_the_last_message_of_a_history_without_a_question() -> None:
    assert list(trim([answer(1), answer(2)], 10).messages) == [answer(2)]


def test_adds_the_overhead_to_the_messages() -> None:
    assert not trim_messages(HISTORY, TokenBudget(60, None, overhead=1), "none", count_ten).fits


def test_counts_each_message_once() -> None:
    counted: list[Mapping[str, Any]] = []

    def count(message: Mapping[str, Any]) -> int:
        counted.append(message)
        return 10

    trim_messages(HISTORY * 50, TokenBudget(100, None), "drop_oldest", count)

    assert len(counted) == len(HISTORY) * 50


def test_reserves_tokens_for_the_summary() -> None:
    assert trim(HISTORY, 50).dropped_indices == (1, 2)
    assert trim(HISTORY, 50, "summarise_oldest").dropped_indices == (1, 2, 3, 4)


def test_inserts_the_summary_after_the_instructions() -> None:
    messages = insert_summary([SYSTEM, question(3)], "We said hello.")

    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == "We said hello."


def test_requests_a_summary_of_texts_and_tool_calls() -> None:
    image_message = {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url"}]}
    request = summary_request([image_message, *TOOL_HISTORY[1:3]])

    assert request[1]["content"] == "user: look [image_url]\n\nassistant: [called now, now]\n\ntool: 12:00"


@pytest.mark.parametrize(
    ("model_id", "requested", "limit"),
    [
        pytest.param("gpt-6-luna", None, 903_560, id="input limit minus 2 %"),
        pytest.param("gpt-4o", None, 109_384, id="window minus the longest reply"),
        pytest.param("gpt-4o", 1_000, 124_460, id="window minus the requested reply"),
        pytest.param("gpt-4", None, 6_022, id="three quarters of a small window"),
        pytest.param("llama3.2", None, None, id="unknown"),
    ],
)
def test_reserves_tokens_for_the_reply(model_id: str, requested: int | None, limit: int | None) -> None:
    assert budget_for(get_model(model_id), requested).input_limit == limit


def test_leaves_no_input_beside_a_reply_as_long_as_the_window() -> None:
    assert budget_for(get_model("gpt-4"), 8_192).input_limit == 0


@given(histories(), rooms, strategies, pins)
def test_returns_every_message_as_sent_or_dropped(
    history: list[ApiMessage], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    result = trim(history, room, strategy, pinned)

    dropped = set(result.dropped_indices)
    assert list(result.messages) == [message for index, message in enumerate(history) if index not in dropped]
    assert list(result.dropped) == [message for index, message in enumerate(history) if index in dropped]


@given(histories(), rooms, strategies, pins)
def test_never_drops_a_protected_message(
    history: list[ApiMessage], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    last = max((at for at, message in enumerate(history) if message["role"] == "user"), default=0)
    instructions = {at for at, message in enumerate(history) if message["role"] == "system"}

    dropped = set(trim(history, room, strategy, pinned).dropped_indices)

    assert not dropped & (pinned | instructions | set(range(last, len(history))))


@given(histories(), rooms, strategies, pins)
def test_never_separates_a_call_from_its_results(
    history: list[ApiMessage], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    messages = trim(history, room, strategy, pinned).messages

    call_ids = {call["id"] for message in messages for call in message.get("tool_calls", [])}
    assert call_ids == {message["tool_call_id"] for message in messages if message["role"] == "tool"}


@given(histories(), rooms, strategies, pins)
def test_fits_or_gives_the_reason(
    history: list[ApiMessage], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    result = trim(history, room, strategy, pinned)

    assert result.tokens == 10 * len(result.messages)
    assert result.fits is (result.tokens <= room) or (strategy == "summarise_oldest" and bool(result.reason))
    assert result.fits or "fit:" in result.reason
