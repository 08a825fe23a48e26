"""Loops that are read from their runs, as after a restart of the app."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from core.generation.api_name import ApiName
from core.runs.run import RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tools.loop.modes import ToolMode
from core.tools.loop.result import bounded_result
from core.tools.loop.saved_loop import load_loop
from core.tools.loop.tool_call import CallState
from core.tools.loop.tool_loop import LoopState, ToolLoop
from core.tools.requests.apis import MODEL_APIS
from core.tools.requests.model_api import Exchange, ModelTurn, RequestedCall, ToolChoice, ToolSettings
from tests.servers import event_stream, http_response, in_sequence
from tests.unit.tools.loop.test_decisions import waiting
from tests.unit.tools.loop_runner import LIMITS, PRICE, SETTINGS, LoopRunner
from tests.unit.tools.model_server import calls_reply, calls_then_text, text_reply, tool_chunk, tool_messages

# A round with text and two calls, and one with a call alone.
ANSWERED = (
    Exchange(
        ModelTurn("Let me look.", (RequestedCall("a", "price", "{}"), RequestedCall("b", "price", "{"))),
        {"a": "1", "b": ""},
    ),
    Exchange(ModelTurn("", (RequestedCall("c", "price", "{}"),)), {"c": "3"}),
)
CALLS = {
    call.id: {
        "type": "function_call",
        "id": f"fc_{call.id}",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }
    for exchange in ANSWERED
    for call in exchange.turn.calls
}
REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}
TEXT = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Let me look."}]}
OUTPUTS: tuple[tuple[dict[str, Any], ...], ...] = ((REASONING, TEXT, CALLS["a"], CALLS["b"]), (CALLS["c"],))
ANSWERED_OUTPUTS = tuple(
    replace(exchange, turn=replace(exchange.turn, output=output))
    for exchange, output in zip(ANSWERED, OUTPUTS, strict=True)
)


async def test_shows_the_same_rounds_calls_and_results(run: LoopRunner, store: Store) -> None:
    reply = calls_reply(("price", '{"ticker": "AAPL"}'), ("price", "{"), text="Let me look.")
    async with run(in_sequence(reply, reply, text_reply("Done."))) as (loop, _server):
        await loop.wait()

    saved = load_loop(loop.id, RunRepository(store))

    assert saved
    assert (saved.question, saved.state, saved.is_restored) == ("How much?", LoopState.DONE, True)
    assert [setup.tool.definition.name for setup in saved.tools] == ["price"]
    assert saved.usage_and_cost() == loop.usage_and_cost()
    assert {run.parent_id for run in saved.runs()} == {loop.id}
    assert [round_.number for round_ in saved.rounds] == [1, 2, 3]
    for expected, shown in zip(loop.rounds, saved.rounds, strict=True):
        assert shown.log.snapshot() == replace(expected.log.snapshot(), cost=shown.log.snapshot().cost)
        assert [(call.request, call.state, call.result) for call in shown.calls] == [
            (call.request, call.state, call.result and replace(call.result, size=len(call.result.text)))
            for call in expected.calls
        ]


async def test_shows_a_call_that_was_declined(run: LoopRunner, store: Store) -> None:
    setup = replace(PRICE, mode=ToolMode.APPROVE)
    async with run(calls_then_text(("price", '{"ticker": "A"}')), setup) as (loop, _server):
        await waiting(loop)
        loop.decide(loop.waiting_calls[0].key, "decline")
        await loop.wait()

    saved = load_loop(loop.id, RunRepository(store))

    assert saved
    assert saved.rounds[0].calls[0].state is CallState.DECLINED


async def test_shows_a_loop_whose_last_calls_have_no_result(run: LoopRunner, store: Store) -> None:
    setup = replace(PRICE, mode=ToolMode.ASK)
    async with run(calls_reply(("price", '{"ticker": "A"}')), setup) as (loop, _server):
        await waiting(loop)

    saved = load_loop(loop.id, RunRepository(store))

    assert saved
    assert (saved.state, saved.rounds[0].calls[0].state) == (LoopState.STOPPED, CallState.STOPPED)


async def test_shows_a_request_that_failed_and_the_one_that_repeated_it(
    run: LoopRunner, store: Store
) -> None:
    partial = event_stream(tool_chunk(0, '{"tick', "c1", "price"), done=False)
    error = http_response({"error": {"message": "no", "type": "x", "param": None, "code": None}}, 400)
    async with run(in_sequence(partial, error, text_reply("Done."))) as (loop, _server):
        await loop.wait()
        assert loop.calls
        assert loop.profile
        loop.start(loop.calls, loop.profile)
        await loop.wait()
        failed = load_loop(loop.id, RunRepository(store))
        loop.start(loop.calls, loop.profile)
        await loop.wait()

    saved = load_loop(loop.id, RunRepository(store))

    assert failed
    assert failed.error
    assert (failed.state, failed.error.status) == (LoopState.FAILED, 400)
    assert saved
    states = [(round_.number, round_.log.snapshot().state) for round_ in saved.rounds]
    assert states == [(1, RunState.CUT_OFF), (1, RunState.FAILED), (1, RunState.DONE)]
    assert [call.arguments for call in saved.unfinished_calls(saved.rounds[0])] == ['{"tick']


async def load_and_continue(loop: ToolLoop, store: Store) -> ToolLoop:
    """Load a loop that has ended, and run the rest of it."""
    assert loop.calls
    assert loop.profile
    saved = load_loop(loop.id, RunRepository(store))
    assert saved
    saved.use([PRICE], LIMITS, set())
    saved.start(loop.calls, loop.profile)
    await saved.wait()
    return saved


async def test_executes_the_calls_that_have_no_result_when_it_continues(
    run: LoopRunner, store: Store
) -> None:
    calls = ("price", '{"ticker": "A"}'), ("price", '{"ticker": "B"}')
    settings = replace(SETTINGS, instructions="Be brief.", choice=ToolChoice("required"), parallel=False)
    setup = replace(PRICE, mode=ToolMode.ASK)
    async with run(calls_then_text(*calls), setup, settings=settings) as (loop, server):
        await waiting(loop, 2)
        await loop.stop()
        saved = await load_and_continue(loop, store)

        assert (saved.state, saved.is_restored) == (LoopState.DONE, False)
        assert [call.state for call in saved.rounds[0].calls] == [CallState.DONE, CallState.DONE]
        assert tool_messages(server.requests[1])["call_1"] == '{"ticker":"B","price":10}'
        first, second = (request.json() for request in server.requests)
        assert second["messages"][: len(first["messages"])] == first["messages"]
        changed = {key for key in first if first[key] != second.get(key)}
        assert changed == {"messages", "tool_choice"}  # a call is required in the first round only
    again = load_loop(loop.id, RunRepository(store))
    assert again
    assert (again.state, len(again.rounds)) == (LoopState.DONE, 2)


async def test_asks_for_the_results_of_tools_that_are_not_selected_any_more(
    run: LoopRunner, store: Store
) -> None:
    async with run(calls_then_text(("price", '{"ticker": "A"}')), replace(PRICE, mode=ToolMode.ASK)) as (
        loop,
        _server,
    ):
        await waiting(loop)
        await loop.stop()
        assert loop.calls
        assert loop.profile
        saved = load_loop(loop.id, RunRepository(store))
        assert saved

        saved.use([], LIMITS, set())
        saved.start(loop.calls, loop.profile)
        await waiting(saved)
        saved.decide(saved.waiting_calls[0].key, bounded_result("12"))
        await saved.wait()

        assert saved.state is LoopState.DONE


async def test_repeats_the_request_that_failed_when_it_continues(run: LoopRunner, store: Store) -> None:
    error = http_response({"error": {"message": "no", "type": "x", "param": None, "code": None}}, 400)
    call = calls_reply(("price", '{"ticker": "A"}'))
    async with run(in_sequence(call, error, text_reply("Done."))) as (loop, server):
        await loop.wait()
        await load_and_continue(loop, store)

        assert server.requests[2].json() == server.requests[1].json()
    again = load_loop(loop.id, RunRepository(store))
    assert again
    states = [round_.log.snapshot().state for round_ in again.rounds]
    assert states == [RunState.DONE, RunState.FAILED, RunState.DONE]


@pytest.mark.parametrize(
    "settings",
    [
        ToolSettings("gpt-4o"),
        ToolSettings("gpt-6-luna", "Be brief.", False, ToolChoice("none"), False, False, "none"),
        ToolSettings("gpt-4o", choice=ToolChoice("required")),
        ToolSettings("gpt-4o", choice=ToolChoice("named", ("price",))),
        ToolSettings("gpt-4o", choice=ToolChoice("allowed_tools", ("price",), allowed_required=True)),
        ToolSettings("gpt-4o", choice=ToolChoice("allowed_tools", ("price",))),
    ],
)
@pytest.mark.parametrize(
    ("api_name", "history"),
    [
        ("chat.completions", ()),
        ("chat.completions", ANSWERED),
        ("responses", ()),
        ("responses", ANSWERED_OUTPUTS),
    ],
    ids=["chat", "chat, later round", "responses", "responses, later round"],
)
def test_reads_a_request(api_name: ApiName, settings: ToolSettings, history: tuple[Exchange, ...]) -> None:
    settings, api = replace(settings, api=api_name), MODEL_APIS[api_name]
    definition = PRICE.tool.definition
    params = api.build_request(settings, [definition], "How much?", history)

    request = api.read_request(params)

    assert (request.question, request.history) == ("How much?", history)
    assert history or request.settings == settings
    assert api.build_request(request.settings, request.tools, request.question, request.history) == params


async def test_finds_no_loop_without_runs(store: Store) -> None:
    assert load_loop(uuid4().hex, RunRepository(store)) is None


async def test_shows_only_what_belongs_to_the_owner(run: LoopRunner, store: Store) -> None:
    async with run(text_reply("Done.")) as (loop, _server):
        await loop.wait()

    assert load_loop(loop.id, RunRepository(store, "another")) is None
