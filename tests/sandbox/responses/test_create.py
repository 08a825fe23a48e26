"""Responses without streaming: the object, its usage, and the same replies as Chat Completions."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openai import OpenAI

from core.sandbox.server import SandboxServer
from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL
from tests.sandbox.responses.conversions import assert_same_usage, complete, respond, to_items

# In the order of the wire, as recorded from the API.
FIELDS = [
    "id",
    "object",
    "created_at",
    "status",
    "background",
    "billing",
    "completed_at",
    "error",
    "frequency_penalty",
    "incomplete_details",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "model",
    "moderation",
    "output",
    "parallel_tool_calls",
    "presence_penalty",
    "previous_response_id",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tool_usage",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "usage",
    "user",
    "metadata",
]
CALLS: list[Any] = [
    {"role": "user", "content": "What is the weather in Paris?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": '{"temperature": 21, "unit": "°C"}'},
]
CONVERSATIONS = [
    pytest.param([{"role": "user", "content": "What is 17.5% of 240?"}], id="question"),
    pytest.param(
        [{"role": "developer", "content": "Answer in Korean."}, {"role": "user", "content": "hello"}],
        id="instructions",
    ),
    pytest.param(
        [
            {"role": "user", "content": "My name is Mina."},
            {"role": "assistant", "content": "Nice to meet you, Mina."},
            {"role": "user", "content": "What is my name?"},
        ],
        id="conversation",
    ),
    pytest.param(CALLS, id="tool result"),
]


def post(http_client: httpx2.Client, **params: Any) -> dict[str, Any]:
    body = {"model": CHAT_MODEL, "input": "hello", **params}
    response = http_client.post("/v1/responses", json=body)
    assert response.status_code == 200
    result: dict[str, Any] = response.json()
    return result


def test_has_all_fields_in_the_order_of_the_api(http_client: httpx2.Client) -> None:
    body = post(http_client)

    assert list(body) == FIELDS
    assert (body["object"], body["status"], body["error"], body["store"]) == (
        "response",
        "completed",
        None,
        True,
    )
    assert body["id"].startswith("resp_")
    assert body["completed_at"] >= body["created_at"]
    (message,) = body["output"]
    assert list(message) == ["id", "type", "status", "content", "role"]
    assert message["id"].startswith("msg_")
    assert list(message["content"][0]) == ["type", "annotations", "logprobs", "text"]


def test_returns_the_settings_of_the_request(http_client: httpx2.Client) -> None:
    settings: dict[str, Any] = {
        "instructions": "Be brief.",
        "max_output_tokens": 50,
        "max_tool_calls": 3,
        "metadata": {"topic": "demo"},
        "parallel_tool_calls": False,
        "prompt_cache_key": "k",
        "safety_identifier": "s",
        "store": False,
        "temperature": 0.2,
        "tool_choice": "none",
        "top_p": 0.5,
        "truncation": "auto",
        "user": "u",
    }
    body = post(http_client, **settings, service_tier="priority", text={"verbosity": "low"})

    assert {name: body[name] for name in settings} == settings
    assert body["text"] == {"format": {"type": "text"}, "verbosity": "low"}
    assert body["service_tier"] == "fast"


def test_returns_the_reasoning_settings_of_a_reasoning_model(http_client: httpx2.Client) -> None:
    body = post(http_client, model=REASONING_MODEL, reasoning={"effort": "max", "summary": "auto"})

    assert body["reasoning"] == {
        "context": "all_turns",
        "effort": "max",
        "mode": "standard",
        "summary": "detailed",
    }


@pytest.mark.parametrize("messages", CONVERSATIONS)
@pytest.mark.parametrize("model", [CHAT_MODEL, REASONING_MODEL])
def test_replies_like_chat_completions(client: OpenAI, messages: list[Any], model: str) -> None:
    response = respond(client, to_items(messages), model=model)
    completion = complete(client, messages, model=model)

    assert response.output_text == completion.choices[0].message.content
    assert_same_usage(response, completion)


@hypothesis_settings(max_examples=25)
@given(
    question=st.text(max_size=200),
    instructions=st.none() | st.text(min_size=1, max_size=40),
    params=st.fixed_dictionaries({}, optional={"temperature": st.floats(0, 2), "top_p": st.floats(0, 1)}),
)
def test_replies_like_chat_completions_to_any_question(
    client: OpenAI, question: str, instructions: str | None, params: dict[str, Any]
) -> None:
    messages: list[Any] = [{"role": "user", "content": question}]
    if instructions:
        messages.insert(0, {"role": "developer", "content": instructions})
    response = respond(client, question, instructions=instructions, **params)
    completion = complete(client, messages, **params)

    assert response.output_text == completion.choices[0].message.content
    assert_same_usage(response, completion)


@pytest.mark.parametrize(
    "value",
    [
        "hello",
        [{"role": "user", "content": "hello"}],
        [{"type": "message", "role": "user", "content": "hello"}],
        [{"role": "user", "content": [{"type": "input_text", "text": "hello"}]}],
        [{"id": "msg_1", "type": "message", "status": "completed", "role": "user", "content": "hello"}],
    ],
)
def test_counts_the_same_tokens_for_every_form_of_input(client: OpenAI, value: Any) -> None:
    response = respond(client, value)

    assert response.usage
    assert response.usage.input_tokens == 8
    assert response.output_text == respond(client).output_text


def test_counts_cached_tokens(client: OpenAI) -> None:
    text = "Read this text. " * 300
    usages = [respond(client, text).usage for _ in range(2)]

    assert [usage.input_tokens_details.cached_tokens > 1024 for usage in usages if usage] == [False, True]


def test_is_incomplete_at_the_token_limit(client: OpenAI) -> None:
    response = respond(client, "count to 40", max_output_tokens=16)

    assert response.incomplete_details
    assert (response.status, response.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert response.completed_at is None
    assert response.output[0].status == "incomplete"  # type: ignore[union-attr]
    assert response.usage
    assert response.usage.output_tokens == 16


def test_has_no_message_if_reasoning_takes_all_tokens(client: OpenAI) -> None:
    response = respond(client, model=REASONING_MODEL, max_output_tokens=16)

    assert (response.status, [item.type for item in response.output]) == ("incomplete", ["reasoning"])


@pytest.mark.parametrize(("summary", "parts"), [(None, 0), ("concise", 1), ("detailed", 2), ("auto", 2)])
def test_summarises_its_reasoning(client: OpenAI, summary: Any, parts: int) -> None:
    response = respond(client, model=REASONING_MODEL, reasoning={"summary": summary})
    item = response.output[0]

    assert item.type == "reasoning"
    assert len(item.summary) == parts
    assert item.encrypted_content


def test_returns_logprobs_only_if_they_are_included(client: OpenAI) -> None:
    content = respond(client, "count to 5", top_logprobs=3).output[0].content[0]  # type: ignore[union-attr, index]
    assert content.logprobs == []  # type: ignore[union-attr]
    included: Any = {"include": ["message.output_text.logprobs"], "top_logprobs": 3}
    content = respond(client, "count to 5", **included).output[0].content[0]  # type: ignore[union-attr, index]
    logprobs = content.logprobs  # type: ignore[union-attr]
    assert logprobs
    assert "".join(entry.token for entry in logprobs) == "1, 2, 3, 4, 5"
    assert all(len(entry.top_logprobs) == 3 for entry in logprobs)


def test_accepts_models_that_only_this_api_has(client: OpenAI) -> None:
    assert respond(client, model="gpt-5-pro").model == "gpt-5-pro"
    response = client.with_options(max_retries=0)
    with pytest.raises(Exception, match="only supported in v1/responses and not in v1/chat/completions"):
        complete(response, [{"role": "user", "content": "hello"}], model="gpt-5-pro")


def test_sends_the_headers_and_the_limits_of_chat_completions(client: OpenAI, server: SandboxServer) -> None:
    server.settings.update({"requests_per_minute": 1})
    raw = client.responses.with_raw_response.create(model=CHAT_MODEL, input="hello")

    assert raw.headers["x-ratelimit-remaining-requests"] == "0"
    assert raw.headers["x-request-id"]
    with pytest.raises(Exception, match="Rate limit reached"):
        respond(client)
