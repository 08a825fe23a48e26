"""A request of Chat Completions is written as one of the Responses API, and back."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.apis import APIS, api_of
from core.responses.request import chat_params, response_params

USER = {"role": "user", "content": "Hello"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
IMAGE = "data:image/png;base64,AAAA"


@pytest.mark.parametrize(
    ("chat", "params"),
    [
        ({"messages": [USER]}, {"input": "Hello"}),
        (
            {"messages": [{"role": "developer", "content": "Be brief."}, USER]},
            {"instructions": "Be brief.", "input": "Hello"},
        ),
        (
            {"messages": [USER, {"role": "assistant", "content": "Hi"}, USER]},
            {"input": [USER, {"role": "assistant", "content": "Hi"}, USER]},
        ),
        (
            {"messages": [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}]},
            {
                "input": [
                    USER,
                    {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": "{}"},
                ]
            },
        ),
        (
            {"messages": [{"role": "tool", "tool_call_id": "call_1", "content": "3"}]},
            {"input": [{"type": "function_call_output", "call_id": "call_1", "output": "3"}]},
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What is it?"},
                            {"type": "image_url", "image_url": {"url": IMAGE, "detail": "low"}},
                        ],
                    }
                ]
            },
            {
                "input": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "input_text", "text": "What is it?"},
                            {"type": "input_image", "image_url": IMAGE, "detail": "low"},
                        ],
                    }
                ]
            },
        ),
        (
            {"messages": [USER], "max_completion_tokens": 50, "temperature": 0.2},
            {"input": "Hello", "max_output_tokens": 50, "temperature": 0.2},
        ),
        (
            {"messages": [USER], "reasoning_effort": "low", "verbosity": "high"},
            {"input": "Hello", "reasoning": {"effort": "low"}, "text": {"verbosity": "high"}},
        ),
        (
            {
                "messages": [USER],
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "news", "schema": SCHEMA, "strict": True},
                },
            },
            {
                "input": "Hello",
                "text": {"format": {"type": "json_schema", "name": "news", "schema": SCHEMA, "strict": True}},
            },
        ),
        (
            {"messages": [USER], "logprobs": True, "top_logprobs": 3},
            {"input": "Hello", "top_logprobs": 3, "include": ["message.output_text.logprobs"]},
        ),
        (
            {"messages": [USER], "stream": True, "stream_options": {"include_usage": True}},
            {"input": "Hello", "stream": True},
        ),
        (
            {
                "messages": [USER],
                "tools": [{"type": "function", "function": {"name": "add", "parameters": SCHEMA}}],
                "tool_choice": {"type": "function", "function": {"name": "add"}},
            },
            {
                "input": "Hello",
                "tools": [{"type": "function", "name": "add", "parameters": SCHEMA, "strict": False}],
                "tool_choice": {"type": "function", "name": "add"},
            },
        ),
        (
            {
                "messages": [USER],
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "auto",
                        "tools": [{"type": "function", "function": {"name": "add"}}],
                    },
                },
            },
            {
                "input": "Hello",
                "tool_choice": {
                    "type": "allowed_tools",
                    "mode": "auto",
                    "tools": [{"type": "function", "name": "add"}],
                },
            },
        ),
    ],
)
def test_writes_what_the_responses_api_calls_differently(
    chat: dict[str, Any], params: dict[str, Any]
) -> None:
    assert response_params({"model": "gpt-6-luna", **chat}) == {"model": "gpt-6-luna", **params}


def test_leaves_out_what_the_responses_api_does_not_have() -> None:
    chat = {"model": "m", "messages": [USER], "seed": 1, "stop": ["a"], "n": 2, "logit_bias": {"1": 1}}

    assert response_params({**chat, "presence_penalty": 1, "frequency_penalty": 1}) == {
        "model": "m",
        "input": "Hello",
    }


_texts = st.text(min_size=1)
_messages = st.lists(
    st.one_of(
        st.builds(lambda text: {"role": "user", "content": text}, _texts),
        st.builds(lambda text: {"role": "assistant", "content": text}, _texts),
        st.builds(
            lambda text: {"role": "user", "content": [{"type": "text", "text": text}]},
            _texts,
        ),
        st.builds(
            lambda text, calls: {"role": "assistant", "content": text, "tool_calls": calls},
            st.none() | _texts,
            st.lists(st.just(CALL), min_size=1, max_size=3),
        ),
        st.just({"role": "tool", "tool_call_id": "call_1", "content": "3"}),
    ),
    min_size=1,
).filter(
    # Calls after a message of the model belong to it, so as two messages they are not written back.
    lambda messages: (
        not any(
            first["role"] == "assistant" and "tool_calls" in second for first, second in pairwise(messages)
        )
    )
)
_params = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "max_completion_tokens": st.integers(16, 1000),
        "reasoning_effort": st.sampled_from(["low", "high"]),
        "verbosity": st.just("low"),
        "response_format": st.just({"type": "json_object"}),
        "tools": st.just(
            [{"type": "function", "function": {"name": "add", "parameters": SCHEMA, "strict": True}}]
        ),
        "tool_choice": st.sampled_from(["auto", {"type": "function", "function": {"name": "add"}}]),
        "parallel_tool_calls": st.booleans(),
        "metadata": st.just({"a": "b"}),
    },
)


@given(_messages, _params)
def test_is_the_same_request_when_it_is_written_back(
    messages: list[dict[str, Any]], params: dict[str, Any]
) -> None:
    chat = {"model": "m", "messages": messages, **params}

    assert chat_params(response_params(chat)) == chat


def test_names_the_api_of_a_run() -> None:
    assert api_of("responses.create") is APIS["responses"]
    assert api_of("chat.completions.create") is APIS["chat.completions"]
    assert api_of("chat.completions.parse") is APIS["chat.completions"]


@pytest.mark.parametrize("name", ["max_completion_tokens", "max_tokens"])
@pytest.mark.parametrize(("limit", "sent"), [(1, 16), (15, 16), (16, 16), (17, 17)])
def test_limits_the_output_to_no_less_than_the_api_accepts(name: str, limit: int, sent: int) -> None:
    assert response_params({"messages": [USER], name: limit})["max_output_tokens"] == sent
