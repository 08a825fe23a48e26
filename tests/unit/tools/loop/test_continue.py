"""A loop that continues after a limit, a stop or an error."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.tools.definitions.function_tool import FunctionTool
from core.tools.loop.modes import ToolMode, ToolSetup
from core.tools.loop.result import bounded_result
from core.tools.loop.tool_call import CallState
from core.tools.loop.tool_loop import LoopState, ToolLoop
from tests.servers import http_response, in_sequence
from tests.unit.tools.loop.test_decisions import waiting
from tests.unit.tools.loop_runner import LIMITS, PRICE, LoopRunner
from tests.unit.tools.model_server import calls_reply, calls_then_text, text_reply, tool_messages

CALL = calls_reply(("price", '{"ticker": "A"}'))


@pytest.fixture
def resume(run: LoopRunner) -> Callable[[ToolLoop], None]:
    def resume(loop: ToolLoop) -> None:
        assert loop.profile
        loop.start(run.calls, loop.profile)

    return resume


async def test_continues_after_the_limit_of_rounds(
    run: LoopRunner, resume: Callable[[ToolLoop], None]
) -> None:
    handler = in_sequence(CALL, CALL, text_reply("Done."))
    async with run(handler, limits=replace(LIMITS, rounds=1)) as (loop, server):
        await loop.wait()
        assert loop.note.startswith("Stopped after 1 round:")
        resume(loop)
        await loop.wait()
        assert (loop.state, loop.note[:23]) == (LoopState.LIMIT, "Stopped after 2 rounds:")
        resume(loop)
        await loop.wait()

    assert (loop.state, loop.note) == (LoopState.DONE, "")
    assert [round_.number for round_ in loop.rounds] == [1, 2, 3]
    assert len(server.requests[2].json()["messages"]) == 5


async def test_repeats_a_request_that_has_failed(run: LoopRunner, resume: Callable[[ToolLoop], None]) -> None:
    fault = http_response({"error": {"message": "no", "type": "x", "param": None, "code": None}}, 400)
    async with run(in_sequence(CALL, fault, text_reply("Done."))) as (loop, server):
        await loop.wait()
        assert loop.state is LoopState.FAILED
        resume(loop)
        await loop.wait()

    assert (loop.state, loop.error) == (LoopState.DONE, None)
    assert [round_.number for round_ in loop.rounds] == [1, 2, 2]
    assert server.requests[1].json() == server.requests[2].json()


async def test_waits_again_for_the_calls_without_a_result(
    run: LoopRunner, resume: Callable[[ToolLoop], None]
) -> None:
    count = 0

    def price(ticker: str) -> int:
        nonlocal count
        count += 1
        return len(ticker)

    handler = calls_then_text(("price", '{"ticker": "A"}'), ("ask", '{"ticker": "B"}'))
    ask = replace(PRICE, tool=FunctionTool.of(price, "ask"), mode=ToolMode.ASK)
    async with run(handler, ToolSetup(FunctionTool.of(price)), ask) as (loop, server):
        await waiting(loop)
        while loop.rounds[0].calls[0].result is None:
            await asyncio.sleep(0.005)
        await loop.stop()
        assert loop.state is LoopState.STOPPED
        resume(loop)
        await waiting(loop)
        loop.decide(loop.waiting_calls[0].key, bounded_result("42"))
        await loop.wait()

    assert [call.state for call in loop.rounds[0].calls] == [CallState.DONE] * 2
    assert count == 1
    assert tool_messages(server.requests[1]) == {"call_0": "1", "call_1": "42"}
