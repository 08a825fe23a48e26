"""Function tools of the Responses API: strict by default, choices, parallel calls, and answers."""

import json
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI, pydantic_function_tool
from openai.types.responses import Response, ResponseFunctionToolCall
from pydantic import BaseModel

from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL
from tests.sandbox.responses.conversions import assert_same_usage, complete, respond, stream, to_items
from tests.sandbox.tools.requests import CALLS, STOCK, TOOLS, WEATHER

QUESTION = "What's the weather in Paris and London?"
RESULT = '{"temperature": 21, "unit": "°C"}'


def flat(tool: dict[str, Any], **fields: Any) -> Any:
    return {"type": "function", **tool["function"], **fields}


FLAT_TOOLS = [flat(tool) for tool in TOOLS]
AS_IN_CHAT = [flat(tool, strict=False) for tool in TOOLS]


class GetWeather(BaseModel):
    """Get the weather of a city."""

    city: str


def calls(response: Response) -> list[ResponseFunctionToolCall]:
    return [item for item in response.output if item.type == "function_call"]


def names(response: Response) -> list[str]:
    return [call.name for call in calls(response)]


@pytest.mark.parametrize(("question", "expected"), CALLS[:6])
def test_calls_like_chat_completions(
    client: OpenAI, question: str, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    response = respond(client, question, tools=AS_IN_CHAT)
    completion = complete(client, [{"role": "user", "content": question}], tools=TOOLS)

    assert [(call.name, json.loads(call.arguments)) for call in calls(response)] == expected
    assert_same_usage(response, completion)


def test_gives_each_call_two_ids(client: OpenAI) -> None:
    found = calls(respond(client, QUESTION, tools=FLAT_TOOLS))

    assert len(found) == len({call.call_id for call in found}) == 2
    assert all(call.call_id.startswith("call_") for call in found)
    assert all(call.id and call.id.startswith("fc_") for call in found)


def test_makes_tools_strict_and_returns_them_so(client: OpenAI) -> None:
    tool: Any = respond(client, QUESTION, tools=[flat(WEATHER)]).tools[0].to_dict()

    assert tool.keys() == {"type", "description", "name", "output_schema", "parameters", "strict"}
    assert tool["strict"] is True
    assert tool["parameters"]["additionalProperties"] is False
    assert tool["parameters"]["required"] == ["city", "unit"]


def test_requires_optional_arguments_of_a_strict_tool(client: OpenAI) -> None:
    dice = next(tool for tool in FLAT_TOOLS if tool["name"] == "roll_dice")
    strict = calls(respond(client, "Roll a 20-sided dice", tools=[*FLAT_TOOLS]))
    relaxed = calls(respond(client, "Roll a 20-sided dice", tools=AS_IN_CHAT))

    assert dice["parameters"]["required"] == []
    assert json.loads(strict[0].arguments) == {"sides": 20, "count": 1}
    assert json.loads(relaxed[0].arguments) == {"sides": 20}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"city": {"type": "string"}}, "patternProperties": {}},
        {"type": "object", "properties": {"city": {"type": "string", "format": "x"}}},
    ],
)
def test_leaves_tools_as_they_are_that_cannot_be_strict(client: OpenAI, schema: Any) -> None:
    tool = {
        "type": "function",
        "name": "get_weather",
        "description": "Get the weather.",
        "parameters": schema,
    }
    echoed: Any = respond(client, "hello", tools=[tool]).tools[0].to_dict()

    assert (echoed["strict"], echoed["parameters"]) == (False, schema)


STOCK_CHOICE = {"type": "function", "name": "get_stock_price"}


