"""Which parameters a model rejects, before the sandbox rejects what it does not implement."""

from typing import Any

import httpx2
import pytest
from openai import BadRequestError

from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES, REASONING_MODEL, ChatHelper

TOOL = {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}}

# Each row: test id, parameters added to a valid request, and the param and code of the error.
INVALID_PARAMETERS: list[tuple[str, dict[str, Any], str, str | None]] = [
    (
        "reasoning max_tokens",
        {"model": REASONING_MODEL, "max_tokens": 5},
        "max_tokens",
        "unsupported_parameter",
    ),
    (
        "reasoning temperature",
        {"model": REASONING_MODEL, "temperature": 0.2},
        "temperature",
        "unsupported_value",
    ),
    ("reasoning top_p", {"model": REASONING_MODEL, "top_p": 0.2}, "top_p", "unsupported_value"),
    ("reasoning logprobs", {"model": REASONING_MODEL, "logprobs": True}, "logprobs", "unsupported_parameter"),
    (
        "reasoning bias",
        {"model": REASONING_MODEL, "logit_bias": {"1": 100}},
        "logit_bias",
        "unsupported_parameter",
    ),
    (
        "reasoning minimal",
        {"model": REASONING_MODEL, "reasoning_effort": "minimal"},
        "reasoning_effort",
        "unsupported_value",
    ),
    ("reasoning tools", {"model": REASONING_MODEL, "tools": [TOOL]}, "reasoning_effort", None),
    (
        "model before sandbox",
        {"model": "gpt-5-mini", "logit_bias": {"1": 5}, "audio": {"voice": "alloy", "format": "wav"}},
        "logit_bias",
        "unsupported_parameter",
    ),
    (
        "reasoning prediction",
        {"model": "gpt-5-mini", "prediction": {"type": "content", "content": "x"}},
        "prediction",
        "unsupported_parameter",
    ),
    (
        "message before sandbox",
        {"messages": [{"role": "user"}], "tools": [TOOL]},
        "messages[0].content",
        "missing_required_parameter",
    ),
    (
        "effort before sandbox",
        {"model": REASONING_MODEL, "tools": [TOOL], "response_format": {"type": "json_schema"}},
        "reasoning_effort",
        None,
    ),
    ("reasoning stop", {"model": "o3", "stop": "x"}, "stop", "unsupported_parameter"),
]


@pytest.mark.parametrize(
    ("extra", "param", "code"),
    [row[1:] for row in INVALID_PARAMETERS],
    ids=[row[0] for row in INVALID_PARAMETERS],
)
def test_rejects(http_client: httpx2.Client, extra: dict[str, Any], param: str, code: str | None) -> None:
    body = {"model": CHAT_MODEL, "messages": HI_MESSAGES, **extra}
    response = http_client.post("/v1/chat/completions", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error["param"], error["code"]) == (param, code), error["message"]


@pytest.mark.parametrize(
    ("model", "effort", "supported"),
    [
        ("gpt-4o", None, True),
        ("o3", "high", True),
        ("gpt-5.2", "low", True),
        ("gpt-5.4", None, True),
        ("gpt-5.4", "none", True),
        ("gpt-5.4", "low", False),
        ("gpt-5.6-luna", None, False),
        ("gpt-5.6-luna", "none", True),
        ("gpt-6-sol", None, False),
        ("gpt-6-sol", "none", True),
        ("gpt-6-astra", "low", False),
        ("gpt-6.1-sol", None, False),
        ("gpt-6.2-astra", None, False),
        ("gpt-6.2-sol", "high", False),
    ],
)
def test_rejects_tools_beside_reasoning_as_the_model_does(
    chat: ChatHelper, model: str, effort: str | None, supported: bool
) -> None:
    params: dict[str, Any] = {"model": model, "tools": [TOOL]}
    if effort:
        params["reasoning_effort"] = effort
    if supported:
        assert chat(**params).choices
        return
    with pytest.raises(BadRequestError) as excinfo:
        chat(**params)
    assert (excinfo.value.param, excinfo.value.code) == ("reasoning_effort", None)


def test_accepts_default_values_of_unsupported_parameters(chat: ChatHelper) -> None:
    assert chat.text("count to 3", model=REASONING_MODEL, temperature=1, top_p=1) == "1, 2, 3"


def test_accepts_sampling_parameters_with_reasoning_effort_none(chat: ChatHelper) -> None:
    assert (
        chat.text("count to 3", model=REASONING_MODEL, reasoning_effort="none", temperature=0.2) == "1, 2, 3"
    )
