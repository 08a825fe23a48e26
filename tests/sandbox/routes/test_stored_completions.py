"""Stored completions of the sandbox, through the SDK."""

from typing import Any

import httpx2
import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from openai.types.chat import ChatCompletion

from core.sandbox.completions.stored import CompletionStore
from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES, ChatHelper


def store(chat: ChatHelper, question: str = "hello", **params: Any) -> ChatCompletion:
    return chat(question, store=True, **params)


def stored_ids(client: OpenAI, **params: Any) -> list[str]:
    return [completion.id for completion in client.chat.completions.list(**params)]


def test_stores_only_what_is_requested_with_store(client: OpenAI, chat: ChatHelper) -> None:
    chat("hello")
    chat("hello", store=False)
    stored = store(chat)
    assert stored_ids(client) == [stored.id]


def test_stores_a_streamed_reply(client: OpenAI, chat: ChatHelper) -> None:
    chunks = chat.stream("count to 3", store=True)
    stored = client.chat.completions.retrieve(chunks[0].id)
    assert stored.choices[0].message.content == "1, 2, 3"


def test_retrieves_what_was_sent(client: OpenAI, chat: ChatHelper) -> None:
    sent = store(chat, "count to 3", metadata={"topic": "numbers"}, temperature=0.5)
    stored = client.chat.completions.retrieve(sent.id)
    assert (stored.choices, stored.usage, stored.created) == (sent.choices, sent.usage, sent.created)
    assert stored.metadata == {"topic": "numbers"}
    assert stored.model_extra is not None
    assert stored.model_extra["temperature"] == 0.5
    assert stored.model_extra["request_id"] == sent._request_id


def test_lists_all_pages_in_both_orders(client: OpenAI, chat: ChatHelper) -> None:
    ids = [store(chat, str(number)).id for number in range(5)]
    assert stored_ids(client, limit=2) == ids
    assert stored_ids(client, limit=2, order="desc") == ids[::-1]
    page = client.chat.completions.list(after=ids[1], limit=2)
    assert ([item.id for item in page.data], page.has_more) == (ids[2:4], True)


def test_lists_completions_of_a_model_or_with_metadata(client: OpenAI, chat: ChatHelper) -> None:
    first = store(chat, metadata={"a": "1", "b": "2"})
    second = store(chat, model="gpt-4o", metadata={"a": "1"})
    assert stored_ids(client, model="gpt-4o") == [second.id]
    assert stored_ids(client, metadata={"a": "1"}) == [first.id, second.id]
    assert stored_ids(client, metadata={"a": "1", "b": "2"}) == [first.id]


def test_replaces_and_clears_the_metadata(client: OpenAI, chat: ChatHelper) -> None:
    ids = [store(chat, metadata={"a": "1"}).id, store(chat).id]
    updated = client.chat.completions.update(ids[0], metadata={"b": "2"})
    assert updated.metadata == {"b": "2"}
    assert stored_ids(client, metadata={"b": "2"}) == [ids[0]]
    client.chat.completions.update(ids[0], metadata=None)
    assert stored_ids(client, metadata={"b": "2"}) == []
    assert stored_ids(client) == ids


def test_deletes_a_completion(client: OpenAI, chat: ChatHelper) -> None:
    stored = store(chat)
    deleted = client.chat.completions.delete(stored.id)
    assert (deleted.id, deleted.deleted, deleted.object) == (stored.id, True, "chat.completion.deleted")
    assert stored_ids(client) == []


def test_lists_the_messages_of_the_request(client: OpenAI, chat: ChatHelper) -> None:
    parts = [{"type": "text", "text": "count to 3"}]
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": parts, "name": "mina"},
    ]
    stored = store(chat, messages=messages)
    listed = list(client.chat.completions.messages.list(stored.id, limit=1))
    assert [message.id for message in listed] == [f"{stored.id}-0", f"{stored.id}-1"]
    assert (listed[0].content, listed[0].content_parts) == ("Be brief.", None)
    assert listed[1].content is None
    assert [part.to_dict() for part in listed[1].content_parts or []] == parts


@pytest.mark.parametrize("method", ["retrieve", "delete", "update", "messages"])
def test_returns_404_for_an_unknown_completion(client: OpenAI, method: str) -> None:
    calls: dict[str, Any] = {
        "retrieve": client.chat.completions.retrieve,
        "delete": client.chat.completions.delete,
        "update": lambda completion_id: client.chat.completions.update(completion_id, metadata={}),
        "messages": client.chat.completions.messages.list,
    }
    with pytest.raises(NotFoundError, match="chatcmpl-unknown"):
        calls[method]("chatcmpl-unknown")


def test_rejects_an_unknown_cursor(client: OpenAI) -> None:
    with pytest.raises(NotFoundError):
        client.chat.completions.list(after="chatcmpl-unknown")


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"order": "up"}, {"color": "red"}]
)
def test_rejects_invalid_queries(client: OpenAI, query: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError):
        client.chat.completions.list(extra_query=query)


@pytest.mark.parametrize(
    "body", [{}, {"metadata": {"a": 1}}, {"metadata": {}, "model": "x"}, [], {"metadata": 5}]
)
def test_rejects_invalid_updates(chat: ChatHelper, http_client: httpx2.Client, body: Any) -> None:
    response = http_client.post(f"/v1/chat/completions/{store(chat).id}", json=body)
    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error")


def test_does_not_use_up_a_fault_when_updating(
    client: OpenAI, chat: ChatHelper, http_client: httpx2.Client
) -> None:
    stored = store(chat)
    http_client.put("/sandbox/settings", json={"faults": ["400"]})
    client.chat.completions.update(stored.id, metadata={})
    assert http_client.get("/sandbox/settings").json()["faults"] == ["400"]


def add(completions: CompletionStore, completion_id: str, owner: str = "key", text: str = "hi") -> None:
    messages = [{**HI_MESSAGES[0], "content": text}]
    completions.add(owner, {"id": completion_id, "model": CHAT_MODEL}, {"messages": messages})


def kept_ids(completions: CompletionStore, owner: str = "key") -> list[str]:
    return [stored.id for stored in completions.list(owner, lambda _: True)]


def test_deletes_the_oldest_above_its_number_and_size() -> None:
    completions = CompletionStore(max_completions=3, max_bytes=10_000)
    for number in range(5):
        add(completions, str(number))
    assert kept_ids(completions) == ["2", "3", "4"]
    add(completions, "large", text="x" * 9_500)
    assert kept_ids(completions) == ["large"]
    add(completions, "too large", text="x" * 20_000)
    assert kept_ids(completions) == ["large"]


def test_shows_an_owner_only_its_own_completions() -> None:
    completions = CompletionStore()
    add(completions, "1", "first key")
    add(completions, "2", "second key")
    assert kept_ids(completions, "first key") == ["1"]
    assert completions.get("first key", "2") is None
