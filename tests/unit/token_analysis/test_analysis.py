"""An input is analysed as a text, a request or token IDs, and an invalid input is explained."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.token_analysis.analysis import (
    EncodingOptions,
    analyse,
    count_for_model,
    encoding_options,
    tokens_by_encoding,
)
from core.token_analysis.request_parser import EXAMPLE_REQUEST, ParsedRequest, parse_request, request_text
from core.token_analysis.server_count import count_params
from core.tokens.encodings import count_tokens
from core.tokens.estimate import estimate_tokens, message_breakdown


@pytest.mark.parametrize(
    ("model_or_encoding", "model", "encoding", "assumed"),
    [
        pytest.param("gpt-4", "gpt-4", "cl100k_base", False, id="a model"),
        pytest.param("ft:gpt-4.1:org::id", "ft:gpt-4.1:org::id", "o200k_base", False, id="fine-tuned"),
        pytest.param("nobody-1", "nobody-1", "o200k_base", True, id="unknown"),
        pytest.param("p50k_base", "gpt-6-luna", "p50k_base", False, id="an encoding"),
    ],
)
def test_accepts_a_model_or_an_encoding(
    model_or_encoding: str, model: str, encoding: str, assumed: bool
) -> None:
    options = encoding_options("gpt-6-luna", model_or_encoding)

    assert (options.model, options.encoding, options.encoding_assumed) == (model, encoding, assumed)


def test_counts_a_text_without_overhead() -> None:
    analysis = analyse("text", "hello <|endoftext|>", EncodingOptions("gpt-4o"))

    assert analysis.total_tokens == count_tokens("hello <|endoftext|>")
    assert analysis.to_request().chat["messages"] == [{"role": "user", "content": "hello <|endoftext|>"}]


def test_counts_a_request_with_its_overhead() -> None:
    analysis = analyse("request", '[{"role": "user", "content": "hello"}]', EncodingOptions("gpt-4o"))

    assert (analysis.total_tokens, analysis.text, len(analysis.tokens)) == (8, "hello", 1)


def test_counts_the_prefix_that_requests_share() -> None:
    analysis = analyse("request", EXAMPLE_REQUEST, EncodingOptions("gpt-4o"))
    assert analysis.estimate is not None
    parts = dict(analysis.estimate.parts)

    assert analysis.shared_prefix_tokens == parts["instructions"] + parts["tools"]
    assert analyse("text", "hello", EncodingOptions("gpt-4o")).shared_prefix_tokens is None


def test_decodes_ids() -> None:
    analysis = analyse("ids", "24912, 2375, 0", EncodingOptions("gpt-4o"))

    assert (analysis.text, analysis.total_tokens) == ("hello world!", 3)


def test_counts_for_another_model_by_its_own_encoding() -> None:
    analysis = analyse("text", "안녕하세요", EncodingOptions("gpt-4o"))

    assert (count_for_model(analysis, "gpt-4o"), count_for_model(analysis, "gpt-4")) == (2, 5)


def test_encodes_the_text_of_decoded_ids_again() -> None:
    analysis = analyse("ids", "39, 68", EncodingOptions("gpt-4o"))

    assert tokens_by_encoding(analysis, "o200k_base").to_bytes() == analysis.tokens.to_bytes()


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
def test_counts_messages_with_any_content(content: Any, calls: Any) -> None:
    messages = [{"role": "user", "content": content, "tool_calls": calls}]
    params = {"model": "gpt-4o", "messages": messages}

    assert isinstance(request_text(params), str)
    assert count_params(ParsedRequest({"messages": messages}), "gpt-4o")["model"] == "gpt-4o"
    assert message_breakdown(params)[0].total + 3 == estimate_tokens(params).tokens


def test_breaks_the_example_down_into_its_estimate() -> None:
    params = {**parse_request(EXAMPLE_REQUEST).chat, "model": "gpt-4o"}
    parts = dict(estimate_tokens(params).parts)

    messages = sum(message.total for message in message_breakdown(params))

    assert messages + parts["tools"] + parts["reply priming"] == estimate_tokens(params).tokens


def test_counts_the_name_of_a_message_separately() -> None:
    message = {"role": "user", "name": "mina", "content": "hi"}

    tokens = message_breakdown({"model": "gpt-4o", "messages": [message]})[0]

    assert (tokens.framing_tokens, tokens.role_tokens, tokens.name_tokens, tokens.text_tokens) == (
        3,
        1,
        1 + count_tokens("mina"),
        1,
    )
