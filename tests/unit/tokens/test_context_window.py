"""A history is cut to fit where it may be cut, and nowhere else."""

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

Message = dict[str, Any]

SYSTEM: Message = {"role": "system", "content": "Be brief."}


def ask(number: int) -> Message:
    return {"role": "user", "content": f"question {number}"}


def answer(number: int) -> Message:
    return {"role": "assistant", "content": f"answer {number}"}


def call(*ids: str) -> Message:
    function = {"name": "now", "arguments": "{}"}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": name, "type": "function", "function": function} for name in ids],
    }


def result(name: str) -> Message:
    return {"role": "tool", "tool_call_id": name, "content": "12:00"}


TALK = [SYSTEM, ask(1), answer(1), ask(2), answer(2), ask(3)]
TOOLS = [ask(1), call("a", "b"), result("a"), result("b"), answer(1), ask(2), call("c"), result("c")]


def ten(_: Mapping[str, Any]) -> int:
    """Ten tokens a message make a budget easy to read."""
    return 10


def cut(
    messages: Sequence[Message],
    room: int,
    strategy: TrimStrategy = "drop_oldest",
    pinned: set[int] | None = None,
) -> TrimResult:
    return trim_messages(messages, TokenBudget(room, None), strategy, ten, pinned or set())


@st.composite
def histories(draw: st.DrawFn) -> list[Message]:
    """Turns with or without tool calls, and instructions in between."""
    history: list[Message] = []
    for number in range(draw(st.integers(0, 8))):
        if draw(st.booleans()):
            history.append(SYSTEM)
        history.append(ask(number))
        if ids := [f"{number}.{at}" for at in range(draw(st.integers(0, 3)))]:
            history += [call(*ids), *map(result, draw(st.permutations(ids)))]
        if draw(st.booleans()):
            history.append(answer(number))
    return history


strategies = st.sampled_from(get_args(TrimStrategy))
rooms = st.integers(0, 400)
pins = st.sets(st.integers(0, 40), max_size=4)


@pytest.mark.parametrize("strategy", get_args(TrimStrategy))
def test_sends_all_of_what_fits(strategy: TrimStrategy) -> None:
    found = cut(TALK, 60, strategy)

    assert (list(found.messages), found.fits, found.reason) == (TALK, True, "")


def test_drops_the_oldest_turn_first() -> None:
    found = cut(TALK, 40)

    assert found.dropped_indices == (1, 2)
    assert found.reason == "2 of 6 messages are left out, so that about 40 tokens are sent."


def test_keeps_pinned_messages() -> None:
    assert cut(TALK, 40, pinned={1}).dropped_indices == (2, 3, 4)


def test_keeps_only_pinned_messages_when_asked_to() -> None:
    assert cut(TALK, 55, "keep_pinned", {2}).dropped_indices == (1, 3, 4)


def test_keeps_all_when_told_to_drop_none() -> None:
    found = cut(TALK, 40, "none")

    assert (list(found.messages), found.fits) == (TALK, False)
    assert found.reason.startswith("It takes about 60 tokens, and 40 fit:")


def test_says_when_even_the_last_turn_is_too_long() -> None:
    found = cut(TALK, 15)

    assert (list(found.messages), found.fits) == ([SYSTEM, ask(3)], False)
    assert found.reason.startswith("It takes about 20 tokens even so, and 15 fit:")


def test_drops_a_tool_call_with_its_results() -> None:
    assert cut(TOOLS, 79).dropped_indices == (0, 1, 2, 3, 4)


def test_keeps_a_tool_call_whole_when_one_of_its_results_is_pinned() -> None:
    assert cut(TOOLS, 60, pinned={3}).dropped_indices == (0, 4)


def test_keeps_a_result_of_no_known_call_by_its_neighbour() -> None:
    history = [ask(1), answer(1), result("lost"), ask(2)]

    assert cut(history, 30, pinned={2}).dropped_indices == (0,)


def test_keeps_the_end_of_a_history_without_a_question() -> None:
    assert list(cut([answer(1), answer(2)], 10).messages) == [answer(2)]


def test_counts_what_goes_with_the_messages() -> None:
    assert not trim_messages(TALK, TokenBudget(60, None, overhead=1), "none", ten).fits


def test_counts_each_message_once() -> None:
    counted: list[Mapping[str, Any]] = []

    def count(message: Mapping[str, Any]) -> int:
        counted.append(message)
        return 10

    trim_messages(TALK * 50, TokenBudget(100, None), "drop_oldest", count)

    assert len(counted) == len(TALK) * 50


def test_leaves_room_for_the_summary() -> None:
    assert cut(TALK, 50).dropped_indices == (1, 2)
    assert cut(TALK, 50, "summarise_oldest").dropped_indices == (1, 2, 3, 4)


def test_puts_the_summary_after_the_instructions() -> None:
    messages = insert_summary([SYSTEM, ask(3)], "We said hello.")

    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == "We said hello."


def test_asks_for_a_summary_of_what_was_said_and_called() -> None:
    seen = {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url"}]}
    request = summary_request([seen, *TOOLS[1:3]])

    assert request[1]["content"] == "user: look [image_url]\n\nassistant: [called now, now]\n\ntool: 12:00"


@pytest.mark.parametrize(
    ("model_id", "requested", "limit"),
    [
        pytest.param("gpt-6-luna", None, 903_560, id="input limit, less 2 %"),
        pytest.param("gpt-4o", None, 109_384, id="window less the longest reply"),
        pytest.param("gpt-4o", 1_000, 124_460, id="window less the reply asked for"),
        pytest.param("gpt-4", None, 6_022, id="a small window keeps three quarters"),
        pytest.param("llama3.2", None, None, id="unknown"),
    ],
)
def test_leaves_room_for_the_reply(model_id: str, requested: int | None, limit: int | None) -> None:
    assert budget_for(get_model(model_id), requested).input_limit == limit


def test_has_no_room_beside_a_reply_as_long_as_the_window() -> None:
    assert budget_for(get_model("gpt-4"), 8_192).input_limit == 0


@given(histories(), rooms, strategies, pins)
def test_splits_the_history_in_two(
    history: list[Message], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    found = cut(history, room, strategy, pinned)

    gone = set(found.dropped_indices)
    assert list(found.messages) == [message for at, message in enumerate(history) if at not in gone]
    assert list(found.dropped) == [message for at, message in enumerate(history) if at in gone]


@given(histories(), rooms, strategies, pins)
def test_keeps_what_must_stay(
    history: list[Message], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    last = max((at for at, message in enumerate(history) if message["role"] == "user"), default=0)
    instructions = {at for at, message in enumerate(history) if message["role"] == "system"}

    gone = set(cut(history, room, strategy, pinned).dropped_indices)

    assert not gone & (pinned | instructions | set(range(last, len(history))))


@given(histories(), rooms, strategies, pins)
def test_never_parts_a_call_from_its_results(
    history: list[Message], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    kept = cut(history, room, strategy, pinned).messages

    asked = {call["id"] for message in kept for call in message.get("tool_calls", [])}
    assert asked == {message["tool_call_id"] for message in kept if message["role"] == "tool"}


@given(histories(), rooms, strategies, pins)
def test_fits_or_says_why(
    history: list[Message], room: int, strategy: TrimStrategy, pinned: set[int]
) -> None:
    found = cut(history, room, strategy, pinned)

    assert found.tokens == 10 * len(found.messages)
    assert found.fits is (found.tokens <= room) or (strategy == "summarise_oldest" and bool(found.reason))
    assert found.fits or "fit:" in found.reason
