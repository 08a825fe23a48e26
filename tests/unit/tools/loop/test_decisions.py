"""The loop with a person: approval, answers, mocks and Stop."""

import asyncio
from dataclasses import replace

from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tools.loop.modes import MockAnswers, ToolMode
from core.tools.loop.result import bounded_result
from core.tools.loop.tool_call import CallState
from core.tools.loop.tool_loop import LoopState, ToolLoop
from tests.servers import (
    ConnectionFault,
    chunk,
    event_stream,
    in_sequence,
)
from tests.unit.tools.loop_runner import PRICE, LoopRunner
from tests.unit.tools.model_server import (
    calls_reply,
    calls_then_text,
    text_reply,
    tool_messages,
)


async def waiting(loop: ToolLoop, count: int = 1) -> None:
    while len(loop.waiting_calls) < count:
        await asyncio.sleep(0.005)


async def test_waits_for_approval(run: LoopRunner) -> None:
    handler = calls_then_text(("price", '{"ticker": "A"}'), ("price", '{"ticker": "B"}'))
    async with run(handler, replace(PRICE, mode=ToolMode.APPROVE)) as (loop, server):
        await waiting(loop, 2)
        first, second = loop.waiting_calls
        loop.decide(first.key, "once")
        loop.decide(second.key, "decline")
        await loop.wait()

    assert [first.state, second.state] == [CallState.DONE, CallState.DECLINED]
    assert "declined" in tool_messages(server.requests[1])["call_1"]
    assert loop.state is LoopState.DONE


async def test_asks_no_more_for_a_tool_that_is_always_allowed(run: LoopRunner) -> None:
    call = calls_reply(("price", '{"ticker": "A"}'))
    async with run(in_sequence(call, call, text_reply("Done.")), replace(PRICE, mode=ToolMode.APPROVE)) as (
        loop,
        _,
    ):
        await waiting(loop)
        loop.decide(loop.waiting_calls[0].key, "always")
        await loop.wait()

    assert len(loop.rounds) == 3
    assert loop.state is LoopState.DONE


async def test_sends_what_a_person_enters(run: LoopRunner) -> None:
    handler = calls_then_text(("price", '{"ticker": "A"}'))
    async with run(handler, replace(PRICE, mode=ToolMode.ASK)) as (loop, server):
        await waiting(loop)
        loop.decide(loop.waiting_calls[0].key, bounded_result("about 10"))
        await loop.wait()

    assert tool_messages(server.requests[1]) == {"call_0": "about 10"}


async def test_answers_with_a_mock(run: LoopRunner) -> None:
    mock = MockAnswers("unknown", {"aapl": "1"})
    handler = calls_then_text(("price", '{"ticker": "AAPL"}'), ("price", '{"ticker": "B"}'))
    async with run(handler, replace(PRICE, mode=ToolMode.MOCK, mock=mock)) as (loop, server):
        await loop.wait()

    assert tool_messages(server.requests[1]) == {"call_0": "1", "call_1": "unknown"}


async def test_stops_while_it_waits_and_keeps_what_it_has(run: LoopRunner) -> None:
    handler = calls_then_text(("price", '{"ticker": "A"}'))
    async with run(handler, replace(PRICE, mode=ToolMode.ASK)) as (loop, _server):
        await waiting(loop)
        await loop.stop()

    assert loop.state is LoopState.STOPPED
    assert loop.rounds[0].calls[0].state is CallState.STOPPED


async def test_stops_in_the_middle_of_a_reply(run: LoopRunner, store: Store) -> None:
    script = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    async with run(script) as (loop, server):
        while not (loop.rounds and loop.rounds[0].log.text):
            await asyncio.sleep(0.005)
        await loop.stop()
        await server.closed_by_client.wait()

    assert loop.state is LoopState.STOPPED
    assert RunRepository(store).get(loop.rounds[0].log.id).text == "half"
