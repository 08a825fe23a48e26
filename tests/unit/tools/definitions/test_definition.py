"""Schemas from signatures, strict schemas, and the requests and responses of Chat Completions."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from core.tools.definitions.definition import InvalidArguments, NotStrict, ToolDefinition, strict_schema
from core.tools.definitions.function_tool import FunctionTool
from core.tools.loop.modes import parse_keyed_answers
from core.tools.requests.apis import ChatCompletionsApi
from core.tools.requests.model_api import Exchange, ModelTurn, RequestedCall, ToolChoice, ToolSettings

API = ChatCompletionsApi()


def book(
    city: Annotated[str, Field(description="Where to")],
    nights: Annotated[int, Field(ge=1)] = 1,
    board: Literal["none", "half"] | None = None,
) -> str:
    """Book a room.

    Only for tests.
    """
    return f"{city} {nights} {board}"


BOOK = FunctionTool.of(book)


def test_makes_a_schema_from_a_signature() -> None:
    schema = BOOK.definition.parameters

    assert BOOK.definition.name == "book"
    assert BOOK.definition.description.startswith("Book a room.")
    assert schema["properties"]["city"] == {"description": "Where to", "type": "string"}
    assert schema["required"] == ["city"]
    assert "title" not in schema


def test_makes_every_property_of_a_strict_schema_required_and_optional_ones_nullable() -> None:
    strict = strict_schema(BOOK.definition.parameters)

    assert strict["required"] == ["city", "nights", "board"]
    assert strict["properties"]["nights"] == {"minimum": 1, "type": ["integer", "null"]}
    assert strict["properties"]["board"]["anyOf"][-1] == {"type": "null"}
    assert strict["additionalProperties"] is False


def test_takes_null_for_a_default() -> None:
    assert BOOK.validate({"city": "Seoul", "nights": None}) == {"city": "Seoul", "nights": 1, "board": None}
    with pytest.raises(InvalidArguments, match="city"):
        BOOK.validate({"city": None})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}]}}},
        {
            "type": "object",
            "properties": {"a": {"type": "object", "additionalProperties": {"type": "string"}}},
        },
    ],
)
def test_does_not_send_strict_with_a_schema_that_cannot_be(schema: dict[str, Any]) -> None:
    with pytest.raises(NotStrict):
        strict_schema(schema)

    assert ToolDefinition("a", "", schema).parameters_for(strict=True) == (schema, False)


def test_limits_the_depth_of_a_strict_schema() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(5_000):
        schema = {"type": "object", "properties": {"a": schema}}

    with pytest.raises(NotStrict, match="levels"):
        strict_schema(schema)


def request_for(choice: ToolChoice, history: tuple[Exchange, ...] = ()) -> dict[str, Any]:
    settings = ToolSettings("gpt-4o", "Be brief.", False, choice, parallel=False)
    return API.build_request(settings, [BOOK.definition], "Hi", history)


@pytest.mark.parametrize(
    ("choice", "param"),
    [
        (ToolChoice("none"), "none"),
        (ToolChoice("required"), "required"),
        (ToolChoice("named", ("book",)), {"type": "function", "function": {"name": "book"}}),
        (
            ToolChoice("allowed_tools", ("book",), allowed_required=True),
            {
                "type": "allowed_tools",
                "allowed_tools": {
                    "mode": "required",
                    "tools": [{"type": "function", "function": {"name": "book"}}],
                },
            },
        ),
    ],
)
def test_builds_the_tool_choice(choice: ToolChoice, param: object) -> None:
    params = request_for(choice)

    assert params["tool_choice"] == param
    assert params["parallel_tool_calls"] is False
    assert params["tools"][0]["function"]["strict"] is True
    assert [message["role"] for message in params["messages"]] == ["system", "user"]


def test_forces_no_call_after_the_first_round() -> None:
    call = RequestedCall("c", "book", "{}")
    params = request_for(ToolChoice("required"), (Exchange(ModelTurn("", (call,)), {"c": "ok"}),))

    assert "tool_choice" not in params
    assert params["messages"][2]["tool_calls"][0]["id"] == "c"
    assert params["messages"][3] == {"role": "tool", "tool_call_id": "c", "content": "ok"}


@pytest.mark.parametrize(
    "response", [None, {}, {"choices": None}, {"choices": [{"message": {"tool_calls": [1]}}]}]
)
def test_reads_an_odd_response_as_an_empty_turn(response: dict[str, Any] | None) -> None:
    assert API.read_response(response, 1) == ModelTurn()


def test_parses_keyed_answers() -> None:
    assert parse_keyed_answers('AAPL = {"a": "b=c"}\n\nnote\n = x') == {"AAPL": '{"a": "b=c"}'}
