"""A request is recognised in every form, and an invalid one is explained."""

from typing import Any

import pytest

from core.errors.types import PlaygroundError
from core.token_analysis.request_parser import parse_request

SAMPLE: dict[str, Any] = {"messages": [{"role": "user", "content": "hello"}]}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "now"}}


@pytest.mark.parametrize(
    ("text", "request_fields"),
    [
        pytest.param('[{"role": "user", "content": "hello"}]', SAMPLE, id="messages"),
        pytest.param('{"role": "user", "content": "hello"}', SAMPLE, id="a message"),
        pytest.param('{"messages": [], "model": "x", "n": 2}', {"messages": []}, id="a whole request"),
        pytest.param(
            '[{"type": "function", "function": {"name": "now"}}]',
            {"messages": [], "tools": [TOOL]},
            id="tools",
        ),
        pytest.param(
            '{"type": "object"}',
            {
                "messages": [],
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "reply", "schema": {"type": "object"}},
                },
            },
            id="a schema",
        ),
        pytest.param("  ", {"messages": []}, id="empty"),
    ],
)
def test_recognises_requests_messages_tools_and_schemas(text: str, request_fields: dict[str, Any]) -> None:
    assert parse_request(text) == request_fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('[{"role": "user",]', "line 1, column 18", id="invalid JSON"),
        pytest.param('{"messages": 3}', "messages must be a list", id="not a list"),
        pytest.param('[{"role": "user"}, 3]', r"messages\[1\] has no role", id="not a message"),
        pytest.param('{"messages": [], "tools": [{}]}', r"tools\[0\] has no type", id="not a tool"),
        pytest.param('{"messages": [], "response_format": 3}', "response_format must be", id="format"),
        pytest.param("42", "a list of messages or an object", id="a number"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep"),
        pytest.param("1" * 5_000, "too many digits", id="digits"),
    ],
)
def test_explains_what_is_wrong_with_a_request(text: str, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        parse_request(text)
