"""Requests with all tools of the library at once, as strict functions and of a real server's kind."""

import json
from typing import Any

import pytest

from core.sandbox.api.messages import parse_messages
from core.sandbox.api.tools import parse_tools
from core.sandbox.tools.sql import write_query
from core.sandbox.tools.turn import take_turn
from core.tools.definitions.definition import ToolDefinition
from core.tools.definitions.function_tool import FunctionTool
from core.tools.library.catalog import LIBRARY
from core.tools.library.csv_database import CsvDatabase
from core.tools.requests.apis import ChatCompletionsApi
from core.tools.requests.model_api import ToolSettings

SALES = "Run a SELECT statement on the table data. Columns: region, amount, unit_price. Rows: 3."
DATABASE = CsvDatabase("region,amount,unit_price\nnorth,10,1\nsouth,2.5,2\nnorth,5,3\n")
TOOLS = [
    *(entry.tool.definition for entry in LIBRARY),
    FunctionTool.of(DATABASE.query_csv, description=SALES).definition,
]


def calls(request: str, tools: list[ToolDefinition]) -> list[tuple[str, Any]]:
    params = ChatCompletionsApi().build_request(ToolSettings("gpt-5-mini"), tools, request, ())
    turn = take_turn(parse_messages(params["messages"], False), parse_tools(params))
    return [
        (call.name, {key: value for key, value in json.loads(call.arguments).items() if value is not None})
        for call in turn.calls
    ]


@pytest.mark.parametrize("entry", LIBRARY, ids=lambda entry: entry.name)
def test_calls_each_tool_for_its_example(entry: Any) -> None:
    assert {name for name, _ in calls(entry.example, TOOLS)} == {entry.name}


@pytest.mark.parametrize(
    ("request_text", "expected"),
    [
        ("Who owns project Orion?", ("search_notes", {"query": "owns project Orion"})),
        ("주사위 3개 굴려줘", ("roll_dice", {"dice": "3d6"})),
        (
            "2026년 12월 1일부터 12월 31일까지 며칠이야?",
            ("count_days", {"start": "2026-12-01", "end": "2026-12-31"}),
        ),
        ("What date is 3 years after 2026-12-01?", ("add_to_date", {"start": "2026-12-01", "years": 3})),
        (
            "What's 5 miles in km?",
            ("convert_units", {"value": 5, "from_unit": "miles", "to_unit": "kilometer"}),
        ),
        ("convert 98.6 F to C", ("convert_units", {"value": 98.6, "from_unit": "F", "to_unit": "celsius"})),
        ("30C를 F로 변환해줘", ("convert_units", {"value": 30, "from_unit": "C", "to_unit": "fahrenheit"})),
        ("'빠른 갈색 여우'는 몇 글자야?", ("analyse_text", {"text": "빠른 갈색 여우"})),
        ("CSV 파일의 amount 합계를 알려줘", ("query_csv", {"sql": 'SELECT SUM("amount") FROM data'})),
    ],
)
def test_fills_in_only_what_the_request_says(request_text: str, expected: tuple[str, Any]) -> None:
    assert calls(request_text, TOOLS) == [expected]


@pytest.mark.parametrize(
    "request_text", ["오늘부터 크리스마스까지 며칠 남았어?", "What date is 45 days from today?"]
)
def test_does_not_call_with_a_date_that_the_request_does_not_say(request_text: str) -> None:
    assert calls(request_text, TOOLS) == []


@pytest.mark.parametrize(
    ("request_text", "sql"),
    [
        (
            "What is the average amount by region?",
            'SELECT "region", AVG("amount") FROM data GROUP BY "region"',
        ),
        ("region별 amount 최댓값 말고 최대", 'SELECT "region", MAX("amount") FROM data GROUP BY "region"'),
        ("How many rows does the file have?", "SELECT COUNT(*) FROM data"),
        ("How many are there per region?", 'SELECT "region", COUNT(*) FROM data GROUP BY "region"'),
        ("the lowest unit price", 'SELECT MIN("unit_price") FROM data'),
        ("Run `SELECT 1 FROM data;` please", "SELECT 1 FROM data"),
        ("Show me the file", "SELECT * FROM data LIMIT 20"),
    ],
)
def test_writes_a_query(request_text: str, sql: str) -> None:
    assert write_query(request_text, SALES) == sql
    assert DATABASE.query_csv(sql)["rows"]
