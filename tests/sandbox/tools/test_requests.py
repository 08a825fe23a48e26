"""Which functions a request calls, and with which arguments."""

import json
from typing import Any

import pytest

from core.sandbox.api.messages import parse_messages
from core.sandbox.api.tools import parse_tools
from core.sandbox.tools.turn import ToolTurn, take_turn
from tests.sandbox.tools.requests import CALLS, STOCK, TOOLS, WEATHER, function, text


def turn(messages: str | list[dict[str, Any]], tools: list[dict[str, Any]], **params: Any) -> ToolTurn:
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    return take_turn(parse_messages(messages, False), parse_tools({"tools": tools, **params}))


def calls(messages: str | list[dict[str, Any]], tools: list[dict[str, Any]], **params: Any) -> list[Any]:
    return [(call.name, json.loads(call.arguments)) for call in turn(messages, tools, **params).calls]


@pytest.mark.parametrize(("request_text", "expected"), CALLS, ids=[row[0] for row in CALLS])
def test_calls_what_the_request_needs(request_text: str, expected: list[Any]) -> None:
    assert calls(request_text, TOOLS) == expected


@pytest.mark.parametrize(
    ("request_text", "name"),
    [
        ("주가 알려줘", "ticker"),
        ("What's the weather?", "city"),
        ("Convert 5 miles", "to_unit"),
        ("이번 달 예산 계산해줘", "expression"),
        ("오늘부터 2026-12-25까지 며칠 남았어?", "start_date"),
        ("How many days are between today and 2026-12-25?", "start_date"),
        ("What's the weather in Paris and calculate my taxes", "expression"),
    ],
)
def test_asks_for_a_missing_argument(request_text: str, name: str) -> None:
    result = turn(request_text, TOOLS)
    assert result.calls == ()
    assert f"`{name}`" in result.text


def test_calls_without_the_argument_if_a_call_is_required() -> None:
    assert calls("주가 알려줘", [STOCK], tool_choice="required") == [("get_stock_price", {"ticker": ""})]


def test_takes_a_number_without_its_particle() -> None:
    status = function("get_order_status", "Get the status of an order.", order_id=text("Number of the order"))
    assert calls("주문 A-123의 상태를 알려줘", [status]) == [("get_order_status", {"order_id": "A-123"})]


def test_reads_the_date_of_the_instructions() -> None:
    schedule = function("create_event", "Schedule a meeting.", title=text(), date=text(format="date"))
    messages = [
        {"role": "system", "content": "Today is 2026-11-26."},
        {"role": "user", "content": "Schedule a meeting 'Budget' tomorrow"},
    ]
    assert calls(messages, [schedule]) == [("create_event", {"title": "Budget", "date": "2026-11-27"})]


def test_names_entities_in_the_language_of_the_parameter() -> None:
    korean = function("get_weather", "도시의 날씨를 조회합니다.", city=text("도시 이름, 예: 서울"))
    assert calls("파리 날씨 알려줘", [korean]) == [("get_weather", {"city": "파리"})]


def assistant_call(call_id: str, name: str, **arguments: Any) -> dict[str, Any]:
    call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def tool_result(call_id: str, content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def test_calls_one_after_the_other_without_parallel_calls() -> None:
    messages = [{"role": "user", "content": "Weather in Paris and London?"}]
    first = calls(messages, [WEATHER], parallel_tool_calls=False)
    assert first == [("get_weather", {"city": "Paris"})]
    messages += [assistant_call("a", "get_weather", city="Paris"), tool_result("a", '{"temperature": 20}')]
    second = calls(messages, [WEATHER], parallel_tool_calls=False)
    assert second == [("get_weather", {"city": "London"})]
    messages += [assistant_call("b", "get_weather", city="London"), tool_result("b", '{"temperature": 15}')]
    last = turn(messages, [WEATHER], parallel_tool_calls=False)
    assert last.calls == ()
    assert "20" in last.text
    assert "15" in last.text


def test_ends_after_calls_with_other_arguments_than_its_own() -> None:
    messages = [
        {"role": "user", "content": "Weather in Paris?"},
        assistant_call("a", "get_weather", city="Paris, France"),
        tool_result("a", "sunny"),
    ]
    assert turn(messages, [WEATHER]).calls == ()


def test_calls_again_as_long_as_a_call_is_required() -> None:
    messages = [
        {"role": "user", "content": "Weather in Paris?"},
        assistant_call("a", "get_weather", city="Paris"),
        tool_result("a", "sunny"),
    ]
    assert calls(messages, [WEATHER], tool_choice="required") == [("get_weather", {"city": "Paris"})]


def test_understands_a_follow_up() -> None:
    messages = [
        {"role": "user", "content": "서울 날씨 알려줘"},
        assistant_call("a", "get_weather", city="Seoul"),
        tool_result("a", "맑음"),
        {"role": "assistant", "content": "맑습니다."},
        {"role": "user", "content": "부산은?"},
    ]
    assert calls(messages, TOOLS) == [("get_weather", {"city": "Busan"})]
