"""However a server streams a response, the log has what was received, how the reply ended, and why."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls import execute
from core.client.retry import RetryPolicy
from core.errors.types import StreamError
from core.responses.call import ResponseCall
from core.responses.stream_parser import ResponseAccumulator
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from tests.servers import RequestHandler, StubResponse, event_stream, http_response, stub_server
from tests.unit.completions.test_call import new_client

USAGE = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 14,
}
PARAMS = {"model": "gpt-6-luna", "input": "Hello", "stream": True}


def snapshot(status: str = "in_progress", output: Sequence[object] = (), **more: object) -> dict[str, Any]:
    usage = USAGE if status in ("completed", "incomplete") else None
    fields = {"id": "resp_1", "object": "response", "model": "gpt-6-luna", "status": status, "usage": usage}
    return {**fields, "output": [*output], "previous_response_id": None, **more}


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
CREATED = {"type": "response.created", "response": snapshot()}
ADDED = {
    "type": "response.output_item.added",
    "output_index": 0,
    "item": {**message(""), "status": "in_progress", "content": []},
}
DELTAS = [{"type": "response.output_text.delta", **PLACE, "delta": text} for text in ("Hel", "lo", "!")]
TEXT_DONE = {"type": "response.output_text.done", **PLACE, "text": "Hello!"}
PART_DONE = {"type": "response.content_part.done", **PLACE, "part": message("Hello!")["content"][0]}
ITEM_DONE = {"type": "response.output_item.done", "output_index": 0, "item": message("Hello!")}
COMPLETED = {"type": "response.completed", "response": snapshot("completed", [message("Hello!")])}
WHOLE: list[dict[str, Any]] = [CREATED, ADDED, *DELTAS, TEXT_DONE, PART_DONE, ITEM_DONE, COMPLETED]


async def run_call(
    response: RequestHandler | StubResponse,
    params: dict[str, Any] = PARAMS,
    whole_input: Any = None,
    requests: list[Any] | None = None,
) -> Run:
    """Make one call to a stub server that sends *response*, and return its run."""
    log = RunLog(Run("chat", ResponseCall.endpoint, params))
    async with stub_server(response) as server, new_client(server.url) as client:
        await execute(client, ResponseCall(whole_input), params, log, RetryPolicy(0))
        if requests is not None:
            requests += [request.json() for request in server.requests]
    return log.snapshot()


async def test_reads_a_stream_to_its_last_event() -> None:
    run = await run_call(event_stream(*WHOLE, done=False))

    assert (run.state, run.text, run.finish_reason) == (RunState.DONE, "Hello!", "stop")
    assert run.model == "gpt-6-luna"
    assert run.usage
    assert (run.usage.input_tokens, run.usage.cached_tokens, run.usage.reasoning_tokens) == (9, 2, 3)
    assert run.response == snapshot("completed", [message("Hello!")])


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([CREATED, COMPLETED], id="only the last event has the text"),
        pytest.param([*DELTAS, COMPLETED], id="nothing before the deltas"),
        pytest.param([ADDED, CREATED, *DELTAS, COMPLETED], id="item before the response"),
        pytest.param([CREATED, ADDED, *DELTAS, TEXT_DONE, COMPLETED], id="no end of the item"),
        pytest.param([CREATED, ADDED, TEXT_DONE, ITEM_DONE, COMPLETED], id="no deltas"),
        pytest.param([CREATED, ADDED, ADDED, *DELTAS, COMPLETED], id="item added twice"),
        pytest.param(
            [CREATED, *DELTAS, {"type": "response.completed", "response": snapshot("completed", [])}],
            id="output is empty at the end",
        ),
        pytest.param(
            [
                CREATED,
                *DELTAS,
                {"type": "response.completed", "response": {**snapshot("completed"), "output": None}},
            ],
            id="output is null at the end",
        ),
        pytest.param([CREATED, {"type": "response.something.new", "x": 1}, *WHOLE[1:]], id="unknown event"),
        pytest.param(
            [
                CREATED,
                *({k: v for k, v in delta.items() if k != "output_index"} for delta in DELTAS),
                COMPLETED,
            ],
            id="no index",
        ),
    ],
)
async def test_shows_the_text_once_whatever_events_are_missing(events: list[dict[str, Any]]) -> None:
    run = await run_call(event_stream(*events))

    assert (run.state, run.text) == (RunState.DONE, "Hello!")
    assert json.dumps(run.response).count("Hello!") == 1


async def test_accepts_a_response_that_is_not_streamed() -> None:
    run = await run_call(http_response(snapshot("completed", [message("Hello!")])))

    assert (run.state, run.text, run.finish_reason) == (RunState.DONE, "Hello!", "stop")


@pytest.mark.parametrize(
    ("reason", "finish_reason"),
    [("max_output_tokens", "length"), ("content_filter", "content_filter"), ("steered", "incomplete")],
)
async def test_names_why_a_response_is_incomplete(reason: str, finish_reason: str) -> None:
    last = snapshot("incomplete", [message("Hel")], incomplete_details={"reason": reason})
    run = await run_call(event_stream(CREATED, {"type": "response.incomplete", "response": last}))

    assert (run.state, run.text, run.finish_reason) == (RunState.DONE, "Hel", finish_reason)


@pytest.mark.parametrize(
    "error",
    [
        {"type": "error", "code": "server_error", "message": "Broken", "param": None},
        {"error": {"code": "server_error", "message": "Broken"}},
        {"type": "error", "error": {"code": "server_error", "message": "Broken"}},
        {
            "type": "response.failed",
            "response": snapshot("failed", error={"code": "server_error", "message": "Broken"}),
        },
    ],
)
async def test_explains_an_error_and_leaves_the_text_that_arrived(error: dict[str, Any]) -> None:
    run = await run_call(event_stream(CREATED, ADDED, *DELTAS[:2], error))

    assert (run.state, run.text) == (RunState.FAILED, "Hello")
    assert run.error
    assert "Broken" in f"{run.error.title} {run.error.detail} {run.error.hint}"


async def test_is_cut_off_without_a_last_event() -> None:
    run = await run_call(event_stream(CREATED, ADDED, *DELTAS, done=False))

    assert (run.state, run.text) == (RunState.CUT_OFF, "Hello!")
    assert run.response
    assert run.response["output"][0]["content"][0]["text"] == "Hello!"


async def test_refuses_a_chat_completion() -> None:
    run = await run_call(http_response({"object": "chat.completion", "choices": []}))

    assert run.state is RunState.FAILED
    assert run.error
    assert "not a response" in run.error.title


def test_shows_each_reasoning_summary_as_a_paragraph() -> None:
    reply = ResponseAccumulator()
    events = [
        {
            "type": "response.reasoning_summary_text.delta",
            "item_id": "rs_1",
            "output_index": 0,
            "summary_index": index,
            "delta": text,
        }
        for index, text in [(0, "First "), (0, "thought."), (1, "Second.")]
    ]
    deltas = [delta for event in events for delta in reply.feed(event)]

    assert {delta.kind for delta in deltas} == {"reasoning"}
    assert "".join(delta.text for delta in deltas) == "First thought.\n\nSecond."
    summary = reply.response()["output"][0]["summary"]
    assert [part["text"] for part in summary] == ["First thought.", "Second."]


def test_assembles_a_function_call() -> None:
    reply = ResponseAccumulator()
    item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "add", "arguments": ""}
    place = {"item_id": "fc_1", "output_index": 0}
    arguments = "response.function_call_arguments"
    for event in [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *({"type": f"{arguments}.delta", **place, "delta": text} for text in ('{"a"', ": 1}")),
        {"type": f"{arguments}.done", **place, "arguments": '{"a": 1}'},
        {"type": "response.output_item.done", **place, "item": {**item, "arguments": '{"a": 1}'}},
    ]:
        assert not [*reply.feed(event)]

    assert reply.characters == len('{"a": 1}')
    assert reply.response()["output"] == [{**item, "arguments": '{"a": 1}'}]


def test_shows_a_refusal_as_text() -> None:
    reply = ResponseAccumulator()
    events = [
        {"type": "response.refusal.delta", **PLACE, "delta": "I "},
        {"type": "response.refusal.done", **PLACE, "refusal": "I cannot."},
    ]

    assert "".join(delta.text for event in events for delta in reply.feed(event)) == "I cannot."
    assert reply.refusal == "I cannot."


@given(st.lists(st.text(alphabet="aé한😀\ud83d\ude00", min_size=1), min_size=1))
def test_displays_and_stores_the_same_text_for_any_deltas(texts: list[str]) -> None:
    reply = ResponseAccumulator()
    displayed = [
        delta.text
        for text in texts
        for delta in reply.feed({"type": "response.output_text.delta", **PLACE, "delta": text})
    ]

    stored = json.loads(json.dumps(reply.response()))["output"][0]["content"][0]["text"]
    assert stored.startswith("".join(displayed))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3)
    ),
    max_leaves=5,
)
_names = st.sampled_from([str(event["type"]) for event in WHOLE] + ["error", "response.failed", ""])
_keys = st.sampled_from(["response", "item", "part", "delta", "text", "output", "output_index", "status"])


@given(st.lists(st.tuples(_names, st.dictionaries(_keys, _json)), max_size=8))
def test_survives_events_of_any_shape(events: list[tuple[str, dict[str, Any]]]) -> None:
    reply = ResponseAccumulator()
    for name, fields in events:
        with suppress(StreamError):
            assert all(isinstance(delta.text, str) for delta in reply.feed({**fields, "type": name}))
    json.dumps(reply.result_fields()["response"]).encode()


async def test_names_a_server_without_the_responses_api() -> None:
    run = await run_call(http_response({"error": {"message": "Not Found", "type": "x", "code": None}}, 404))

    assert run.error
    assert run.error.title == "The server has no Responses API"


async def test_records_a_whole_response_that_failed() -> None:
    failed = snapshot("failed", error={"code": "server_error", "message": "The model broke."})
    run = await run_call(http_response(failed), {**PARAMS, "stream": False})

    assert run.state is RunState.FAILED
    assert run.error
    assert (run.error.code, run.error.detail) == ("server_error", "The model broke.")
    assert (run.response, run.model) == (failed, "gpt-6-luna")
