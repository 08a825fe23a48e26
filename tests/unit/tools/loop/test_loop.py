"""The loop, against a server that requests the calls of the test."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from core.runs.run import RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tools.definitions.function_tool import FunctionTool
from core.tools.loop.modes import ToolSetup
from core.tools.loop.result import MAX_RESULT_CHARACTERS
from core.tools.loop.tool_call import CallState
from core.tools.loop.tool_loop import LoopState
from tests.servers import (
    ConnectionFault,
    chunk,
    event_stream,
    http_response,
    in_sequence,
)
from tests.unit.tools.loop_runner import LIMITS, PRICE, SETTINGS, LoopRunner
from tests.unit.tools.model_server import (
    calls_reply,
    calls_then_text,
    text_reply,
    tool_chunk,
    tool_messages,
)


def fail(reason: str) -> None:
    raise KeyError(reason)


async def test_sends_the_results_of_parallel_calls_and_ends_with_the_answer(
    run: LoopRunner, store: Store
) -> None:
    handler = calls_then_text(("price", '{"ticker": "AAPL"}'), ("price", '{"ticker": "MSFT"}'))
    async with run(handler) as (loop, server):
        await loop.wait()

    assert loop.state is LoopState.DONE
    assert [call.arguments for call in loop.rounds[0].calls] == [{"ticker": "AAPL"}, {"ticker": "MSFT"}]
    assert {json.loads(text)["ticker"] for text in tool_messages(server.requests[1]).values()} == {
        "AAPL",
        "MSFT",
    }
    assert loop.rounds[1].log.text == "Done."
    usage, _cost = loop.usage_and_cost()
    assert (usage.input_tokens, usage.output_tokens) == (60, 8)
    saved = RunRepository(store).list("tools")
    assert [saved_run.state for saved_run in saved] == [RunState.DONE, RunState.DONE]


async def test_executes_the_calls_of_a_round_at_the_same_time(run: LoopRunner) -> None:
    started = asyncio.Barrier(3)

    async def meet() -> str:
        await started.wait()  # never ends if the calls follow each other
        return "met"

    handler = calls_then_text(*[("meet", "{}")] * 3)
    async with run(handler, ToolSetup(FunctionTool.of(meet))) as (loop, _server):
        await loop.wait()

    assert [call.state for call in loop.rounds[0].calls] == [CallState.DONE] * 3


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (("price", '{"ticker": '), "not valid JSON"),
        (("price", '["AAPL"]'), "not a JSON object"),
        (("price", "{}"), "ticker: Field required"),
        (("price", '{"ticker": "A", "currency": "USD"}'), "currency: Extra inputs are not permitted"),
        (("price", '{"ticker": 5}'), "ticker: Input should be a valid string"),
        (("volume", "{}"), "no tool called 'volume'"),
        (("fail", '{"reason": "broken"}'), "KeyError"),
        (("price", json.dumps({"ticker": "A" * 100_001})), "more than 100,000 characters"),
    ],
)
async def test_sends_the_problem_of_a_call_to_the_model(
    run: LoopRunner, call: tuple[str, str], problem: str
) -> None:
    async with run(calls_then_text(call), PRICE, ToolSetup(FunctionTool.of(fail))) as (loop, server):
        await loop.wait()

    assert loop.rounds[0].calls[0].state is CallState.FAILED
    (result,) = tool_messages(server.requests[1]).values()
    assert problem in json.loads(result)["error"]
    assert loop.state is LoopState.DONE


def endless() -> Iterator[int]:
    while True:
        yield 1


def recursive() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("x" * 10_000_000, "of 10,000,000 characters"),
        (object(), "object is not JSON"),
        (endless(), "iterators"),
        (recursive(), "is not JSON"),
        ({"a": float("nan")}, '{"a":null}'),
        ("half \ud800 pair", "half � pair"),
        (b"\xff", "bytes is not JSON"),
    ],
    ids=["10 MB", "object", "iterator", "recursive", "NaN", "surrogate", "bytes"],
)
async def test_survives_any_result(run: LoopRunner, value: object, part: str) -> None:
    async with run(calls_then_text(("odd", "{}")), ToolSetup(FunctionTool.of(lambda: value, "odd"))) as (
        loop,
        server,
    ):
        await loop.wait()

    (result,) = tool_messages(server.requests[1]).values()
    assert part in result
    assert len(result) < MAX_RESULT_CHARACTERS + 100
    assert loop.state is LoopState.DONE


async def test_ends_a_call_that_hangs_and_continues(run: LoopRunner) -> None:
    release = Event()
    handler = calls_then_text(("hang", "{}"), ("price", '{"ticker": "A"}'))
    hang = ToolSetup(FunctionTool.of(lambda: release.wait(), "hang"))
    limits = replace(LIMITS, tool_seconds=0.1)
    async with run(handler, hang, PRICE, limits=limits) as (loop, server):
        await loop.wait()
        release.set()

    assert [call.state for call in loop.rounds[0].calls] == [CallState.FAILED, CallState.DONE]
    assert "did not return within 0.1 seconds" in tool_messages(server.requests[1])["call_0"]
    assert loop.state is LoopState.DONE


async def test_limits_the_rounds_of_a_model_that_never_answers(run: LoopRunner) -> None:
    handler = calls_reply(("price", '{"ticker": "A"}'))
    async with run(handler, limits=replace(LIMITS, rounds=3)) as (loop, server):
        await loop.wait()

    assert (loop.state, len(server.requests)) == (LoopState.LIMIT, 3)
    assert "after 3 rounds" in loop.note


async def test_limits_the_calls_of_a_round(run: LoopRunner) -> None:
    handler = calls_then_text(*[("price", '{"ticker": "A"}')] * 5)
    async with run(handler, limits=replace(LIMITS, calls_per_round=2)) as (loop, server):
        await loop.wait()

    assert [call.state.value for call in loop.rounds[0].calls] == ["done"] * 2 + ["failed"] * 3
    assert len(tool_messages(server.requests[1])) == 5


async def test_limits_the_time_of_the_model(run: LoopRunner) -> None:
    script = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    async with run(script, limits=replace(LIMITS, seconds=0.3)) as (loop, _server):
        await loop.wait()

    assert (loop.state, loop.note) == (LoopState.LIMIT, "Stopped after 0.3 seconds.")
    assert loop.rounds[0].log.text == "half"


@pytest.mark.parametrize(
    ("chunks", "count"),
    [
        ([tool_chunk(1, '{"ticker": "A"}', "c1", "price")], 1),
        (
            [
                tool_chunk(0, '{"ticker": "A"}', "c1", "price"),
                tool_chunk(0, '{"ticker": "B"}', "c2", "price"),
            ],
            2,
        ),
        (
            [
                tool_chunk(None, '{"ticker": "A"}', "", "price"),
                tool_chunk(None, '{"ticker": "B"}', "", "price"),
            ],
            2,
        ),
        ([chunk("Let me look."), tool_chunk(0, '{"ticker": "A"}', "c1", "price")], 1),
        (
            [
                tool_chunk(0, '{"ticker": "A"}', "same", "price"),
                tool_chunk(1, '{"ticker": "B"}', "same", "price"),
            ],
            2,
        ),
    ],
    ids=["index from 1", "all index 0", "no index, no ids", "text beside calls", "the same id twice"],
)
async def test_accepts_the_calls_of_other_servers(
    run: LoopRunner, chunks: list[dict[str, Any]], count: int
) -> None:
    first = event_stream(*chunks, chunk(finish_reason="stop"))
    async with run(in_sequence(first, text_reply("Done."))) as (loop, server):
        await loop.wait()

    assert loop.state is LoopState.DONE
    results = tool_messages(server.requests[1])
    assert [json.loads(text)["ticker"] for text in results.values()] == ["A", "B"][:count]
    (assistant,) = (
        message for message in server.requests[1].json()["messages"] if message["role"] == "assistant"
    )
    assert [call["id"] for call in assistant["tool_calls"]] == [*results]


async def test_shows_arguments_while_they_arrive(run: LoopRunner) -> None:
    head = event_stream(tool_chunk(0, '{"tick', "c1", "price"), done=False)
    async with run((*head, ConnectionFault.HANG)) as (loop, _server):
        while not loop.arriving_turn().calls:
            await asyncio.sleep(0.005)

        assert loop.arriving_turn().calls[0].arguments == '{"tick'
        assert loop.unfinished_calls(loop.rounds[0]) == ()

        await loop.stop()

        assert [call.arguments for call in loop.unfinished_calls(loop.rounds[0])] == ['{"tick']


async def test_fails_with_the_explanation_of_the_api(run: LoopRunner) -> None:
    error = {"error": {"message": "no tools", "type": "x", "param": "tools", "code": None}}
    async with run(http_response(error, 400)) as (loop, _server):
        await loop.wait()

    assert loop.state is LoopState.FAILED
    assert loop.error
    assert loop.error.status == 400


async def test_ends_incomplete_when_the_stream_is_cut_off(run: LoopRunner) -> None:
    async with run(event_stream(tool_chunk(0, '{"tick', "c1", "price"), done=False)) as (loop, server):
        await loop.wait()

    assert (loop.state, loop.note) == (LoopState.FAILED, "The reply of round 1 is incomplete.")
    assert len(server.requests) == 1
    assert [call.arguments for call in loop.unfinished_calls(loop.rounds[0])] == ['{"tick']


async def test_works_without_streaming(run: LoopRunner) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "price", "arguments": '{"ticker": "A"}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    handler = in_sequence(
        http_response({"object": "chat.completion", "choices": [choice]}), text_reply("Done.")
    )
    async with run(handler, settings=replace(SETTINGS, stream=False)) as (loop, server):
        await loop.wait()

    assert "stream" not in server.requests[0].json()
    assert loop.state is LoopState.DONE
