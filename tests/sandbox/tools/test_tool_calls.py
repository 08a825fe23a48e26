"""Tool calls with the SDK: requests, streams, choices, and errors."""

import json
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError, OpenAI, pydantic_function_tool
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from tests.sandbox.client import CHAT_MODEL, ChatHelper, user_message
from tests.sandbox.tools.requests import STOCK, TOOLS, WEATHER, function, text

QUESTION = "What's the weather in Paris and London?"


class GetWeather(BaseModel):
    """Get the weather of a city."""

    city: str
    unit: str | None = None


def functions(completion: ChatCompletion) -> list[Any]:
    """Return the function of each call: name and arguments."""
    calls = completion.choices[0].message.tool_calls or ()
    return [call.function for call in calls if call.type == "function"]


def names(completion: ChatCompletion) -> list[str]:
    return [function.name for function in functions(completion)]


def test_calls_in_parallel(chat: ChatHelper) -> None:
    completion = chat(QUESTION, tools=TOOLS)
    choice = completion.choices[0]
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    arguments = [json.loads(function.arguments) for function in functions(completion)]
    assert arguments == [{"city": "Paris"}, {"city": "London"}]
    ids = [call.id for call in choice.message.tool_calls or ()]
    assert len(set(ids)) == 2
    assert all(call_id.startswith("call_") for call_id in ids)


def test_calls_once_without_parallel_calls(chat: ChatHelper) -> None:
    assert names(chat(QUESTION, tools=TOOLS, parallel_tool_calls=False)) == ["get_weather"]


ALLOWED = {
    "type": "allowed_tools",
    "allowed_tools": {
        "mode": "auto",
        "tools": [{"type": "function", "function": {"name": "get_stock_price"}}],
    },
}
NAMED = {"type": "function", "function": {"name": "get_stock_price"}}


@pytest.mark.parametrize(
    ("choice", "question", "expected", "finish_reason"),
    [
        ("auto", "hello", [], "stop"),
        ("auto", "Apple stock price", ["get_stock_price"], "tool_calls"),
        ("none", "Apple stock price", [], "stop"),
        ("required", "Apple stock price", ["get_stock_price"], "tool_calls"),
        (NAMED, "hello", ["get_stock_price"], "stop"),
        (ALLOWED, "Weather in Paris?", [], "stop"),
        (ALLOWED, "Apple stock price", ["get_stock_price"], "tool_calls"),
    ],
)
def test_honours_tool_choice(
    chat: ChatHelper, choice: Any, question: str, expected: list[str], finish_reason: str
) -> None:
    completion = chat(question, tools=TOOLS, tool_choice=choice)
    assert names(completion) == expected
    assert completion.choices[0].finish_reason == finish_reason


def test_always_calls_something_if_required(chat: ChatHelper) -> None:
    assert len(names(chat("hello", tools=TOOLS, tool_choice="required"))) == 1


def test_streams_id_and_name_once_and_then_arguments(chat: ChatHelper) -> None:
    chunks = chat.stream(QUESTION, tools=TOOLS)
    deltas = [call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or ()]
    for index, city in enumerate(("Paris", "London")):
        first, *rest = [call for call in deltas if call.index == index]
        assert first.id
        assert (first.type, first.function and first.function.name) == ("function", "get_weather")
        assert all(call.id is None and call.function and call.function.name is None for call in rest)
        arguments = "".join(call.function.arguments or "" for call in (first, *rest) if call.function)
        assert json.loads(arguments) == {"city": city}
    assert len(deltas) > 6
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_gives_the_stream_helper_its_events(client: OpenAI) -> None:
    tool = pydantic_function_tool(GetWeather, name="get_weather")
    with client.chat.completions.stream(
        model=CHAT_MODEL, **user_message("서울 날씨 알려줘"), tools=[tool]
    ) as stream:
        types = [event.type for event in stream]
        final = stream.get_final_completion()
    assert "tool_calls.function.arguments.delta" in types
    assert "tool_calls.function.arguments.done" in types
    calls = final.choices[0].message.tool_calls
    assert calls
    assert calls[0].function.parsed_arguments == GetWeather(city="Seoul")


async def test_answers_from_the_results_asynchronously(async_client: AsyncOpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "애플 주가 알려줘"}]
    first = await async_client.chat.completions.create(model=CHAT_MODEL, messages=messages, tools=[STOCK])  # type: ignore[list-item]
    message = first.choices[0].message
    assert message.tool_calls
    messages.append(message)
    result = '{"ticker": "AAPL", "price": 231.5, "currency": "USD"}'
    messages.append({"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": result})
    second = await async_client.chat.completions.create(model=CHAT_MODEL, messages=messages, tools=[STOCK])  # type: ignore[list-item]
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.content == "AAPL의 가격: **231.5 USD**입니다."


async def test_parses_strict_tools_asynchronously(async_client: AsyncOpenAI) -> None:
    completion = await async_client.chat.completions.parse(
        model=CHAT_MODEL,
        messages=[{"role": "user", "content": "Weather in Tokyo?"}],
        tools=[pydantic_function_tool(GetWeather)],
    )
    calls = completion.choices[0].message.tool_calls
    assert calls
    assert calls[0].function.parsed_arguments == GetWeather(city="Tokyo")
    assert json.loads(calls[0].function.arguments) == {"city": "Tokyo", "unit": None}


def test_cuts_arguments_at_the_token_limit(chat: ChatHelper) -> None:
    completion = chat("Weather in Paris?", tools=[WEATHER], max_completion_tokens=2)
    choice = completion.choices[0]
    assert choice.finish_reason == "length"
    assert not functions(completion)[0].arguments.endswith("}")
    assert completion.usage
    assert completion.usage.completion_tokens == 2


