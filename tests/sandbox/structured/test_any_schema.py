"""Structured outputs are valid against any schema of the strict subset."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from core.json_schema.formats import FORMATS
from core.sandbox.json_schema.strict import check_strict_schema
from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage
from core.sandbox.structured.output import fill_schema
from tests.sandbox.structured.strict_schemas import strict_schemas

TEXTS = (
    "Invoice INV-2026 from Acme Ltd, total: $1,250.50, due 2026-04-01. Contact: jo@example.com.",
    "김민수 과장은 3월 5일 오후 3시에 서울에서 노트북 2대를 1,500,000원에 샀다. 연락처: 010-1234-5678",
    "Items:\n- Lamp x 2 $35.00\n- Paper 10 $4.50\nname: é\nx: 5\nn: 7.25",
    "hi",
)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(schema=strict_schemas(), text=st.sampled_from(TEXTS))
def test_is_valid_and_in_the_order_of_the_schema(schema: dict[str, Any], text: str) -> None:
    check_strict_schema(schema)
    value = json.loads(fill(schema, text))
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    assert [error.message for error in validator.iter_errors(value)] == []
    assert list(value) == list(schema["properties"])


@pytest.mark.parametrize(
    ("format", "word"),
    [
        ("date-time", "2026-04-01T09:30+09:00"),
        ("date-time", "2026-04-01T09:30:00+0900"),
        ("date-time", "2026-W14-3T09:30:00Z"),
        ("time", "09:30+09:00"),
        ("time", "09:30:00,5Z"),
        ("date", "2026-W14-3"),
        ("duration", "P"),
        ("email", "jo@"),
        ("hostname", "a_b"),
        ("ipv4", "10.0.0.256"),
        ("ipv6", "fe80::1%eth0"),
        ("uuid", "{12345678-1234-1234-1234-123456789012}"),
    ],
)
def test_does_not_take_a_word_that_the_format_forbids(format: str, word: str) -> None:
    schema = {
        "type": "object",
        "properties": {"value": {"type": "string", "format": format}},
        "required": ["value"],
        "additionalProperties": False,
    }
    value = json.loads(fill(schema, f"The value is {word} today."))["value"]

    assert value != word
    assert FORMATS.conforms(value, format)


def fill(schema: dict[str, Any], text: str) -> str:
    prompt = ChatPrompt("Extract the data.", (ConversationMessage("user", text),))
    return fill_schema(prompt, schema, "data", reply)
