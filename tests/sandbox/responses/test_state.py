"""Responses that are stored: retrieved, continued, listed, deleted, and forgotten."""

import time
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from core.sandbox.server import SandboxServer
from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL
from tests.sandbox.responses.conversions import assert_same_usage, complete, respond, stream

NAME = [
    {"role": "user", "content": "My name is Mina."},
    {"role": "user", "content": "What is my name?"},
]


def test_retrieves_what_create_has_returned(client: OpenAI) -> None:
    created = respond(client, metadata={"topic": "demo"})

    assert client.responses.retrieve(created.id) == created


def test_retrieves_what_a_stream_has_ended_with(client: OpenAI) -> None:
    last = stream(client)[-1]

    assert last.type == "response.completed"
    retrieved = client.responses.retrieve(last.response.id).to_dict()
    del retrieved["billing"]
    assert retrieved == last.response.to_dict()


def test_continues_a_response(client: OpenAI) -> None:
    first = respond(client, NAME[0]["content"])
    second = respond(client, NAME[1]["content"], previous_response_id=first.id)
    messages = [NAME[0], {"role": "assistant", "content": first.output_text}, NAME[1]]

    assert "Mina" in second.output_text
    assert second.previous_response_id == first.id
    assert_same_usage(second, complete(client, messages))


def test_continues_a_response_in_two_ways(client: OpenAI) -> None:
    first = respond(client, NAME[0]["content"])
    branches = [respond(client, NAME[1]["content"], previous_response_id=first.id) for _ in range(2)]
    longer = respond(client, "Again: what is my name?", previous_response_id=branches[0].id)

    assert branches[0].output_text == branches[1].output_text
    assert "Mina" in longer.output_text


def test_does_not_inherit_settings(client: OpenAI) -> None:
    first = respond(client, instructions="Be brief.", temperature=0.3, metadata={"a": "b"})
    second = respond(client, "thanks", previous_response_id=first.id)

    assert (second.instructions, second.temperature, second.metadata) == (None, 1.0, {})


@pytest.mark.parametrize("model", [CHAT_MODEL, REASONING_MODEL])
def test_accepts_its_output_as_input(client: OpenAI, model: str) -> None:
    first = respond(client, NAME[0]["content"], model=model, store=False)
    history: list[Any] = [NAME[0], *first.output, NAME[1]]
    second = respond(client, history, model=model, store=False)

    assert "Mina" in second.output_text
    messages = [NAME[0], {"role": "assistant", "content": first.output_text}, NAME[1]]
    assert_same_usage(second, complete(client, messages, model=model))


def test_refers_to_stored_items(client: OpenAI) -> None:
    first = respond(client, NAME[0]["content"], model=REASONING_MODEL)
    references: list[Any] = [{"type": "item_reference", "id": item.id} for item in first.output]
    second = respond(client, [NAME[0], *references, NAME[1]], model=REASONING_MODEL)

    assert "Mina" in second.output_text


def test_refuses_reasoning_that_is_not_stored(client: OpenAI) -> None:
    reasoning = respond(client, model=REASONING_MODEL, store=False).output[0]
    item: Any = {"type": "reasoning", "id": reasoning.id, "summary": []}

    with pytest.raises(openai.NotFoundError, match="Items are not persisted when `store` is set to false"):
        respond(client, [item, {"role": "user", "content": "hello"}], model=REASONING_MODEL)


def test_requires_the_reasoning_of_a_message_of_older_models(client: OpenAI) -> None:
    thanks = {"role": "user", "content": "thanks"}
    reasoning, message = respond(client, model="gpt-5").output
    with pytest.raises(openai.BadRequestError, match=f"required 'reasoning' item: '{reasoning.id}'"):
        respond(client, [message, thanks], model="gpt-5")
    assert respond(client, [reasoning, message, thanks], model="gpt-5").status == "completed"
    assert respond(client, [message, thanks], model=REASONING_MODEL).status == "completed"


