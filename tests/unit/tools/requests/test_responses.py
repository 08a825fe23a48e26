"""The loop by the Responses API, against the sandbox: streamed or not, and read again from its runs."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls import CallService
from core.client.profile import Profile
from core.runs.run import RunState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tools.library.catalog import LIBRARY
from core.tools.loop.modes import ToolMode, ToolSetup
from core.tools.loop.saved_loop import load_loop
from core.tools.loop.tool_loop import LoopState, ToolLoop
from core.tools.requests.apis import ResponsesApi
from core.tools.requests.model_api import ModelTurn, RequestedCall, ToolChoice, ToolSettings
from core.tools.requests.support import tool_support
from tests.servers import http_response, in_sequence
from tests.unit.conftest import profile_for
from tests.unit.tools.loop.test_decisions import waiting
from tests.unit.tools.loop_runner import LIMITS, LoopRunner

TOOLS = [ToolSetup(entry.tool) for entry in LIBRARY]
PRICE = next(setup for setup in TOOLS if setup.name == "get_stock_price")
ONE, TWO = "What is the stock price of Apple?", "서울과 파리의 날씨를 비교해 줘."
# It reasons, and takes tools in no other API.
MODEL = "gpt-6.1-sol"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Profile]:
    with SandboxServer() as server:
        yield profile_for(server.url, server.key)


def settings_of(model: str = MODEL, **values: Any) -> ToolSettings:
    return ToolSettings(model, api="responses", **values)


async def ask(calls: CallService, profile: Profile, settings: ToolSettings, question: str = ONE) -> ToolLoop:
    loop = ToolLoop(question, settings, TOOLS, LIMITS)
    loop.start(calls, profile)
    async with asyncio.timeout(30):
        await loop.wait()
    return loop


def called(loop: ToolLoop) -> list[list[str]]:
    return [[call.request.name for call in round_.calls] for round_ in loop.rounds]


# The last one refuses the id of a call without the reasoning item before it.
@pytest.mark.parametrize("model", [MODEL, "gpt-6.2-astra", "gpt-4o", "gpt-5-mini"])
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_answers_with_the_results_of_its_calls(
    calls: CallService, sandbox: Profile, model: str, stream: bool
) -> None:
    loop = await ask(calls, sandbox, settings_of(model, stream=stream, instructions="Be brief."))

    assert (loop.state, called(loop)) == (LoopState.DONE, [["get_stock_price"], []])
    assert "271.35" in loop.rounds[-1].log.text
    assert {run.endpoint for run in loop.runs()} == {"responses.create"}
    assert all(run.usage for run in loop.runs())
    first, second = loop.runs()
    output = (first.response or {})["output"]
    assert [item["type"] for item in output] == ["reasoning"] * (model != "gpt-4o") + ["function_call"]
    *sent, result = second.params["input"]
    assert sent == [{"role": "user", "content": ONE}, *output]
    assert (result["type"], result["call_id"]) == ("function_call_output", output[-1]["call_id"])
    assert second.params.get("include") == (["reasoning.encrypted_content"] if model != "gpt-4o" else None)


async def test_sends_the_output_of_other_servers_back_with_ids_for_its_calls(run: LoopRunner) -> None:
    thought = {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "?"}], "status": None}
    call = {"type": "function_call", "name": "price", "arguments": '{"ticker": "A"}', "extra": 1}
    bodies = [
        {"object": "response", "id": "1", "status": "completed", "output": output}
        for output in ([call, call], [thought, {**call, "call_id": "c"}], [])
    ]
    settings = settings_of("some-model", stream=False)
    async with run(in_sequence(*map(http_response, bodies)), settings=settings) as (loop, server):
        await loop.wait()

    assert loop.state is LoopState.DONE
    last = server.requests[-1].json()
    results = ({"type": "function_call_output", "output": '{"ticker":"A","price":10}'} for _ in range(3))
    ids = ("call_1_1", "call_1_2", "c")
    calls = [{**call, "call_id": call_id} for call_id in ids]
    outputs = [{**result, "call_id": call_id} for result, call_id in zip(results, ids, strict=True)]
    question = {"role": "user", "content": "How much?"}
    assert last["input"] == [question, *calls[:2], *outputs[:2], thought, calls[2], outputs[2]]
    assert "include" not in last


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice("none"), [[]]),
        (ToolChoice("required"), [["get_stock_price"], []]),
        (ToolChoice("named", ("get_stock_price",)), [["get_stock_price"], []]),
        (ToolChoice("allowed_tools", ("get_stock_price", "get_weather")), [["get_stock_price"], []]),
        (ToolChoice("allowed_tools", ("get_weather",)), [[]]),
        (ToolChoice("allowed_tools", ("get_stock_price",), allowed_required=True), [["get_stock_price"], []]),
    ],
    ids=lambda value: value.mode if isinstance(value, ToolChoice) else "",
)
async def test_sends_every_tool_choice(
    calls: CallService, sandbox: Profile, choice: ToolChoice, expected: list[list[str]]
) -> None:
    loop = await ask(calls, sandbox, settings_of(choice=choice, strict=False))

    assert (loop.state, loop.error, called(loop)) == (LoopState.DONE, None, expected)


@pytest.mark.parametrize("parallel", [True, False])
async def test_sends_the_results_of_parallel_calls(
    calls: CallService, sandbox: Profile, parallel: bool
) -> None:
    loop = await ask(calls, sandbox, settings_of(parallel=parallel), TWO)

    weather = [["get_weather"] * 2, []] if parallel else [["get_weather"], ["get_weather"], []]
    assert (loop.state, called(loop)) == (LoopState.DONE, weather)


async def test_shows_the_error_of_a_request_that_fails(calls: CallService, sandbox: Profile) -> None:
    loop = await ask(calls, sandbox, settings_of("no-such-model"))

    assert loop.state is LoopState.FAILED
    assert loop.error
    assert loop.error.status == 400


async def test_is_read_from_its_runs_and_continues(
    calls: CallService, sandbox: Profile, store: Store
) -> None:
    asked = [ToolSetup(PRICE.tool, ToolMode.ASK)]
    loop = ToolLoop(ONE, settings_of(instructions="Be brief."), asked, LIMITS)
    loop.start(calls, sandbox)
    async with asyncio.timeout(30):
        await waiting(loop)
    await loop.stop()

    saved = load_loop(loop.id, RunRepository(store))
    assert saved
    assert (saved.settings, saved.question) == (loop.settings, ONE)
    saved.use([PRICE], LIMITS, set())
    saved.start(calls, sandbox)
    async with asyncio.timeout(30):
        await saved.wait()

    assert (saved.state, called(saved)) == (LoopState.DONE, [["get_stock_price"], []])
    again = load_loop(loop.id, RunRepository(store))
    assert again
    assert (again.state, called(again)) == (LoopState.DONE, called(saved))
    assert [call.result for call in again.rounds[0].calls] == [call.result for call in saved.rounds[0].calls]
    assert {round_.log.snapshot().state for round_ in again.rounds} == {RunState.DONE}


def test_reads_a_refusal_and_calls_without_an_id_of_their_own() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "price", "arguments": "{}"}
    refusal = {"type": "refusal", "refusal": "No."}
    message = {"type": "message", "content": [{"type": "output_text", "text": "Well. "}, refusal]}
    output = [{"type": "reasoning", "content": [{"type": "reasoning_text", "text": "?"}]}, message]

    turn = ResponsesApi().read_response({"output": [*output, call, call, {**call, "call_id": None}]}, 2)

    ids = ("c", "call_2_2", "call_2_3")
    calls = tuple(RequestedCall(call_id, "price", "{}") for call_id in ids)
    assert turn == ModelTurn("Well. No.", calls, (*output, *({**call, "call_id": i} for i in ids)))


_json = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from(["function_call", "message", "output_text"]),
    lambda value: (
        st.lists(value)
        | st.dictionaries(st.sampled_from(["type", "call_id", "name", "arguments", "content", "text"]), value)
    ),
)


@given(st.dictionaries(st.just("output"), _json) | st.none())
def test_reads_any_response(response: dict[str, Any] | None) -> None:
    turn = ResponsesApi().read_response(response, 1)

    assert len({call.id for call in turn.calls}) == len(turn.calls)


@pytest.mark.parametrize(
    ("model", "api", "used", "effort"),
    [
        ("gpt-6.2-astra", "chat.completions", "responses", None),
        ("gpt-6-luna", "chat.completions", "chat.completions", "none"),
        ("gpt-6-luna", "responses", "responses", None),
        ("gpt-4o", "responses", "responses", None),
        ("llama3.2", "responses", "responses", None),
    ],
)
def test_uses_the_api_that_the_model_takes_tools_in(
    model: str, api: Any, used: str, effort: str | None
) -> None:
    support = tool_support(model, api)

    assert (support.is_supported, support.api, support.reasoning_effort) == (True, used, effort)
    assert bool(support.note) is (support.needs_responses or effort is not None)


@pytest.mark.parametrize("api", ["chat.completions", "responses"])
def test_sends_no_tools_to_an_embedding_model(api: Any) -> None:
    assert tool_support("text-embedding-3-small", api).reason == "Only chat models support tools."
