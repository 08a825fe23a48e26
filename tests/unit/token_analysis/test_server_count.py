"""The server counts a chat request as the Responses API would see it, and the count is a run."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.calls import CallService
from core.client.profile import Profile
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.token_analysis.server_count import count_on_server, count_params
from core.tokens.estimate import estimate_tokens
from tests.servers import http_response, in_sequence, stub_server
from tests.unit.conftest import profile_for

FUNCTION = {"name": "now", "parameters": {"type": "object", "properties": {}}}
TOOL = {"type": "function", "function": FUNCTION}
HELLO = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def profile() -> Iterator[Profile]:
    with SandboxServer() as server:
        yield profile_for(server.url, server.key)


async def test_counts_what_the_estimate_predicts(calls: CallService, profile: Profile) -> None:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": [{"type": "text", "text": "Hello!"}]},
    ]
    params = {"model": "gpt-4o", "messages": messages}

    count = await count_on_server(calls, profile, params)

    assert count.tokens == estimate_tokens(params).tokens == 19


def test_writes_tool_calls_and_results_as_items() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
    ]

    assert count_params({"model": "gpt-4o", "messages": messages})["input"] == [
        {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "noon"},
    ]


def test_writes_tools_and_schema_in_the_format_of_the_responses_api() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {}}}

    params = count_params({"model": "m", "messages": [], "tools": [TOOL], "response_format": schema})

    assert params["tools"] == [{"type": "function", **FUNCTION}]
    assert params["text"] == {"format": {"type": "json_schema", "name": "reply", "schema": {}}}


async def test_saves_a_run_of_the_count_without_a_cost(
    calls: CallService, profile: Profile, store: Store, ended_runs: list[Run]
) -> None:
    count = await count_on_server(calls, profile, HELLO)

    saved = RunRepository(store).get(count.run.id)
    assert (saved.state, saved.status, saved.capability) == (RunState.DONE, 200, "tokens")
    assert saved.response == {"object": "response.input_tokens", "input_tokens": 8}
    assert (saved.usage, saved.cost) == (None, None)
    assert [event.kind for event in RunRepository(store).events(saved.id)] == ["sent", "headers", "end"]
    assert [run.id for run in ended_runs] == [saved.id]


async def test_explains_why_a_server_does_not_count(calls: CallService, profile: Profile) -> None:
    count = await count_on_server(calls, profile, {"model": "no-such-model", "messages": []})

    assert (count.run.state, count.tokens) == (RunState.FAILED, None)
    assert count.run.error


async def test_counts_the_messages_alone_where_tools_are_refused(calls: CallService) -> None:
    refusal = http_response({"error": {"message": "tools are not supported", "param": "tools"}}, 400)
    answers = in_sequence(refusal, http_response({"input_tokens": 8}))

    async with stub_server(answers) as server:
        count = await count_on_server(calls, profile_for(server.url), {**HELLO, "tools": [TOOL]})

    assert (count.tokens, count.counted_params) == (8, HELLO)


async def test_sends_a_rejected_request_once_if_it_has_nothing_but_messages(calls: CallService) -> None:
    """Parameters of a chat that the count leaves out make no difference."""
    async with stub_server(http_response({"error": {"message": "no"}}, 400)) as server:
        count = await count_on_server(calls, profile_for(server.url), {**HELLO, "temperature": 1.0})

    assert len(server.requests) == 1
    assert not count.is_partial


async def test_does_not_retry_a_count(calls: CallService) -> None:
    async with stub_server(http_response({"error": {"message": "busy"}}, 503)) as server:
        await count_on_server(calls, profile_for(server.url, max_retries=2), HELLO)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [{"error": "no"}, {"input_tokens": None}, {"input_tokens": "8"}, {"input_tokens": 2**70}, "many", []],
    ids=["error", "null", "text", "too many", "page", "list"],
)
async def test_accepts_only_a_number_as_a_count(answer: object, calls: CallService) -> None:
    async with stub_server(http_response(answer)) as server:
        count = await count_on_server(calls, profile_for(server.url), {"model": "m", "messages": []})

    assert (count.run.state, count.tokens) == (RunState.FAILED, None)
    assert "not a token count" in str(count.run.error)
