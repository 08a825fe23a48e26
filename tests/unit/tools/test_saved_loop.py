"""Loops that are read from their runs, as after a restart of the app."""

from dataclasses import replace
from uuid import uuid4

from core.runs.run import RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.loop import LoopState
from core.tools.modes import ToolMode
from core.tools.saved_loop import load_loop
from core.tools.tool_call import CallState
from tests.servers import event_stream, http_response, in_sequence
from tests.unit.tools.loop_runner import PRICE, LoopRunner
from tests.unit.tools.model_server import calls_reply, calls_then_text, text_reply, tool_chunk
from tests.unit.tools.test_decisions import waiting

API = ChatCompletionsApi()


async def test_shows_the_same_rounds_calls_and_results(run: LoopRunner, store: Store) -> None:
    reply = calls_reply(("price", '{"ticker": "AAPL"}'), ("price", "{"), text="Let me look.")
    async with run(in_sequence(reply, reply, text_reply("Done."))) as (loop, _server):
        await loop.wait()

    saved = load_loop(loop.id, RunRepository(store), API)

    assert saved
    assert (saved.question, saved.state, saved.is_restored) == ("How much?", LoopState.DONE, True)
    assert [setup.tool.definition.name for setup in saved.tools] == ["price"]
    assert saved.usage_and_cost() == loop.usage_and_cost()
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

    saved = load_loop(loop.id, RunRepository(store), API)

    assert saved
    assert saved.rounds[0].calls[0].state is CallState.DECLINED


async def test_shows_a_loop_whose_last_calls_have_no_result(run: LoopRunner, store: Store) -> None:
    setup = replace(PRICE, mode=ToolMode.ASK)
    async with run(calls_reply(("price", '{"ticker": "A"}')), setup) as (loop, _server):
        await waiting(loop)

    saved = load_loop(loop.id, RunRepository(store), API)

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
        failed = load_loop(loop.id, RunRepository(store), API)
        loop.start(loop.calls, loop.profile)
        await loop.wait()

    saved = load_loop(loop.id, RunRepository(store), API)

    assert failed
    assert failed.error
    assert (failed.state, failed.error.status) == (LoopState.FAILED, 400)
    assert saved
    states = [(round_.number, round_.log.snapshot().state) for round_ in saved.rounds]
    assert states == [(1, RunState.CUT_OFF), (1, RunState.FAILED), (1, RunState.DONE)]
    assert [call.arguments for call in saved.unfinished_calls(saved.rounds[0])] == ['{"tick']


async def test_finds_no_loop_without_runs(store: Store) -> None:
    assert load_loop(uuid4().hex, RunRepository(store), API) is None


async def test_shows_only_what_belongs_to_the_owner(run: LoopRunner, store: Store) -> None:
    async with run(text_reply("Done.")) as (loop, _server):
        await loop.wait()

    assert load_loop(loop.id, RunRepository(store, "another"), API) is None