@pytest.mark.parametrize(
    ("choice", "question", "expected"),
    [
        ("auto", QUESTION, ["get_weather", "get_weather"]),
        ("none", QUESTION, []),
        ("auto", "hello", []),
        ("required", "What is the weather in Paris?", ["get_weather"]),
        (STOCK_CHOICE, "What is the weather in Paris?", ["get_stock_price"]),
        ({"type": "allowed_tools", "mode": "auto", "tools": [STOCK_CHOICE]}, QUESTION, []),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [STOCK_CHOICE]},
            "What is the price of AAPL?",
            ["get_stock_price"],
        ),
    ],
)
def test_follows_the_tool_choice(client: OpenAI, choice: Any, question: str, expected: list[str]) -> None:
    response = respond(client, question, tools=FLAT_TOOLS, tool_choice=choice)

    assert names(response) == expected
    assert response.to_dict()["tool_choice"] == choice
    assert response.status == "completed"


@pytest.mark.parametrize("choice", ["auto", "none", "required"])
def test_allows_a_choice_without_tools(client: OpenAI, choice: Any) -> None:
    response = respond(client, tool_choice=choice, parallel_tool_calls=False)

    assert response.output_text == respond(client).output_text


def test_calls_once_without_parallel_calls(client: OpenAI) -> None:
    assert names(respond(client, QUESTION, tools=FLAT_TOOLS, parallel_tool_calls=False)) == ["get_weather"]


def test_streams_the_arguments(client: OpenAI) -> None:
    events = stream(client, QUESTION, tools=FLAT_TOOLS)
    arguments = ["", ""]
    for event in events:
        if event.type == "response.function_call_arguments.delta":
            arguments[event.output_index] += event.delta
    last = events[-1]

    assert last.type == "response.completed"
    assert [call.arguments for call in calls(last.response)] == arguments
    assert [json.loads(text)["city"] for text in arguments] == ["Paris", "London"]


@pytest.mark.parametrize("model", [CHAT_MODEL, REASONING_MODEL, "gpt-6-astra"])
def test_answers_from_results_in_a_chain_and_from_a_replay(client: OpenAI, model: str) -> None:
    first = respond(client, QUESTION, tools=FLAT_TOOLS, model=model)
    outputs = [
        {"type": "function_call_output", "call_id": call.call_id, "output": RESULT} for call in calls(first)
    ]
    params: dict[str, Any] = {"tools": FLAT_TOOLS, "model": model}
    chained = respond(client, outputs, previous_response_id=first.id, **params)
    replayed = respond(
        client, [{"role": "user", "content": QUESTION}, *first.output, *outputs], store=False, **params
    )

    assert "21" in chained.output_text
    assert chained.output_text == replayed.output_text
    assert chained.usage
    assert replayed.usage
    assert chained.usage.input_tokens == replayed.usage.input_tokens


def test_counts_calls_and_results_like_chat_completions(client: OpenAI) -> None:
    call = {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    messages: list[Any] = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": call},
                {"id": "call_2", "type": "function", "function": call},
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": RESULT},
        {"role": "tool", "tool_call_id": "call_2", "content": RESULT},
    ]
    response = respond(client, to_items(messages), tools=AS_IN_CHAT)
    completion = complete(client, messages, tools=TOOLS)

    assert response.output_text == completion.choices[0].message.content
    assert_same_usage(response, completion)


def test_requires_results_over_the_chain(client: OpenAI) -> None:
    first = respond(client, "What is the price of AAPL?", tools=[flat(STOCK)])
    call_id = calls(first)[0].call_id

    with pytest.raises(Exception, match=f"No tool output found for function call {call_id}"):
        respond(client, "thanks", previous_response_id=first.id)


def test_parses_arguments_with_the_sdk(client: OpenAI) -> None:
    response = client.responses.parse(
        model=CHAT_MODEL, input="What is the weather in Paris?", tools=[pydantic_function_tool(GetWeather)]
    )
    (call,) = (item for item in response.output if item.type == "function_call")

    assert call.parsed_arguments == GetWeather(city="Paris")


async def test_calls_for_the_asynchronous_client(async_client: AsyncOpenAI) -> None:
    response = await async_client.responses.create(model=CHAT_MODEL, input=QUESTION, tools=FLAT_TOOLS)

    assert names(response) == ["get_weather", "get_weather"]