def test_refuses_items_that_the_chain_has(client: OpenAI) -> None:
    first = respond(client)
    with pytest.raises(openai.BadRequestError, match="Duplicate item found with id msg_"):
        respond(client, first.output, previous_response_id=first.id)


def test_neither_retrieves_nor_continues_what_is_not_stored(client: OpenAI) -> None:
    first = respond(client)
    response = respond(client, "thanks", previous_response_id=first.id, store=False)

    with pytest.raises(openai.NotFoundError, match=f"Response with id '{response.id}' not found."):
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError) as excinfo:
        respond(client, previous_response_id=response.id)
    assert excinfo.value.code == "previous_response_not_found"


def test_deletes_a_response(http_client: httpx2.Client, client: OpenAI) -> None:
    response = respond(client)

    deleted = http_client.delete(f"/v1/responses/{response.id}").json()
    assert deleted == {"id": response.id, "object": "response", "deleted": True}
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(response.id)


def test_hides_responses_from_other_keys(server: SandboxServer, client: OpenAI) -> None:
    response = respond(client)
    other = client.with_options(api_key=server.create_client_key())

    with pytest.raises(openai.NotFoundError):
        other.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError, match="Previous response"):
        respond(other, previous_response_id=response.id)


def test_lists_input_items_newest_first_with_ids(client: OpenAI) -> None:
    first = respond(client, "My name is Mina.")
    second = respond(client, "What is my name?", previous_response_id=first.id)
    items: list[Any] = list(client.responses.input_items.list(second.id))

    assert [item.content[0].text for item in items] == [
        "What is my name?",
        first.output_text,
        "My name is Mina.",
    ]
    assert [item.content[0].type for item in items] == ["input_text", "output_text", "input_text"]
    assert all(item.id.startswith("msg_") for item in items)


