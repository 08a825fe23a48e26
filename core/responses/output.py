"""What the output of a response says, which may have reasoning, calls and several messages."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.json_values import JsonObject, json_objects


def output_text(response: Mapping[str, Any]) -> str:
    """Return the text of the answer, without what the model has commented before it."""
    return "".join(part["text"] for part in _parts(response) if isinstance(part.get("text"), str))


def output_refusal(response: Mapping[str, Any]) -> str:
    """Return why the model has declined to answer; nothing if it has not."""
    return "".join(part["refusal"] for part in _parts(response) if isinstance(part.get("refusal"), str))


def _parts(response: Mapping[str, Any]) -> Iterator[JsonObject]:
    messages = [
        item for item in json_objects(response.get("output")) if item.get("type", "message") == "message"
    ]
    # Models since gpt-5.3-codex say which of their messages is the answer.
    answers = [message for message in messages if message.get("phase") == "final_answer"]
    for message in answers or messages:
        yield from json_objects(message.get("content"))
