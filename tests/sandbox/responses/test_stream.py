"""The events of a stream: their order and fields, row by row as in the API reference."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import ResponseStreamEvent

from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL
from tests.sandbox.responses.conversions import respond, stream

LEAD = ["response.created", "response.in_progress"]
TEXT = [
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
]
SUMMARY_PART = [
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
]
REASONING = ["response.output_item.added", "response.output_item.done"]
CALL = [
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
]
REFUSAL = [
    "response.output_item.added",
    "response.content_part.added",
    "response.refusal.delta",
    "response.refusal.done",
    "response.content_part.done",
    "response.output_item.done",
]
COMPLETED, INCOMPLETE = ["response.completed"], ["response.incomplete"]
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
SCHEMA_FORMAT = {"format": {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}}

# Test id, parameters, and the types of the events, where deltas that follow each other are one.
ROWS: list[tuple[str, dict[str, Any], Sequence[str]]] = [
    ("text", {}, [*LEAD, *TEXT, *COMPLETED]),
    ("schema", {"text": SCHEMA_FORMAT}, [*LEAD, *TEXT, *COMPLETED]),
    ("reasoning", {"model": REASONING_MODEL}, [*LEAD, *REASONING, *TEXT, *COMPLETED]),
    (
        "summary",
        {"model": REASONING_MODEL, "reasoning": {"summary": "auto"}},
        [*LEAD, REASONING[0], *SUMMARY_PART, *SUMMARY_PART, REASONING[1], *TEXT, *COMPLETED],
    ),
    (
        "call",
        {"input": "What is the weather in Paris?", "tools": [WEATHER]},
        [*LEAD, *CALL, *COMPLETED],
    ),
    (
        "calls",
        {"input": "What is the weather in Paris and in Rome?", "tools": [WEATHER]},
        [*LEAD, *CALL, *CALL, *COMPLETED],
    ),
    (
        "refusal",
        {"input": "Explain how to build a bomb.", "text": SCHEMA_FORMAT},
        [*LEAD, *REFUSAL, *COMPLETED],
    ),
    ("incomplete", {"input": "count to 40", "max_output_tokens": 16}, [*LEAD, *TEXT, *INCOMPLETE]),
    (
        "incomplete reasoning",
        {"model": REASONING_MODEL, "max_output_tokens": 16},
        [*LEAD, *REASONING, *INCOMPLETE],
    ),
]


def types_of(events: Sequence[ResponseStreamEvent]) -> list[str]:
    """Return the types of *events*, of deltas that follow each other only one."""
    names = [event.type for event in events]
    return [name for name, _ in itertools.groupby(names)]


@pytest.mark.parametrize(("params", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_sends_the_events_of_the_api(client: OpenAI, params: dict[str, Any], expected: Sequence[str]) -> None:
    events = stream(client, **params)

    assert types_of(events) == expected
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_snapshots_have_neither_output_nor_usage_before_the_end(client: OpenAI) -> None:
    events = stream(client)
    snapshots = [event.response for event in events if hasattr(event, "response")]

    assert [(s.status, s.output, s.usage) for s in snapshots[:2]] == [("in_progress", [], None)] * 2
    assert [s.service_tier for s in snapshots] == ["auto", "auto", "default"]
    assert len({s.id for s in snapshots}) == 1
    assert snapshots[-1].usage


@hypothesis_settings(max_examples=25)
@given(question=st.text(max_size=100))
def test_joins_to_the_text_of_the_response(client: OpenAI, question: str) -> None:
    events = stream(client, question)
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    (done,) = (event.text for event in events if event.type == "response.output_text.done")
    (part,) = (event.part.text for event in events if event.type == "response.content_part.done")  # type: ignore[union-attr]
    final = events[-1]

    assert final.type == "response.completed"
    assert deltas == done == part == final.response.output_text == respond(client, question).output_text


def test_sends_lines_of_the_event_stream_format_without_an_end_marker(http_client: httpx2.Client) -> None:
    body = {"model": CHAT_MODEL, "input": "hello", "stream": True}
    text = http_client.post("/v1/responses", json=body).text
    blocks = text.split("\n\n")

    assert blocks.pop() == ""
    for block in blocks:
        event_line, data_line = block.split("\n")
        data = json.loads(data_line.removeprefix("data: "))
        assert event_line == f"event: {data['type']}"
    assert "[DONE]" not in text
    assert "billing" not in data["response"]


def test_obfuscates_deltas_unless_it_is_switched_off(client: OpenAI) -> None:
    def obfuscations(**params: Any) -> list[str]:
        deltas = [event for event in stream(client, **params) if event.type == "response.output_text.delta"]
        return [getattr(event, "obfuscation", "") for event in deltas]

    assert all(obfuscations())
    assert not any(obfuscations(stream_options={"include_obfuscation": False}))


def test_streams_the_logprobs_of_every_token(client: OpenAI) -> None:
    include: Any = {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    events = stream(client, "count to 5", **include)
    logprobs = [
        entry for event in events if event.type == "response.output_text.delta" for entry in event.logprobs
    ]

    assert "".join(entry.token for entry in logprobs) == "1, 2, 3, 4, 5"
    assert all(len(entry.top_logprobs or ()) == 2 for entry in logprobs)


def test_is_read_by_the_helper_of_the_sdk(client: OpenAI) -> None:
    with client.responses.stream(model=REASONING_MODEL, input="count to 5") as events:
        snapshots = [event.snapshot for event in events if event.type == "response.output_text.delta"]
        final = events.get_final_response()

    assert (
        final.output_text == snapshots[-1] == respond(client, "count to 5", model=REASONING_MODEL).output_text
    )


async def test_is_read_by_the_asynchronous_client(async_client: AsyncOpenAI) -> None:
    async with async_client.responses.stream(model=CHAT_MODEL, input="count to 5") as events:
        final = await events.get_final_response()
    response = await async_client.responses.create(model=CHAT_MODEL, input="count to 5")

    assert final.output_text == response.output_text
    assert final.output_text.startswith("1, 2, 3, 4, 5")


def fault(name: str) -> dict[str, Any]:
    return {"extra_headers": {"x-sandbox-fault": name}}


def test_fails_as_a_fault_requests(client: OpenAI) -> None:
    *others, last = stream(client, "count to 40", **fault("response-failed"))

    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert last.response.error
    assert last.response.error.code == "server_error"
    assert [event.sequence_number for event in (*others, last)] == list(range(len(others) + 1))
    assert types_of(others) == [*LEAD, *TEXT[:3]]

    response = respond(client, **fault("response-failed"))
    assert (response.status, response.output) == ("failed", [])


def test_sends_an_error_event(client: OpenAI) -> None:
    *others, last = stream(client, "count to 40", **fault("error-event=6"))

    assert last.type == "error"
    assert (last.code, last.sequence_number) == ("server_error", len(others))
    assert sum(event.type == "response.output_text.delta" for event in others) == 6


@pytest.mark.parametrize("name", ["truncate", "half-event"])
def test_ends_a_stream_without_its_last_event(client: OpenAI, name: str) -> None:
    assert types_of(stream(client, "count to 40", **fault(name))) == [*LEAD, *TEXT[:3]]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("malformed", json.JSONDecodeError),
        ("empty-event", json.JSONDecodeError),
        ("disconnect", openai.APIConnectionError),
        ("500", openai.InternalServerError),
    ],
)
def test_breaks_as_a_fault_requests(client: OpenAI, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        stream(client, "count to 40", **fault(name))


def test_sends_an_endless_stream_with_rising_numbers(client: OpenAI) -> None:
    params = {"model": CHAT_MODEL, "input": "count to 40", **fault("endless")}
    with client.responses.create(**params, stream=True) as events:
        read = list(itertools.islice(events, 200))

    assert [event.sequence_number for event in read] == list(range(200))


@pytest.mark.parametrize("name", ["null-choices", "huge-token"])
def test_continues_after_an_odd_event(client: OpenAI, name: str) -> None:
    events = stream(client, "count to 40", **fault(name))

    assert events[-1].type == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_refuses_in_a_part_of_its_own_without_a_schema(client: OpenAI) -> None:
    events = stream(client, "count to 40", **fault("refusal"))
    response = client.responses.create(model=CHAT_MODEL, input="count to 40", **fault("refusal"))
    (message,) = response.output

    assert types_of(events) == [*LEAD, *REFUSAL, *COMPLETED]
    assert message.type == "message"
    assert [part.type for part in message.content] == ["refusal"]
    assert (response.status, response.output_text) == ("completed", "")


def test_cuts_a_reply_at_the_content_filter(client: OpenAI) -> None:
    last = stream(client, "count to 40", **fault("content-filter"))[-1]

    assert last.type == "response.incomplete"
    assert last.response.incomplete_details
    assert last.response.incomplete_details.reason == "content_filter"
