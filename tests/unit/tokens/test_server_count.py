"""A chat request is counted by the server as the Responses API would have it."""

from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from core.errors.types import NotOpenAICompatible
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.tokens.estimate import estimate_tokens
from core.tokens.server_count import ENDPOINT, count_and_record, count_input_tokens, count_params
from tests.servers import http_response, stub_server

FUNCTION = {"name": "now", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture
async def client() -> AsyncIterator[openai.AsyncOpenAI]:
    with SandboxServer() as server:
        async with openai.AsyncOpenAI(base_url=server.url, api_key=server.key, max_retries=0) as made:
            yield made


async def test_counts_what_the_estimate_says(client: openai.AsyncOpenAI) -> None:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": [{"type": "text", "text": "Hello!"}]},
    ]
    params = {"model": "gpt-4o", "messages": messages}

    assert await count_input_tokens(client, params) == estimate_tokens(params).tokens == 19


def test_writes_calls_and_results_as_items() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
    ]

    assert count_params({"model": "gpt-4o", "messages": messages})["input"] == [
        {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "noon"},
    ]


def test_writes_tools_and_schema_as_the_responses_api_has_them() -> None:
    tool = {"type": "function", "function": FUNCTION}
    reply = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {}}}

    params = count_params({"model": "m", "messages": [], "tools": [tool], "response_format": reply})

    assert params["tools"] == [{"type": "function", **FUNCTION}]
    assert params["text"] == {"format": {"type": "json_schema", "name": "reply", "schema": {}}}


async def test_keeps_a_run_of_the_count(client: openai.AsyncOpenAI) -> None:
    log = RunLog(Run("tokens", ENDPOINT, {}))

    await count_and_record(
        client, {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}, log
    )

    run = log.snapshot()
    assert (run.state, run.status, run.response) == (
        RunState.DONE,
        200,
        {"object": "response.input_tokens", "input_tokens": 8},
    )
    assert [event.kind for event in log.events] == ["sent", "headers", "end"]


async def test_explains_why_a_server_does_not_count(client: openai.AsyncOpenAI) -> None:
    log = RunLog(Run("tokens", ENDPOINT, {}))

    await count_and_record(client, {"model": "no-such-model", "messages": []}, log)

    assert log.snapshot().state is RunState.FAILED
    assert log.snapshot().error is not None


@pytest.mark.parametrize(
    "answer",
    [{"error": "no"}, {"input_tokens": None}, {"input_tokens": "8"}, {"input_tokens": 2**70}, "many", []],
    ids=["error", "null", "text", "too many", "page", "list"],
)
async def test_takes_only_a_number_for_a_count(answer: object) -> None:
    log, params = RunLog(Run("tokens", ENDPOINT, {})), {"model": "m", "messages": []}

    async with (
        stub_server(http_response(answer)) as server,
        openai.AsyncOpenAI(base_url=server.url, api_key="k") as of,
    ):
        await count_and_record(of, params, log)
        with pytest.raises(NotOpenAICompatible):
            await count_input_tokens(of, params)

    run = log.snapshot()
    assert run.state is RunState.FAILED
    assert "not a count" in str(run.error)
