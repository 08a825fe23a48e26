"""Faults that change the reply itself, without a schema."""

from typing import Any

from tests.sandbox.client import ChatHelper

QUESTION = "count to 40"
REFUSAL: dict[str, Any] = {"extra_headers": {"x-sandbox-fault": "refusal"}}
CONTENT_FILTER: dict[str, Any] = {"extra_headers": {"x-sandbox-fault": "content-filter"}}


def test_refuses_in_the_field_of_refusals_without_a_schema(chat: ChatHelper) -> None:
    message = chat(QUESTION, **REFUSAL).choices[0].message
    deltas = [choice.delta for chunk in chat.stream(QUESTION, **REFUSAL) for choice in chunk.choices]

    assert (message.content, message.refusal) == (None, "I'm sorry, but I can't assist with that request.")
    assert "".join(delta.refusal or "" for delta in deltas) == message.refusal
    assert not any(delta.content for delta in deltas)


def test_cuts_the_text_at_the_content_filter(chat: ChatHelper) -> None:
    choice = chat(QUESTION, **CONTENT_FILTER).choices[0]
    streamed = [each for chunk in chat.stream(QUESTION, **CONTENT_FILTER) for each in chunk.choices]

    assert choice.message.content
    assert choice.finish_reason == streamed[-1].finish_reason == "content_filter"
    assert "".join(each.delta.content or "" for each in streamed) == choice.message.content
