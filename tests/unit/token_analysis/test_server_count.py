"""The server counts a request of either API, and the count is a run."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.calls import CallService
from core.client.client import create_client_async
from core.client.profile import Profile
from core.images.image import normalise_image
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.token_analysis.request_parser import ParsedRequest, convert_request
from core.token_analysis.server_count import count_on_server, count_params
from core.tokens.estimate import estimate_tokens
from core.vision.request import VisionRequest
from tests.servers import http_response, in_sequence, stub_server
from tests.unit.conftest import profile_for
from tests.unit.images import sample_images

FUNCTION = {"name": "now", "parameters": {"type": "object", "properties": {}}}
TOOL = {"type": "function", "function": FUNCTION}
MESSAGES = [{"role": "user", "content": "hello"}]
HELLO = {"model": "gpt-4o", "input": "hello"}
SCHEMA = {"name": "reply", "schema": {"type": "object", "properties": {}, "additionalProperties": False}}


@pytest.fixture
def profile() -> Iterator[Profile]:
    with SandboxServer() as server:
        yield profile_for(server.url, server.key)


async def test_counts_what_the_estimate_predicts(calls: CallService, profile: Profile) -> None:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": [{"type": "text", "text": "Hello!"}]},
    ]

    count = await count_on_server(
        calls, profile, count_params(ParsedRequest({"messages": messages}), "gpt-4o")
    )

    assert count.tokens == estimate_tokens({"model": "gpt-4o", "messages": messages}).tokens == 19


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-5-mini"])
async def test_counts_what_the_request_is_billed_by_either_api(
    calls: CallService, profile: Profile, model: str
) -> None:
    image = normalise_image(sample_images.solid_image("PNG", (600, 400)), "a.png")
    chat = ParsedRequest(
        {
            "messages": [
                {"role": "system", "content": "Answer in one word."},
                VisionRequest("What is it?", (image,), "low").message(),
                {"role": "assistant", "content": "Red."},
                {"role": "user", "content": "Which time is it?"},
            ],
            "tools": [TOOL],
            "response_format": {"type": "json_schema", "json_schema": SCHEMA},
        }
    )
    responses = ParsedRequest(convert_request(chat, "responses")[0], "responses")

    counts = [
        (await count_on_server(calls, profile, count_params(request, model))).tokens
        for request in (chat, responses)
    ]

    client = await create_client_async(profile)
    completion = await client.chat.completions.create(model=model, **dict(chat.params))
    response = await client.responses.create(model=model, **dict(responses.params))
    assert completion.usage
    assert response.usage
    assert counts == [completion.usage.prompt_tokens, response.usage.input_tokens]
    assert counts[0] == counts[1]


def test_sends_a_request_of_the_responses_api_as_it_is() -> None:
    request = {"input": [{"type": "item_reference", "id": "msg_1"}], "previous_response_id": "resp_1"}

    params = count_params(ParsedRequest({"model": "x", "store": False, **request}, "responses"), "gpt-4o")

    assert params == {"model": "gpt-4o", **request}


def test_writes_tool_calls_and_results_as_items() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
    ]

    assert count_params(ParsedRequest({"messages": messages}), "gpt-4o")["input"] == [
        {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "noon"},
    ]


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
    count = await count_on_server(calls, profile, {"model": "no-such-model", "input": []})

    assert (count.run.state, count.tokens) == (RunState.FAILED, None)
    assert count.run.error


async def test_counts_the_input_alone_where_tools_are_refused(calls: CallService) -> None:
    refusal = http_response({"error": {"message": "tools are not supported", "param": "tools"}}, 400)
    answers = in_sequence(refusal, http_response({"input_tokens": 8}))

    async with stub_server(answers) as server:
        count = await count_on_server(calls, profile_for(server.url), {**HELLO, "tools": [FUNCTION]})

    assert (count.tokens, count.is_partial, count.run.params) == (8, True, HELLO)


async def test_sends_a_rejected_request_once_if_it_has_nothing_but_input(calls: CallService) -> None:
    async with stub_server(http_response({"error": {"message": "no"}}, 400)) as server:
        count = await count_on_server(calls, profile_for(server.url), HELLO)

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
        count = await count_on_server(calls, profile_for(server.url), {"model": "m", "input": []})

    assert (count.run.state, count.tokens) == (RunState.FAILED, None)
    assert "not a token count" in str(count.run.error)
