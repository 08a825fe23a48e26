"""Which values structured outputs have for a document."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage
from core.sandbox.structured.fill import UnfillableSchema
from core.sandbox.structured.output import fill_schema

ROWS = json.loads((Path(__file__).parent / "documents.json").read_text(encoding="utf-8"))
TEXT = {"type": "string"}


def an_object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def to_schema(field: Any) -> dict[str, Any]:
    """Return the schema for the notation of `documents.json`: "integer?", a list of options, [{...}]."""
    if isinstance(field, dict):
        return an_object({name: to_schema(child) for name, child in field.items()})
    if isinstance(field, list):
        if isinstance(field[0], dict):
            return {"type": "array", "items": to_schema(field[0])}
        return {"type": "string", "enum": field}
    name = field.removesuffix("?")
    if name == "strings":
        return {"type": "array", "items": TEXT}
    schema = {"type": "string", "format": "date"} if name == "date" else {"type": name}
    return schema if name == field else {**schema, "type": [schema["type"], "null"]}


def fill(schema: dict[str, Any], *messages: str, name: str = "data", instructions: str = "") -> Any:
    prompt = ChatPrompt(instructions, tuple(ConversationMessage("user", text) for text in messages))
    return json.loads(fill_schema(prompt, schema, name, reply))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_finds_the_values(row: dict[str, Any]) -> None:
    assert fill(to_schema(row["fields"]), row["text"], name=row["name"]) == row["values"]


def test_does_not_read_the_task_or_the_instructions() -> None:
    schema = an_object({"email": {"type": ["string", "null"]}, "name": TEXT})
    message = (
        "Extract the contact, such as Jane Doe <jane@example.com>, from this text:\n\nOur manager "
        "Ken Adams is in on Monday and Tuesday."
    )
    assert fill(schema, message, instructions="Ask help@example.com.") == {"email": None, "name": "Ken Adams"}


def test_answers_a_question_in_the_field_for_the_answer() -> None:
    assert fill(an_object({"answer": TEXT}), "17 * 3") == {"answer": "17 * 3 = 51"}


def test_reads_an_earlier_text() -> None:
    text = (
        "The workshop on maps takes place on 2026-05-04 in the library. Ken Adams leads it. "
        "It costs $40 for each participant. Please bring a laptop and a charger."
    )
    assert fill(an_object({"price": {"type": "number"}}), text, "Now extract the price.") == {"price": 40}


def test_keeps_the_nodes_of_a_recursive_schema_apart() -> None:
    node = an_object({"name": TEXT, "parent": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}})
    assert fill(node, "My name is Ken Adams.") == {"name": "Ken Adams", "parent": None}


def test_finds_words_by_their_pattern_and_format() -> None:
    schema = an_object(
        {
            "a": {"type": "string", "pattern": r"^KR-\d{4}$"},
            "b": {"type": ["string", "null"], "format": "ipv4"},
            "c": {"type": ["string", "null"], "format": "uuid"},
            "d": {"type": "string", "pattern": r"^Z\d$"},
        }
    )
    text = "Server KR-2041 (10.0.0.7) is down. Restart it today, please."
    assert fill(schema, text) == {"a": "KR-2041", "b": "10.0.0.7", "c": None, "d": "Z0"}


def test_chooses_the_option_of_a_union_that_the_text_has() -> None:
    person = an_object({"kind": {"const": "person"}, "email": TEXT})
    place = an_object({"kind": {"const": "place"}, "city": TEXT})
    schema = an_object({"subject": {"anyOf": [person, place]}})
    assert fill(schema, "We met in Berlin.")["subject"] == {"kind": "place", "city": "Berlin"}
    assert fill(schema, "Write to ann@example.com.")["subject"]["kind"] == "person"


def test_omits_optional_fields_without_a_value() -> None:
    schema = {"type": "object", "properties": {"email": TEXT, "phone": TEXT}}
    assert fill(schema, "Write to ann@example.com.") == {"email": "ann@example.com"}


@pytest.mark.parametrize(
    "schema",
    [
        an_object({"next": {"$ref": "#"}}),
        an_object({"a": {"type": "array", "minItems": 1_000_000, "items": TEXT}}),
    ],
    ids=["no finite value", "too large"],
)
def test_refuses_a_schema_without_a_value_of_a_reasonable_size(schema: dict[str, Any]) -> None:
    with pytest.raises(UnfillableSchema):
        fill(schema, "hi")


@pytest.mark.parametrize(
    "part", ["1", "A-", "A ", "\n", "-\n", "A, ", "가", "a. ", "1,", "a@", ": ", "a: b\n", '"a', "$1", "and "]
)
def test_reads_a_hostile_text_in_bounded_time(part: str) -> None:
    # With quadratic time, one of these would take minutes.
    schema = to_schema(
        {
            "title": "string?",
            "summary": "string?",
            "author": "string?",
            "vendor": "string?",
            "place": "string?",
            "due_date": "date?",
            "total": "number?",
            "duration": "integer?",
            "items": [{"name": "string", "price": "number"}],
            "keywords": "strings",
            "address": "string?",
            "is_new": "boolean?",
            "sentiment": ["positive", "negative"],
        }
    )
    assert fill(schema, part * (200_000 // len(part)))
