"""A completion is accumulated from its chunks, including those of servers that deviate from the API."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.completions.stream_parser import CompletionAccumulator
from core.errors.types import StreamError
from core.runs.log import StreamDelta


def chunk(index: Any = 0, finish_reason: Any = None, **delta: Any) -> dict[str, Any]:
    return {"id": "c1", "choices": [{"index": index, "delta": delta, "finish_reason": finish_reason}]}


def accumulate(*chunks: Any) -> tuple[CompletionAccumulator, list[StreamDelta]]:
    completion = CompletionAccumulator()
    return completion, [delta for chunk in chunks for delta in completion.feed(chunk)]


@given(st.lists(st.text()))
def test_yields_and_stores_the_same_text_for_any_chunks(texts: list[str]) -> None:
    completion, deltas = accumulate(*(chunk(content=text) for text in texts), chunk(finish_reason="stop"))

    assert "".join(delta.text for delta in deltas) == "".join(texts)
    assert completion.response()["choices"][0]["message"]["content"] == "".join(texts)
    assert completion.finish_reason == "stop"


def test_separates_interleaved_choices_and_yields_the_first() -> None:
    completion, deltas = accumulate(
        chunk(0, content="a"), chunk(1, content="x"), chunk(0, content="b"), chunk(1, content="y")
    )

    assert [choice["message"]["content"] for choice in completion.response()["choices"]] == ["ab", "xy"]
    assert deltas == [StreamDelta("text", "a"), StreamDelta("text", "b")]


def test_accepts_a_completion_that_is_not_streamed() -> None:
    message = {"role": "assistant", "content": "not streamed"}
    response = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": {"x": 1}}

    completion, deltas = accumulate(response)

    assert deltas == [StreamDelta("text", "not streamed")]
    assert completion.usage == {"x": 1}


@pytest.mark.parametrize(
    "invalid",
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
        "an empty chunk",
        "text for a choice",
        "an empty choice",
        "nulls",
        "null content",
        "a number for content",
        "null logprobs",
    ],
)
def test_ignores_a_chunk_without_valid_content(invalid: dict[str, Any]) -> None:
    completion, deltas = accumulate(chunk(content="a"), invalid, chunk(content="b"))

    assert "".join(delta.text for delta in deltas) == "ab"
    assert completion.response()["choices"][0]["message"]["content"] == "ab"


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_separates_reasoning_from_the_reply(name: str) -> None:
    completion, deltas = accumulate(chunk(**{name: "hm"}), chunk(content="yes"))

    assert deltas == [StreamDelta("reasoning", "hm"), StreamDelta("text", "yes")]
    assert completion.response()["choices"][0]["message"]["reasoning_content"] == "hm"


def test_reads_the_text_of_content_parts() -> None:
    _, deltas = accumulate(chunk(content=[{"type": "text", "text": "a"}, {"type": "x"}, "?"]))

    assert deltas == [StreamDelta("text", "a")]


def test_yields_a_refusal_as_text() -> None:
    completion, deltas = accumulate(chunk(refusal="I can't "), chunk(refusal="do that."))

    assert "".join(delta.text for delta in deltas) == "I can't do that."
    assert completion.response()["choices"][0]["message"]["refusal"] == "I can't do that."


def tool_call(arguments: str, **fields: Any) -> dict[str, Any]:
    return {"function": {"arguments": arguments}, **fields}


def named_call(call_id: str, arguments: str, **fields: Any) -> dict[str, Any]:
    return {"id": call_id, "function": {"name": "f", "arguments": arguments}, **fields}


@pytest.mark.parametrize(
    "deltas",
    [
        [tool_call('{"a"', index=0, id="c1"), tool_call(": 1}", index=0), tool_call("{}", index=1, id="c2")],
        [tool_call('{"a"', id="c1"), tool_call(": 1}", id="c1"), tool_call("{}", id="c2")],
        [tool_call('{"a"', id="c1"), tool_call(": 1}"), tool_call("{}", id="c2")],
        [tool_call('{"a"', index=1, id="c1"), tool_call(": 1}", index=1), tool_call("{}", index=2, id="c2")],
        [
            named_call("c1", '{"a"', index=0),
            named_call("c2", "{", index=0),
            tool_call(": 1}", index=0, id="c1"),
            tool_call("}", index=0, id="c2"),
        ],
        [
            named_call("c1", '{"a"', index=0),
            tool_call(": 1}", index=0, id="random"),
            named_call("c2", "{}", index=1),
        ],
    ],
    ids=["by index", "by id", "by position", "from another first index", "by id with one index", "a new id"],
)
def test_appends_arguments_to_the_right_tool_call(deltas: list[dict[str, Any]]) -> None:
    completion, _ = accumulate(*(chunk(tool_calls=[delta]) for delta in deltas))

    calls = completion.response()["choices"][0]["message"]["tool_calls"]
    assert [(call["id"], call["function"]["arguments"]) for call in calls] == [
        ("c1", '{"a": 1}'),
        ("c2", "{}"),
    ]
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
    ids=["error object", "numeric code", "text", "top level", "empty"],
)
def test_raises_an_error_that_is_sent_as_a_chunk(error: Any, message: str, code: str | None) -> None:
    with pytest.raises(StreamError, match=message) as caught:
        accumulate(error)

    assert caught.value.code == code


@pytest.mark.parametrize("value", [None, 7, "text", ["list"]])
def test_rejects_a_chunk_that_is_not_an_object(value: Any) -> None:
    with pytest.raises(StreamError, match="not a chunk"):
        accumulate(value)


NAMES = ["choices", "delta", "content", "index", "usage", "message", "tool_calls", "function", "arguments"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*NAMES, "logprobs", "refusal"]), inner),
)


@given(json_values)
def test_accepts_any_json_object(value: object) -> None:
    if isinstance(value, dict):
        assert accumulate(value)[0].response()["object"] == "chat.completion"


def test_joins_a_surrogate_pair_that_is_split_over_two_chunks() -> None:
    completion, deltas = accumulate(
        chunk(content="a\ud83d"), chunk(content="\ude00b"), chunk(content="\ud83d")
    )

    assert "".join(delta.text for delta in deltas) == "a\N{GRINNING FACE}b"
    message = completion.response()["choices"][0]["message"]
    assert message["content"] == "a\N{GRINNING FACE}b\N{REPLACEMENT CHARACTER}"


def test_returns_a_response_that_can_be_stored() -> None:
    completion, _ = accumulate(
        {**chunk(reasoning="\ud83d", tool_calls=[tool_call("\udc00")]), "system_fingerprint": "\ud800"}
    )

    assert orjson.dumps(completion.response())


@pytest.mark.parametrize("n", [1, 3])
def test_keeps_as_many_choices_as_requested(n: int) -> None:
    completion = CompletionAccumulator(max_choices=n)
    for index in range(20_000):
        assert [*completion.feed(chunk(index, content="x"))] == (
            [StreamDelta("text", "x")] if index == 0 else []
        )
    assert [*completion.feed({"choices": [{"index": 7, "delta": {"content": "x"}}] * 20_000})] == []

    assert [choice["index"] for choice in completion.response()["choices"]] == [*range(n)]


def test_keeps_a_limited_number_of_tool_calls() -> None:
    completion, _ = accumulate(*(chunk(tool_calls=[named_call(str(n), "{}", index=n)]) for n in range(1_000)))

    assert len(completion.response()["choices"][0]["message"]["tool_calls"]) == 128


def test_counts_the_content_of_all_choices() -> None:
    completion, _ = accumulate(
        chunk(0, content="12345", role="assistant"),
        chunk(1, reasoning="123"),
        chunk(0, tool_calls=[tool_call("12", index=0)]),
        chunk(0, content=""),
    )

    assert completion.characters == 10
