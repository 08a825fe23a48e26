"""Which parameters the sandbox rejects, and with which error."""

import base64
from typing import Any

import httpx2
import pytest
from openai import BadRequestError, NotFoundError
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

from core.sandbox.api.parameters import CHAT_PARAMETERS
from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES, REASONING_MODEL, ChatHelper, user_message

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}


CALL = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}}


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10").decode()


def image_message(url: str, **more: str) -> list[Any]:
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": url, **more}}]
    return [{"role": "user", "content": parts}]


# Each row: test id, parameters added to a valid request, and the param and code of the error.
INVALID_PARAMETERS: list[tuple[str, dict[str, Any], str | None, str | None]] = [
    ("unknown parameter", {"foo": 1}, "foo", "unknown_parameter"),
    ("nested unknown", {"stream": True, "stream_options": {"x": 1}}, "stream_options.x", "unknown_parameter"),
    ("missing messages", {"messages": None}, "messages", "missing_required_parameter"),
    ("messages text", {"messages": "hi"}, "messages", "invalid_type"),
    ("no messages", {"messages": []}, "messages", "empty_array"),
    ("message text", {"messages": ["hi"]}, "messages[0]", "invalid_type"),
    ("no role", {"messages": [{"content": "x"}]}, "messages[0].role", "missing_required_parameter"),
    ("bad role", {"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ("message key", {"messages": [{**HI_MESSAGES[0], "x": 1}]}, "messages[0].x", "unknown_parameter"),
    ("bad name", {"messages": [{**HI_MESSAGES[0], "name": "a b"}]}, "messages[0].name", "invalid_value"),
    ("no content", {"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
    ("null content", user_message(None), "messages[0].content", "invalid_type"),
    ("number content", user_message(5), "messages[0].content", "invalid_type"),
    ("no parts", user_message([]), "messages[0].content", "empty_array"),
    ("part without type", user_message([{}]), "messages[0].content[0].type", "missing_required_parameter"),
    ("unknown part", user_message([{"type": "video"}]), "messages[0].content[0].type", "invalid_value"),
    (
        "part without text",
        user_message([{"type": "text"}]),
        "messages[0].content[0].text",
        "missing_required_parameter",
    ),
    (
        "part key",
        user_message([{"type": "text", "text": "x", "y": 1}]),
        "messages[0].content[0].y",
        "unknown_parameter",
    ),
    (
        "audio part",
        user_message([{"type": "input_audio"}]),
        "messages[0].content[0].type",
        "sandbox_unsupported",
    ),
    (
        "image as text",
        user_message([{"type": "image_url", "image_url": "https://x.test/a.png"}]),
        "messages[0].content[0].image_url",
        "invalid_type",
    ),
    (
        "image scheme",
        {"messages": image_message("ftp://x.test/a")},
        "messages[0].content[1].image_url.url",
        "invalid_value",
    ),
    (
        "image base64",
        {"messages": image_message("data:image/png;base64,A")},
        "messages[0].content[1].image_url.url",
        "invalid_base64",
    ),
    ("image format", {"messages": image_message("data:image/png;base64,QUJD")}, None, "invalid_image_format"),
    (
        "image detail",
        {"messages": image_message(f"data:image/png;base64,{PNG}", detail="huge")},
        "messages[0].content[1].image_url.detail",
        "invalid_value",
    ),
    (
        "image for a text model",
        {"messages": image_message("https://x.test/a"), "model": "o3-mini"},
        "messages[0].content[1].type",
        None,
    ),
    (
        "tool tool_message alone",
        {"messages": [{"role": "tool", "tool_call_id": "a", "content": "x"}]},
        "messages[0].role",
        None,
    ),
    (
        "tool tool_message without id",
        {"messages": [{"role": "tool", "content": "x"}]},
        "messages[0].tool_call_id",
        "missing_required_parameter",
    ),
    (
        "tool call alone",
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [CALL]}, *HI_MESSAGES]},
        "messages[1].role",
        None,
    ),
    ("temperature text", {"temperature": "hot"}, "temperature", "invalid_type"),
    ("temperature high", {"temperature": 2.1}, "temperature", "decimal_above_max_value"),
    ("temperature low", {"temperature": -1}, "temperature", "decimal_below_min_value"),
    ("temperature true", {"temperature": True}, "temperature", "invalid_type"),
    ("top_p high", {"top_p": 1.5}, "top_p", "decimal_above_max_value"),
    ("penalty low", {"presence_penalty": -3}, "presence_penalty", "decimal_below_min_value"),
    ("n text", {"n": "two"}, "n", "invalid_type"),
    ("n zero", {"n": 0}, "n", "integer_below_min_value"),
    ("n decimal", {"n": 1.5}, "n", "invalid_type"),
    ("zero tokens", {"max_completion_tokens": 0}, "max_completion_tokens", "integer_below_min_value"),
    ("too many tokens", {"max_completion_tokens": 99_999}, "max_completion_tokens", "invalid_value"),
    (
        "both limits",
        {"max_tokens": 5, "max_completion_tokens": 5},
        "max_tokens",
        "invalid_parameter_combination",
    ),
    ("stop number", {"stop": 5}, "stop", "invalid_type"),
    ("stop empty", {"stop": ""}, "stop", "empty_string"),
    ("stops", {"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
    ("bias text", {"logit_bias": "x"}, "logit_bias", "invalid_type"),
    ("bias key", {"logit_bias": {"x": 100}}, "logit_bias", "invalid_value"),
    ("bias high", {"logit_bias": {"1": 101}}, "logit_bias.1", "decimal_above_max_value"),
    ("bias key long", {"logit_bias": {"1" * 5_000: 1}}, "logit_bias", "invalid_value"),
    ("bias key unknown", {"logit_bias": {"999999999": 100}}, "logit_bias", "invalid_value"),
    (
        "bias many",
        {"logit_bias": {str(n): 1 for n in range(1025)}},
        "logit_bias",
        "object_above_max_properties",
    ),
    ("top_logprobs alone", {"top_logprobs": 2}, "top_logprobs", None),
    ("top_logprobs high", {"logprobs": True, "top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
    ("stream text", {"stream": "yes"}, "stream", "invalid_type"),
    ("stream options alone", {"stream_options": {"include_usage": True}}, "stream_options", None),
    (
        "obfuscation",
        {"stream": True, "stream_options": {"include_obfuscation": True}},
        "stream_options.include_obfuscation",
        "sandbox_unsupported",
    ),
    ("effort word", {"reasoning_effort": "lots"}, "reasoning_effort", "invalid_value"),
    ("effort unsupported", {"reasoning_effort": "low"}, "reasoning_effort", "unsupported_parameter"),
    ("metadata number", {"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
    (
        "metadata many",
        {"metadata": {str(n): "x" for n in range(17)}},
        "metadata",
        "object_above_max_properties",
    ),
    ("cache key long", {"prompt_cache_key": "x" * 65}, "prompt_cache_key", "string_above_max_length"),
    ("format type", {"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
    ("json not mentioned", {"response_format": {"type": "json_object"}}, "messages", None),
    (
        "schema",
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
        "missing_required_parameter",
    ),
    (
        "custom tools",
        {"tools": [{"type": "custom", "custom": {"name": "x"}}]},
        "tools[0]",
        "sandbox_unsupported",
    ),
    ("tool choice alone", {"tool_choice": "auto"}, "tool_choice", None),
    ("no tools", {"tools": []}, "tools", "empty_array"),
    ("store text", {"store": "yes"}, "store", "invalid_type"),
    ("audio", {"modalities": ["text", "audio"]}, "modalities", "sandbox_unsupported"),
    ("prediction", {"prediction": {"type": "content", "content": "x"}}, "prediction", "sandbox_unsupported"),
    ("web search", {"web_search_options": {}}, "web_search_options", "sandbox_unsupported"),
    ("deprecated functions", {"functions": []}, "functions", "sandbox_unsupported"),
    (
        "context",
        {"messages": [{"role": "user", "content": "word " * 9_000}], "model": "gpt-4"},
        "messages",
        "context_length_exceeded",
    ),
]


@pytest.mark.parametrize(
    ("extra", "param", "code"),
    [row[1:] for row in INVALID_PARAMETERS],
    ids=[row[0] for row in INVALID_PARAMETERS],
)
def test_rejects(
    http_client: httpx2.Client, extra: dict[str, Any], param: str | None, code: str | None
) -> None:
    body = {"model": CHAT_MODEL, "messages": HI_MESSAGES, **extra}
    response = http_client.post("/v1/chat/completions", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["param"], error["code"]) == (param, code), error["message"]


def test_validates_every_parameter_of_the_sdk() -> None:
    assert set(CHAT_PARAMETERS) - {"stream"} == set(CompletionCreateParamsBase.__annotations__)


ERROR_MESSAGES: list[tuple[dict[str, Any], str]] = [
    (
        {"model": REASONING_MODEL, "max_tokens": 5},
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
    ),
    (
        {"model": REASONING_MODEL, "temperature": 0.2},
        "Unsupported value: 'temperature' does not support 0.2 with this model. "
        "Only the default (1) value is supported.",
    ),
    ({"temperature": "hot"}, "Invalid type for 'temperature': expected a decimal, but got a string instead."),
    (
        {"temperature": 3},
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    ),
    ({"messages": None}, "Missing required parameter: 'messages'."),
    ({"foo": 1}, "Unknown parameter: 'foo'."),
]


@pytest.mark.parametrize(
    ("extra", "message"), ERROR_MESSAGES, ids=[" ".join(row[0]) for row in ERROR_MESSAGES]
)
def test_has_the_error_message_of_the_api(chat: ChatHelper, extra: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRequestError) as excinfo:
        chat(**{key: value for key, value in extra.items() if key in CHAT_PARAMETERS}, extra_body=extra)
    assert excinfo.value.body is not None
    assert excinfo.value.body["message"] == message  # type: ignore[index]  # the SDK types it as object


def test_rejects_an_unknown_model(chat: ChatHelper) -> None:
    with pytest.raises(NotFoundError) as excinfo:
        chat(model="gpt-99")
    assert (excinfo.value.code, excinfo.value.param) == ("model_not_found", None)
    assert "The model `gpt-99` does not exist" in excinfo.value.message


def test_rejects_an_embedding_model_for_chat(chat: ChatHelper) -> None:
    with pytest.raises(NotFoundError, match="not a chat model"):
        chat(model="text-embedding-3-small")


def test_accepts_a_tool_call_with_its_result(chat: ChatHelper) -> None:
    tool_call = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    tool_message = {"role": "tool", "tool_call_id": "call_1", "content": "12:00"}
    assert (
        chat.text(messages=[*HI_MESSAGES, tool_call, tool_message, {"role": "user", "content": "count to 3"}])
        == "1, 2, 3"
    )
