"""Messages, tools and schemas of a variant as JSON that a person edits."""

import json
from typing import Any

import pytest

from core.compare.variants.json_fields import (
    messages_from_json,
    messages_to_json,
    schema_from_json,
    schema_to_json,
    tools_from_json,
    tools_to_json,
)
from core.errors.types import PlaygroundError

STRICT = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION = {"name": "get_weather", "parameters": STRICT}
TOOL = {"type": "function", "function": FUNCTION}


@pytest.mark.parametrize("parse", [messages_from_json, tools_from_json, schema_from_json])
def test_reads_an_empty_text_as_nothing(parse: Any) -> None:
    assert not parse("  \n")


def test_writes_messages_as_it_reads_them() -> None:
    text = '[{"role": "user", "content": "안녕"}, {"role": "assistant", "content": "Hi"}]'

    messages = messages_from_json(text)

    assert [message.role for message in messages] == ["user", "assistant"]
    assert messages_from_json(messages_to_json(messages)) == messages


@pytest.mark.parametrize("text", [json.dumps(TOOL), json.dumps([TOOL]), json.dumps(FUNCTION)])
def test_reads_a_tool_a_list_and_a_function_without_its_type(text: str) -> None:
    assert tools_from_json(text) == (TOOL,)
    assert tools_from_json(tools_to_json((TOOL,))) == (TOOL,)


@pytest.mark.parametrize(("schema", "is_strict"), [(STRICT, True), ({"type": "object"}, False)])
def test_makes_a_schema_strict_if_it_can_be(schema: dict[str, Any], is_strict: bool) -> None:
    response_format = schema_from_json(json.dumps(schema))

    assert response_format
    assert response_format["json_schema"]["strict"] is is_strict
    assert json.loads(schema_to_json(response_format)) == schema


def test_keeps_a_response_format_as_it_is() -> None:
    response_format = {
        "type": "json_schema",
        "json_schema": {"name": "place", "strict": False, "schema": STRICT},
    }

    text = schema_to_json(response_format)

    assert json.loads(text) == response_format == schema_from_json(text)


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (messages_from_json, "[{", "Line 1"),
        (messages_from_json, '[{"role": "robot", "content": ""}]', "role"),
        (tools_from_json, "{", "Line 1"),
        (tools_from_json, "[1]", "Tool 1"),
        (tools_from_json, '{"type": "function", "function": {"name": "no spaces please"}}', "name"),
        (tools_from_json, '{"type": "function"}', "name"),
        (tools_from_json, json.dumps([TOOL] * 129), "128"),
        (schema_from_json, "[1]", "JSON object"),
        (schema_from_json, '{"type": "no type"}', "JSON Schema"),
        (schema_from_json, '{"type": "json_schema", "json_schema": {"name": "a"}}', "JSON object"),
    ],
)
def test_explains_what_is_wrong(parse: Any, text: str, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        parse(text)
