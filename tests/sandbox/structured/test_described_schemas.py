"""Schemas in the instructions of `json_object` requests, which the API does not enforce but models follow."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from core.sandbox.structured.output import find_schema
from tests.sandbox.client import ChatHelper

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "email": {"type": "string"},
        "sentiment": {"type": "string", "enum": ["positive", "negative"]},
    },
    "required": ["name", "email", "sentiment"],
    "additionalProperties": False,
}
TEXT = "Maria Lindqvist writes: I love the new loom! Reach me at maria@textiles.example."


def instructions(schema: object) -> str:
    return (
        f"Extract the fields. Reply with a JSON object that is valid for this schema:\n{json.dumps(schema)}"
    )


def test_follows_a_schema_in_the_instructions(chat: ChatHelper) -> None:
    messages = [
        {"role": "system", "content": instructions(SCHEMA)},
        {"role": "user", "content": TEXT},
    ]
    value = json.loads(chat.text(messages=messages, response_format={"type": "json_object"}))
    Draft202012Validator(SCHEMA).validate(value)
    assert value == {
        "name": "Maria Lindqvist",
        "email": "maria@textiles.example",
        "sentiment": "positive",
    }


def test_answers_with_any_object_without_a_schema_that_has_a_value(chat: ChatHelper) -> None:
    endless = {**SCHEMA, "properties": {"child": {"$ref": "#"}}, "required": ["child"]}
    messages = [
        {"role": "system", "content": instructions(endless)},
        {"role": "user", "content": "2+3 as JSON"},
    ]
    assert isinstance(json.loads(chat.text(messages=messages, response_format={"type": "json_object"})), dict)


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": 1}', "{" * 100_000, '{"properties": 5}', '{"type": "array", "properties": {}}'],
    ids=["empty", "brace", "object", "many braces", "no properties", "array"],
)
def test_sees_no_schema_in_other_texts(text: str) -> None:
    assert find_schema(text) is None


def test_sees_a_schema_after_other_json() -> None:
    assert find_schema(f'For {{"a": 1}} and {{x}}: {json.dumps(SCHEMA)} please') == SCHEMA
