"""The store of responses is bounded, and each owner has its own."""

from openai import OpenAI

from core.sandbox.api.owned_store import OwnedStore
from tests.sandbox.responses.conversions import respond


def filled_store() -> OwnedStore[str]:
    store: OwnedStore[str] = OwnedStore(max_values=3, max_bytes=10)
    for value_id in "abc":
        store.add("mina", value_id, value_id.upper(), 3)
    return store


def test_deletes_the_oldest_of_too_many_values() -> None:
    store = filled_store()
    store.add("jun", "d", "D", 1)

    assert (store.list("mina"), store.list("jun")) == (["B", "C"], ["D"])


def test_deletes_the_oldest_of_too_large_values() -> None:
    store = filled_store()
    store.add("mina", "d", "D", 7)

    assert store.list("mina") == ["C", "D"]


def test_does_not_store_what_is_too_large_on_its_own() -> None:
    store = filled_store()
    store.add("mina", "d", "D", 11)

    assert store.list("mina") == ["A", "B", "C"]


def test_frees_the_size_of_what_is_deleted_or_replaced() -> None:
    store = filled_store()
    store.replace("mina", "a", "A2")
    store.delete("mina", "b")
    store.replace("mina", "b", "B2")
    store.add("mina", "d", "D", 4)

    assert store.list("mina") == ["A2", "C", "D"]
    assert (store.get("mina", "b"), store.get("jun", "a")) == (None, None)


def test_frees_the_size_of_a_value_that_is_added_again() -> None:
    store = filled_store()
    for _ in range(5):
        store.add("mina", "c", "C", 4)

    assert store.list("mina") == ["A", "B", "C"]


def test_continues_a_chain_whose_first_response_is_deleted(client: OpenAI) -> None:
    first = respond(client, "My name is Mina.")
    second = respond(client, "thanks", previous_response_id=first.id)
    client.responses.delete(first.id)

    assert "Mina" in respond(client, "What is my name?", previous_response_id=second.id).output_text
