"""A completion is put together from its chunks, however oddly a server cuts them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chat.stream_parser import CompletionAccumulator
from core.errors.types import StreamError
from core.runs.log import StreamDelta


def chunk(index: Any = 0, finish_reason: Any = None, **delta: Any) -> dict[str, Any]:
    return {"id": "c1", "choices": [{"index": index, "delta": delta, "finish_reason": finish_reason}]}


def put_together(*chunks: Any) -> tuple[CompletionAccumulator, list[StreamDelta]]:
    completion = CompletionAccumulator()
    return completion, [piece for one in chunks for piece in completion.feed(one)]


@given(st.lists(st.text()))
def test_shows_and_keeps_the_same_text_wherever_it_is_cut(texts: list[str]) -> None:
    completion, pieces = put_together(*(chunk(content=text) for text in texts), chunk(finish_reason="stop"))

    assert "".join(piece.text for piece in pieces) == "".join(texts)
    assert completion.response()["choices"][0]["message"]["content"] == "".join(texts)
    assert completion.finish_reason == "stop"


def test_puts_answers_that_come_by_turns_apart_and_shows_the_first() -> None:
    completion, pieces = put_together(
        chunk(0, content="a"), chunk(1, content="x"), chunk(0, content="b"), chunk(1, content="y")
    )

    assert [choice["message"]["content"] for choice in completion.response()["choices"]] == ["ab", "xy"]
    assert pieces == [StreamDelta("text", "a"), StreamDelta("text", "b")]


def test_takes_a_whole_completion_like_a_chunk() -> None:
    message = {"role": "assistant", "content": "all at once"}
    whole = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": {"x": 1}}

    completion, pieces = put_together(whole)

    assert pieces == [StreamDelta("text", "all at once")]
    assert completion.usage == {"x": 1}


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": None},
        {"choices": []},
        {},
        {"choices": ["text"]},
        {"choices": [{}]},
        {"choices": [{"index": None, "delta": None}]},
        {"choices": [{"index": 0, "delta": {"content": None}}]},
        {"choices": [{"index": 0, "delta": {"content": 7}}]},
        {"choices": [{"index": 0, "delta": {}, "logprobs": None}], "usage": None},
    ],
    ids=[
        "null choices",
        "no choices",
        "nothing",
        "text for a choice",
        "an empty choice",
        "nulls",
        "null content",
        "a number",
        "null logprobs",
    ],
)
def test_makes_nothing_of_an_odd_chunk(odd: dict[str, Any]) -> None:
    completion, pieces = put_together(chunk(content="a"), odd, chunk(content="b"))

    assert "".join(piece.text for piece in pieces) == "ab"
    assert completion.response()["choices"][0]["message"]["content"] == "ab"


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_tells_reasoning_from_the_reply(name: str) -> None:
    completion, pieces = put_together(chunk(**{name: "hm"}), chunk(content="yes"))

    assert pieces == [StreamDelta("think", "hm"), StreamDelta("text", "yes")]
    assert completion.response()["choices"][0]["message"]["reasoning_content"] == "hm"


def test_takes_content_in_parts() -> None:
    _, pieces = put_together(chunk(content=[{"type": "text", "text": "a"}, {"type": "x"}, "?"]))

    assert pieces == [StreamDelta("text", "a")]


def test_shows_a_refusal() -> None:
    completion, pieces = put_together(chunk(refusal="I can't "), chunk(refusal="do that."))

    assert "".join(piece.text for piece in pieces) == "I can't do that."
    assert completion.response()["choices"][0]["message"]["refusal"] == "I can't do that."


def call(arguments: str, **more: Any) -> dict[str, Any]:
    return {"function": {"arguments": arguments}, **more}


@pytest.mark.parametrize(
    "deltas",
    [
        [call('{"a"', index=0, id="c1"), call(": 1}", index=0), call("{}", index=1, id="c2")],
        [call('{"a"', id="c1"), call(": 1}", id="c1"), call("{}", id="c2")],
        [call('{"a"', id="c1"), call(": 1}"), call("{}", id="c2")],
    ],
    ids=["by index", "by id", "by neighbourhood"],
)
def test_gives_arguments_to_the_call_they_belong_to(deltas: list[dict[str, Any]]) -> None:
    completion, _ = put_together(*(chunk(tool_calls=[delta]) for delta in deltas))

    calls = completion.response()["choices"][0]["message"]["tool_calls"]
    assert [(one["id"], one["function"]["arguments"]) for one in calls] == [("c1", '{"a": 1}'), ("c2", "{}")]
    assert completion.response()["choices"][0]["message"]["content"] is None


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        ({"error": {"message": "died", "type": "server_error", "code": None}}, "died", "server_error"),
        ({"error": {"message": "busy", "code": 503}}, "busy", "503"),
        ({"error": "plain"}, "plain", None),
        ({"object": "error", "message": "engine", "code": 500}, "engine", "500"),
        ({"error": {}}, "The server reported an error", None),
    ],
    ids=["enveloped", "with a number", "text", "flat", "empty"],
)
def test_raises_an_error_that_comes_for_a_chunk(error: Any, message: str, code: str | None) -> None:
    with pytest.raises(StreamError, match=message) as caught:
        put_together(error)

    assert caught.value.code == code


@pytest.mark.parametrize("wrong", [None, 7, "text", ["list"]])
def test_raises_what_is_not_a_chunk(wrong: Any) -> None:
    with pytest.raises(StreamError, match="not a chunk"):
        put_together(wrong)


NAMES = ["choices", "delta", "content", "index", "usage", "message", "tool_calls", "function", "arguments"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*NAMES, "logprobs", "refusal"]), inner),
)


@given(json_values)
def test_survives_any_json(wire: object) -> None:
    if isinstance(wire, dict):
        assert put_together(wire)[0].response()["object"] == "chat.completion"