def test_counts_the_tokens_of_tools(chat: ChatHelper) -> None:
    plain, with_tools = chat("hello"), chat("hello", tools=TOOLS)
    assert plain.usage
    assert with_tools.usage
    assert with_tools.usage.prompt_tokens - plain.usage.prompt_tokens > 100


def test_counts_tools_as_the_cookbook_does(chat: ChatHelper) -> None:
    # The published vector: 101 tokens with these messages for gpt-4o.
    tool = function(
        "get_current_weather",
        "Get the current weather in a given location",
        ["location"],
        location=text("The city and state, e.g. San Francisco, CA"),
        unit=text("The unit of temperature to return", enum=["celsius", "fahrenheit"]),
    )
    messages = [
        {
            "role": "system",
            "content": "You are a helpful assistant that can answer to questions about the weather.",
        },
        {"role": "user", "content": "What's the weather like in San Francisco?"},
    ]
    completion = chat(messages=messages, tools=[tool], model="gpt-4o")
    assert completion.usage
    assert completion.usage.prompt_tokens == 101


def a_tool(**changes: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", **changes}}


BROKEN: Any = {"type": "object", "properties": {"a": {"type": "text"}}}
NOT_STRICT: Any = {"type": "object", "properties": {}}
# Each row: test id, parameters, and the param and code of the error.
INVALID: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("name", {"tools": [a_tool(name="a b")]}, "tools[0].function.name", "invalid_value"),
    ("long name", {"tools": [a_tool(name="x" * 65)]}, "tools[0].function.name", "string_above_max_length"),
    (
        "no name",
        {"tools": [{"type": "function", "function": {}}]},
        "tools[0].function.name",
        "missing_required_parameter",
    ),
    ("no function", {"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
    ("no type", {"tools": [{}]}, "tools[0].type", "missing_required_parameter"),
    ("flat tool", {"tools": [{"type": "function", "name": "f"}]}, "tools[0].name", "unknown_parameter"),
    (
        "schema",
        {"tools": [a_tool(parameters=BROKEN)]},
        "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    (
        "no object",
        {"tools": [a_tool(parameters={"type": "array"})]},
        "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    (
        "strict",
        {"tools": [a_tool(parameters=NOT_STRICT, strict=True)]},
        "tools[0].function.parameters",
        "invalid_function_parameters",
    ),
    ("twice", {"tools": [a_tool(), a_tool()]}, "tools[1].function.name", "invalid_value"),
    (
        "too many",
        {"tools": [a_tool(name=f"f{number}") for number in range(129)]},
        "tools",
        "array_above_max_length",
    ),
    (
        "custom",
        {"tools": [{"type": "custom", "custom": {"name": "x"}}]},
        "tools[0]",
        "sandbox_unsupported",
    ),
    ("unknown choice", {"tools": [a_tool()], "tool_choice": "always"}, "tool_choice", "invalid_value"),
    (
        "unknown function",
        {"tools": [a_tool()], "tool_choice": {"type": "function", "function": {"name": "g"}}},
        "tool_choice",
        None,
    ),
    (
        "flat choice",
        {"tools": [a_tool()], "tool_choice": {"type": "function", "name": "f"}},
        "tool_choice.name",
        "unknown_parameter",
    ),
    ("choice without tools", {"tool_choice": "auto"}, "tool_choice", None),
    ("number as choice", {"tools": [a_tool()], "tool_choice": 3}, "tool_choice", "invalid_type"),
    ("functions", {"functions": [{"name": "f"}]}, "functions", "sandbox_unsupported"),
]


@pytest.mark.parametrize(
    ("params", "param", "code"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_rejects(chat: ChatHelper, params: dict[str, Any], param: str, code: str | None) -> None:
    with pytest.raises(BadRequestError) as excinfo:
        chat("hi", **params)
    assert (excinfo.value.param, excinfo.value.code) == (param, code), excinfo.value.message


def test_accepts_a_function_without_parameters(chat: ChatHelper) -> None:
    completion = chat("hi", tools=[a_tool(name="ping")], tool_choice="required")
    assert functions(completion)[0].arguments == "{}"


@pytest.mark.parametrize(
    ("params", "param", "message"),
    [
        (
            {"tools": [*TOOLS, {"type": "custom", "custom": {"name": "run_sql"}}]},
            f"tools[{len(TOOLS)}]",
            f"does not support custom tools. Remove 'tools[{len(TOOLS)}]'",
        ),
        (
            {"tools": TOOLS, "tool_choice": {"type": "custom", "custom": {"name": "run_sql"}}},
            "tool_choice",
            "does not support custom tools. Remove 'tool_choice'",
        ),
        (
            {"functions": [{"name": "get_weather", "parameters": {}}]},
            "functions",
            "does not support 'functions', deprecated in favor of 'tools'. Remove 'functions'",
        ),
        (
            {"function_call": "auto"},
            "function_call",
            "does not support 'function_call', deprecated in favor of 'tool_choice'. Remove 'function_call'",
        ),
    ],
    ids=["custom tool", "choice of a custom tool", "functions", "function_call"],
)
def test_says_what_the_sandbox_does_not_support(
    chat: ChatHelper, params: dict[str, Any], param: str, message: str
) -> None:
    with pytest.raises(BadRequestError) as raised:
        chat(QUESTION, **params)

    assert (raised.value.param, raised.value.code) == (param, "sandbox_unsupported")
    assert message in raised.value.message