def test_pages_input_items(client: OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": str(number)} for number in range(5)]
    response = respond(client, messages)
    page = client.responses.input_items.list(response.id, limit=2, order="asc")
    first_page: list[Any] = list(page.data)
    items: list[Any] = list(page)  # the page object reads the pages after it
    after: list[Any] = list(
        client.responses.input_items.list(response.id, order="asc", after=first_page[-1].id)
    )

    assert (page.has_more, len(first_page)) == (True, 2)
    assert [item.content[0].text for item in items] == ["0", "1", "2", "3", "4"]
    assert after == items[2:]


def test_continues_a_compacted_conversation(client: OpenAI) -> None:
    first = respond(client, "My name is Mina.")
    compacted = client.responses.compact(model=CHAT_MODEL, previous_response_id=first.id)

    assert [item.type for item in compacted.output] == ["message", "compaction"]
    assert compacted.usage.input_tokens > compacted.usage.output_tokens > 0
    # The SDK has no type for the messages of a user in an output, and warns without this argument.
    output = compacted.to_dict(warnings=False)["output"]
    history: list[Any] = [*output, {"role": "user", "content": "What is my name?"}]  # type: ignore[misc]
    assert "Mina" in respond(client, history).output_text


def test_counts_the_tokens_of_all_that_create_accepts(client: OpenAI) -> None:
    first = respond(client, "My name is Mina.")
    tool: Any = {"type": "function", "name": "now", "parameters": None}
    params: dict[str, Any] = {
        "instructions": "Be brief.",
        "previous_response_id": first.id,
        "tools": [tool],
        "tool_choice": "auto",
        "parallel_tool_calls": False,
        "text": {"format": {"type": "json_object"}, "verbosity": "low"},
        "truncation": "auto",
    }
    question = "What is my name, as JSON?"
    count = client.responses.input_tokens.count(model=CHAT_MODEL, input=question, **params)
    response = respond(client, question, **params)

    assert response.usage
    assert (count.object, count.input_tokens) == ("response.input_tokens", response.usage.input_tokens)


def test_drops_the_first_items_of_an_input_that_is_too_long(client: OpenAI) -> None:
    long: list[Any] = [{"role": "user", "content": "word " * 5000}, {"role": "user", "content": "count to 3"}]
    params: dict[str, Any] = {"model": "gpt-4", "instructions": "Be brief.", "max_output_tokens": 4000}

    with pytest.raises(openai.BadRequestError, match="context window"):
        respond(client, long, **params)
    response = respond(client, long, truncation="auto", **params)
    assert response.output_text.startswith("1, 2, 3")
    assert response.usage
    assert response.usage.input_tokens < 50


def wait_for(client: OpenAI, response_id: str, *statuses: str) -> openai.types.responses.Response:
    deadline = time.monotonic() + 30
    while (response := client.responses.retrieve(response_id)).status not in statuses:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return response


def test_computes_in_the_background(client: OpenAI) -> None:
    latency = {"extra_headers": {"x-sandbox-latency": "ttft=0.4,tps=1000"}}
    created = respond(client, "count to 5", background=True, **latency)

    assert (created.status, created.output, created.usage) == ("queued", [], None)
    running = wait_for(client, created.id, "in_progress", "completed")
    assert (running.status == "completed") == bool(running.output)
    completed = wait_for(client, created.id, "completed")
    assert completed.output_text.startswith("1, 2, 3, 4, 5")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a completed response"):
        client.responses.cancel(created.id)


def test_cancels_in_the_background(client: OpenAI) -> None:
    slow = {"extra_headers": {"x-sandbox-latency": "ttft=600"}}
    created = respond(client, background=True, **slow)

    for _ in range(2):  # cancelling it again changes nothing
        cancelled = client.responses.cancel(created.id)
        assert (cancelled.status, cancelled.usage) == ("cancelled", None)
    assert client.responses.retrieve(created.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="is cancelled"):
        respond(client, previous_response_id=created.id)


def test_cancels_nothing_else(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(respond(client).id)


def test_resumes_a_stream_of_the_background(client: OpenAI) -> None:
    events = stream(client, "count to 5", background=True)
    names = [event.type for event in events]
    assert names[:3] == ["response.created", "response.queued", "response.in_progress"]
    assert events[0].type == "response.created"
    response_id = events[0].response.id

    with client.responses.retrieve(response_id, stream=True, starting_after=5) as resumed:
        assert [event.to_dict() for event in resumed] == [event.to_dict() for event in events[6:]]
    with client.responses.stream(response_id=response_id, starting_after=5) as helper:
        assert helper.get_final_response().output_text.startswith("1, 2, 3, 4, 5")


@pytest.mark.parametrize(
    ("params", "missing"), [({"background": True}, "stream=true"), ({}, "background=true")]
)
def test_resumes_no_other_stream(client: OpenAI, params: dict[str, Any], missing: str) -> None:
    response = respond(client, **params)

    with pytest.raises(openai.BadRequestError, match=f"was not created with {missing}"):
        client.responses.retrieve(response.id, stream=True)


def test_ends_the_stream_of_a_cancelled_response(client: OpenAI) -> None:
    slow: dict[str, Any] = {"extra_headers": {"x-sandbox-latency": "ttft=0,tps=20"}, "background": True}
    with client.responses.create(model=CHAT_MODEL, input="count to 40", stream=True, **slow) as events:
        first = next(iter(events))
        assert first.type == "response.created"
        client.responses.cancel(first.response.id)
        rest = list(events)

    assert "response.completed" not in [event.type for event in rest]


async def test_serves_the_asynchronous_client(async_client: AsyncOpenAI) -> None:
    responses = async_client.responses
    created = await responses.create(model=CHAT_MODEL, input="hello", background=True)
    retrieved = await responses.retrieve(created.id)
    items = [item async for item in responses.input_items.list(created.id)]
    count = await responses.input_tokens.count(model=CHAT_MODEL, input="hello")

    assert retrieved.status == "completed"
    assert len(items) == 1
    assert count.input_tokens == 8
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a completed response"):
        await responses.cancel(created.id)
    await responses.delete(created.id)
    with pytest.raises(openai.NotFoundError):
        await responses.retrieve(created.id)
