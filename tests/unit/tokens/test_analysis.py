"""What was typed is read as what it is: a text, a request, or ids; and what cannot be read is told."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.tokens.analysis import (
    EncodingOptions,
    analyse,
    count_for_model,
    encoding_options,
    tokens_by_encoding,
)
from core.tokens.encodings import count_tokens
from core.tokens.estimate import estimate_tokens, message_breakdown
from core.tokens.request_parser import EXAMPLE_REQUEST, parse_request, request_text
from core.tokens.server_count import count_params

SAMPLE: dict[str, Any] = {"messages": [{"role": "user", "content": "hello"}]}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "now"}}


@pytest.mark.parametrize(
    ("named", "model", "encoding", "assumed"),
    [
        pytest.param("gpt-4", "gpt-4", "cl100k_base", False, id="a model"),
        pytest.param("ft:gpt-4.1:org::id", "ft:gpt-4.1:org::id", "o200k_base", False, id="fine-tuned"),
        pytest.param("nobody-1", "nobody-1", "o200k_base", True, id="unknown"),
        pytest.param("p50k_base", "gpt-6-luna", "p50k_base", False, id="an encoding"),
    ],
)
def test_settles_what_is_meant(named: str, model: str, encoding: str, assumed: bool) -> None:
    choice = encoding_options("gpt-6-luna", named)

    assert (choice.model, choice.encoding, choice.encoding_assumed) == (model, encoding, assumed)


def test_counts_a_text_alone() -> None:
    reading = analyse("text", "hello <|endoftext|>", EncodingOptions("gpt-4o"))

    assert reading.total_tokens == count_tokens("hello <|endoftext|>")
    assert reading.to_request()["messages"] == [{"role": "user", "content": "hello <|endoftext|>"}]


def test_counts_a_request_with_its_overhead() -> None:
    reading = analyse("request", '[{"role": "user", "content": "hello"}]', EncodingOptions("gpt-4o"))

    assert (reading.total_tokens, reading.text, len(reading.tokens)) == (8, "hello", 1)


def test_knows_what_every_call_would_begin_with() -> None:
    reading = analyse("request", EXAMPLE_REQUEST, EncodingOptions("gpt-4o"))
    assert reading.estimate is not None
    parts = dict(reading.estimate.parts)

    assert reading.shared_prefix_tokens == parts["instructions"] + parts["tools"]
    assert analyse("text", "hello", EncodingOptions("gpt-4o")).shared_prefix_tokens is None


def test_decodes_ids() -> None:
    reading = analyse("ids", "24912, 2375, 0", EncodingOptions("gpt-4o"))

    assert (reading.text, reading.total_tokens) == ("hello world!", 3)


def test_counts_for_another_model_by_its_own_encoding() -> None:
    reading = analyse("text", "안녕하세요", EncodingOptions("gpt-4o"))

    assert (count_for_model(reading, "gpt-4o"), count_for_model(reading, "gpt-4")) == (2, 5)


def test_encodes_decoded_ids_anew_before_they_are_cut() -> None:
    reading = analyse("ids", "39, 68", EncodingOptions("gpt-4o"))

    assert tokens_by_encoding(reading, "o200k_base").to_bytes() == reading.tokens.to_bytes()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param('[{"role": "user", "content": "hello"}]', SAMPLE, id="messages"),
        pytest.param('{"role": "user", "content": "hello"}', SAMPLE, id="a message"),
        pytest.param('{"messages": [], "model": "x", "n": 2}', {"messages": []}, id="a whole request"),
        pytest.param(
            '[{"type": "function", "function": {"name": "now"}}]',
            {"messages": [], "tools": [TOOL]},
            id="tools",
        ),
        pytest.param(
            '{"type": "object"}',
            {
                "messages": [],
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "reply", "schema": {"type": "object"}},
                },
            },
            id="a schema",
        ),
        pytest.param("  ", {"messages": []}, id="nothing yet"),
    ],
)
def test_tells_by_its_shape_what_was_typed(typed: str, found: dict[str, Any]) -> None:
    assert parse_request(typed) == found


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param('[{"role": "user",]', "line 1, column 18", id="broken"),
        pytest.param('{"messages": 3}', "messages is a list", id="no list"),
        pytest.param('[{"role": "user"}, 3]', r"messages\[1\] has no role", id="no message"),
        pytest.param('{"messages": [], "tools": [{}]}', r"tools\[0\] has no type", id="no tool"),
        pytest.param('{"messages": [], "response_format": 3}', "response_format is an object", id="format"),
        pytest.param("42", "a list of messages or an object", id="a number"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep"),
        pytest.param("1" * 5_000, "too many digits", id="digits"),
    ],
)
def test_says_what_is_wrong_with_a_request(typed: str, says: str) -> None:
    with pytest.raises(PlaygroundError, match=says):
        parse_request(typed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "name", "type", "text", "tool_calls"]), inner)
    ),
    max_leaves=12,
)


@given(json_values, json_values)
@settings(deadline=None, max_examples=50)
def test_counts_whatever_a_message_holds(content: Any, calls: Any) -> None:
    params = {"model": "gpt-4o", "messages": [{"role": "user", "content": content, "tool_calls": calls}]}

    assert isinstance(request_text(params), str)
    assert count_params(params)["model"] == "gpt-4o"
    assert message_breakdown(params)[0].total + 3 == estimate_tokens(params).tokens


def test_breaks_the_example_down_into_what_its_estimate_is() -> None:
    params = {**parse_request(EXAMPLE_REQUEST), "model": "gpt-4o"}
    parts = dict(estimate_tokens(params).parts)

    messages = sum(message.total for message in message_breakdown(params))

    assert messages + parts["tools"] + parts["reply priming"] == estimate_tokens(params).tokens


def test_counts_the_name_and_its_constant_apart() -> None:
    message = {"role": "user", "name": "mina", "content": "hi"}

    found = message_breakdown({"model": "gpt-4o", "messages": [message]})[0]

    assert (found.framing_tokens, found.role_tokens, found.name_tokens, found.text_tokens) == (
        3,
        1,
        1 + count_tokens("mina"),
        1,
    )
