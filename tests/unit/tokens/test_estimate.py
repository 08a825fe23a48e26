"""Estimates reproduce the published figures, and grow with every message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.images.image import normalise_image
from core.tokens.estimate import estimate_tokens, message_counter
from tests.unit.images import sample_images

# The example of OpenAI's cookbook, whose totals its authors compared with the API's own.
JARGON = [
    {
        "role": "system",
        "content": "You are a helpful, pattern-following assistant that translates corporate jargon "
        "into plain English.",
    },
    {
        "role": "system",
        "name": "example_user",
        "content": "New synergies will help drive top-line growth.",
    },
    {
        "role": "system",
        "name": "example_assistant",
        "content": "Things working well together will increase revenue.",
    },
    {
        "role": "system",
        "name": "example_user",
        "content": "Let's circle back when we have more bandwidth to touch base on opportunities for "
        "increased leverage.",
    },
    {
        "role": "system",
        "name": "example_assistant",
        "content": "Let's talk later when we're less busy about how to do better.",
    },
    {
        "role": "user",
        "content": "This late pivot means we don't have time to boil the ocean for the client deliverable.",
    },
]
GREETING = [
    {"role": "developer", "content": "You are a helpful assistant."},
    {"role": "user", "content": "Hello!"},
]
WEATHER = [
    {
        "role": "system",
        "content": "You are a helpful assistant that can answer to questions about the weather.",
    },
    {"role": "user", "content": "What's the weather like in San Francisco?"},
]
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                },
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}

messages = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["system", "developer", "user", "assistant"]),
            "content": st.text(max_size=40),
        },
        optional={"name": st.from_regex(r"[a-z]{1,9}", fullmatch=True)},
    ),
    max_size=8,
)


def estimated(model: str, **params: Any) -> int:
    return estimate_tokens({"model": model, **params}).tokens


@pytest.mark.parametrize(
    ("model", "history", "expected"),
    [
        pytest.param("gpt-4o", JARGON, 124, id="cookbook, o200k"),
        pytest.param("gpt-4", JARGON, 129, id="cookbook, cl100k"),
        pytest.param("gpt-3.5-turbo", JARGON, 129, id="cookbook, gpt-3.5"),
        pytest.param("gpt-6-luna", JARGON, 124, id="cookbook, gpt-6"),
        pytest.param("gpt-4o", GREETING, 19, id="API reference"),
        pytest.param("gpt-4", GREETING, 19, id="API reference, cl100k"),
        pytest.param("gpt-4o", [{"role": "user", "content": "hello"}], 8, id="one word"),
        pytest.param("gpt-4o", [{"role": "user", "content": "hi"}] * 10, 53, id="ten messages"),
        pytest.param("gpt-4o", [{"role": "user", "content": "hi"}] * 100, 503, id="a hundred messages"),
        pytest.param("gpt-4o", [], 0, id="none"),
    ],
)
def test_estimates_messages(model: str, history: list[dict[str, str]], expected: int) -> None:
    assert estimated(model, messages=history) == expected


@pytest.mark.parametrize(("model", "without_tool", "with_tool"), [("gpt-4o", 33, 101), ("gpt-4", 34, 105)])
def test_estimates_tools(model: str, without_tool: int, with_tool: int) -> None:
    assert estimated(model, messages=WEATHER) == without_tool
    assert estimated(model, messages=WEATHER, tools=[WEATHER_TOOL]) == with_tool


def test_counts_text_parts_as_text() -> None:
    parts = [{"type": "text", "text": "hello"}]

    assert estimated("gpt-4o", messages=[{"role": "user", "content": parts}]) == 8


@pytest.mark.parametrize(
    ("model", "detail", "expected"),
    [
        ("gpt-4o", "low", 85),
        ("gpt-4o", "high", 765),
        ("gpt-4o-mini", "auto", 25501),
        ("gpt-4.1-mini", "high", 1659),
        ("gpt-5.6-luna", "low", 308),
        ("gpt-5.5", "high", 1229),
        ("gpt-5-nano", "high", 1536),
        ("gpt-5", "high", 630),
        ("o3", "low", 75),
    ],
)
def test_counts_an_image_of_unknown_size_as_a_square(model: str, detail: str, expected: int) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:,", "detail": detail}}
    estimate = estimate_tokens({"model": model, "messages": [{"role": "user", "content": [image]}]})

    assert ("images", expected) in estimate.parts
    assert "an image of unknown size is counted as 1024 x 1024 pixels" in estimate.notes


def test_counts_an_image_in_a_data_url_by_its_size() -> None:
    url = normalise_image(sample_images.solid_image("PNG", (1280, 720))).data_url
    image = {"type": "image_url", "image_url": {"url": url, "detail": "high"}}
    estimate = estimate_tokens({"model": "gpt-5.6-luna", "messages": [{"role": "user", "content": [image]}]})

    assert ("images", 1104) in estimate.parts
    assert not any("1024 x 1024" in note for note in estimate.notes)


@pytest.mark.parametrize(
    "tool",
    [
        pytest.param({"type": "function", "function": {"name": "now"}}, id="no parameters"),
        pytest.param({"type": "function", "name": "now", "parameters": None}, id="flat"),
        pytest.param({"type": "custom", "custom": {"name": "sql"}}, id="custom"),
        pytest.param(
            {"function": {"name": "f", "parameters": {"properties": {"n": {"enum": [1, 2]}}}}}, id="no type"
        ),
        pytest.param({"function": {"name": "f", "parameters": {"properties": {"n": True}}}}, id="any value"),
        pytest.param({"function": {"name": "f", "parameters": {"anyOf": [{"type": "null"}]}}}, id="anyOf"),
        pytest.param({"function": "f"}, id="invalid"),
    ],
)
def test_estimates_any_tool(tool: dict[str, Any]) -> None:
    assert estimated("gpt-4o", tools=[tool]) > 12


def test_counts_the_properties_of_a_nested_schema() -> None:
    def tool(*names: str) -> dict[str, Any]:
        inner = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
        schema = {"type": "object", "properties": {"items": {"type": "array", "items": inner}}}
        return {"type": "function", "function": {"name": "f", "parameters": schema}}

    assert estimated("gpt-4o", tools=[tool("city", "street")]) > estimated("gpt-4o", tools=[tool("city")])


def test_counts_a_tool_call_and_its_result() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": '{"zone": "KST"}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}

    assert message_counter("gpt-4o")(message) > message_counter("gpt-4o")({"role": "assistant"})


def test_lists_its_assumptions() -> None:
    assert estimate_tokens({"model": "gpt-4o", "messages": GREETING}).notes == ()
    assert estimate_tokens({"model": "gpt-6-luna", "messages": GREETING}).notes == (
        "the encoding is assumed",
        "the message overhead is assumed",
    )


@pytest.mark.parametrize(
    "params", [{}, {"messages": "hi"}, {"messages": [1, None]}, {"messages": [{"role": 1, "content": 2}]}]
)
def test_accepts_malformed_messages(params: dict[str, Any]) -> None:
    assert estimate_tokens(params).tokens >= 0


@given(messages)
def test_is_the_sum_of_its_messages(history: list[dict[str, str]]) -> None:
    messages_only = sum(map(message_counter("gpt-4o"), history))

    assert estimated("gpt-4o", messages=history) == messages_only + (3 if history else 0)


@given(messages, messages)
def test_grows_with_every_message(history: list[dict[str, str]], more: list[dict[str, str]]) -> None:
    assert estimated("gpt-4o", messages=history) <= estimated("gpt-4o", messages=history + more)


@given(messages)
def test_has_parts_that_add_up(history: list[dict[str, str]]) -> None:
    estimate = estimate_tokens({"model": "gpt-4o", "messages": history, "tools": [WEATHER_TOOL]})

    assert sum(tokens for _, tokens in estimate.parts) == estimate.tokens
