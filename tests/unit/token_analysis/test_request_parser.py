"""A request is recognised in every form, and an invalid one is explained."""

import json
from typing import Any, get_args

import pytest

from core.errors.types import PlaygroundError
from core.generation.api_name import ApiName
from core.token_analysis.request_parser import (
    EXAMPLE_REQUEST,
    ParsedRequest,
    convert_request,
    counted_fields,
    parse_request,
)
from core.tokens.estimate import estimate_tokens

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
    request = parse_request(text)

    assert (request.api, request.chat) == ("chat.completions", request_fields)


@pytest.mark.parametrize(
    ("text", "request_fields"),
    [
        pytest.param('{"input": "hello", "model": "x", "store": false}', SAMPLE, id="a text as input"),
        pytest.param('[{"type": "message", "role": "user", "content": "hello"}]', SAMPLE, id="items"),
        pytest.param(
            '{"role": "user", "content": [{"type": "input_text", "text": "hello"}]}',
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]},
            id="a part",
        ),
        pytest.param(
            '{"instructions": "Be kind.", "tools": [{"type": "function", "name": "now"}]}',
            {"messages": [{"role": "developer", "content": "Be kind."}], "tools": [TOOL]},
            id="instructions and tools",
        ),
        pytest.param('{"text": {"format": {"type": "text"}}}', {"messages": []}, id="a format"),
    ],
)
def test_recognises_what_only_the_responses_api_has(text: str, request_fields: dict[str, Any]) -> None:
    request = parse_request(text)

    assert (request.api, request.chat) == ("responses", request_fields)


def test_says_what_only_the_server_can_count() -> None:
    request = parse_request('{"previous_response_id": "resp_1", "input": [{"type": "reasoning"}]}')

    assert [*request.notes] == [
        "the previous responses are not counted",
        "reasoning items and references are not counted",
    ]


def test_converts_a_request_and_returns_what_the_other_api_does_not_have() -> None:
    chat = {**SAMPLE, "max_completion_tokens": 50, "seed": 1, "response_format": {"type": "json_object"}}

    responses, left_out = convert_request(ParsedRequest(chat), "responses")

    assert responses == {
        "input": "hello",
        "max_output_tokens": 50,
        "text": {"format": {"type": "json_object"}},
    }
    assert left_out == ("seed",)
    continued = ParsedRequest({**responses, "previous_response_id": "resp_1"}, "responses")
    back, left_out = convert_request(continued, "chat.completions")
    assert back == {name: value for name, value in chat.items() if name != "seed"}
    assert left_out == ("previous_response_id",)


def test_says_that_the_names_of_messages_are_lost() -> None:
    assert convert_request(parse_request(EXAMPLE_REQUEST), "responses")[1] == ("name of messages",)


def test_has_the_fields_that_are_counted() -> None:
    request = {"input": "hello", "store": False, "text": {"verbosity": "low"}, "tools": None}

    assert counted_fields(ParsedRequest(request, "responses")) == {
        "input": "hello",
        "text": {"verbosity": "low"},
    }
    assert counted_fields(ParsedRequest({**SAMPLE, "n": 2})) == SAMPLE


@pytest.mark.parametrize("api", get_args(ApiName))
def test_counts_the_example_alike_in_either_api(api: ApiName) -> None:
    example = parse_request(EXAMPLE_REQUEST)
    # The Responses API has no names of messages.
    messages = [{k: v for k, v in message.items() if k != "name"} for message in example.chat["messages"]]
    request = ParsedRequest({**example.chat, "messages": messages})

    converted = parse_request(json.dumps(convert_request(request, api)[0]))

    estimates = [estimate_tokens({**each.chat, "model": "gpt-4o"}).tokens for each in (request, converted)]
    assert converted.api == api
    assert estimates[0] == estimates[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('[{"role": "user",]', "line 1, column 18", id="invalid JSON"),
        pytest.param('{"messages": 3}', "messages must be a list", id="not a list"),
        pytest.param('[{"role": "user"}, 3]', r"messages\[1\] has no role", id="not a message"),
        pytest.param('{"messages": [], "tools": [{}]}', r"tools\[0\] has no type", id="not a tool"),
        pytest.param('{"messages": [], "response_format": 3}', "response_format must be", id="format"),
        pytest.param('{"input": 3}', "input must be a list", id="input"),
        pytest.param('{"input": [{}]}', r"input\[0\] has no role or type", id="not an item"),
        pytest.param('{"input": "hello", "text": 3}', "text must be an object", id="text"),
        pytest.param("42", "a list of messages or an object", id="a number"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep"),
        pytest.param("1" * 5_000, "too many digits", id="digits"),
    ],
)
def test_explains_what_is_wrong_with_a_request(text: str, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        parse_request(text)
