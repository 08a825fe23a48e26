"""What a reply says: its text, its refusal, and the tools that it calls."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.compare.boards.board import CellKey
from core.compare.boards.checks import Contains
from core.compare.boards.repository import BoardRepository
from core.compare.boards.results import BoardResults, CaseFilter
from core.compare.export.board_file import board_from_json, board_to_json
from core.compare.export.tables import board_json_lines
from core.compare.statistics.highlights import identical_replies
from core.compare.statistics.variant_statistics import group_answers
from core.compare.variants.reply import reply_text
from core.runs.run import Run
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of


def chat_call(city: str, text: str = "", **fields: Any) -> Run:
    """Return a run that calls a tool with the weather of *city*."""
    call = {"function": {"name": "weather", "arguments": json.dumps({"city": city})}}
    return run_of(text, response={"choices": [{"message": {"tool_calls": [call]}}]}, **fields)


def response_call(city: str) -> Run:
    item = {"type": "function_call", "name": "weather", "arguments": json.dumps({"city": city})}
    return run_of(response={"output": [item]}, finish_reason="tool_calls")


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (run_of("Sunny."), "Sunny."),
        (run_of(refusal="I cannot help with that."), "I cannot help with that."),
        (chat_call("Oslo"), 'weather({\n  "city": "Oslo"\n})'),
        (chat_call("Oslo", "I ask."), 'I ask.\n\nweather({\n  "city": "Oslo"\n})'),
        (response_call("부산"), 'weather({\n  "city": "부산"\n})'),
        (run_of(), ""),
    ],
)
def test_says_what_is_in_a_reply(run: Run, text: str) -> None:
    assert reply_text(run) == text


def test_shows_the_text_and_the_calls_of_a_saved_response(store: Store) -> None:
    board = board_of(variant_of(id="a"), cases=1)
    call = replace(response_call("부산"), text="I ask.", finish_reason="stop")
    BoardRepository(store).add_results(board.id, list(cells_of(board, lambda _: call).values()))

    (cell,) = BoardRepository(store).cells(board.id).values()

    assert reply_text(cell.run) == 'I ask.\n\nweather({\n  "city": "부산"\n})'


def test_does_not_count_different_calls_as_equal() -> None:
    runs = [chat_call("Oslo"), chat_call("Bergen"), chat_call("Oslo")]

    assert [group.count for group in group_answers(runs)] == [2, 1]
    assert identical_replies(dict(zip("abc", runs, strict=True))) == [("a", "c")]


# "stop" is what a call has that the request has chosen.
@pytest.mark.parametrize(
    ("text", "finish_reason"), [("", "stop"), ("I ask.", "tool_calls"), ("I ask.", "stop")]
)
def test_compares_checks_and_exports_the_calls_of_a_board(
    store: Store, text: str, finish_reason: str
) -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), checks=(Contains(text="Oslo"),))
    cities = {"a": ("Oslo", "Oslo"), "b": ("Oslo", "Bergen")}
    repository = BoardRepository(store)
    cells = cells_of(
        board,
        lambda key: chat_call(cities[key.variant_id][int(key.case_id[1])], text, finish_reason=finish_reason),
    )
    repository.save(board)
    repository.add_results(board.id, list(cells.values()))

    results = BoardResults(board)
    results.refresh(repository)

    rows = results.rows()
    assert [row.number for row in rows if results.matches(row, CaseFilter.DIFFERENT, {})] == [2]
    assert [row.number for row in rows if results.matches(row, CaseFilter.CHECK_FAILED, {})] == [2]
    lines = board_json_lines(board, results.cells, results.checks, {}).splitlines()
    replies = [json.loads(line)["reply"] for line in lines]
    assert sum("Bergen" in reply for reply in replies) == 1
    assert sum("Oslo" in reply for reply in replies) == 3
    assert reply_text(results.cells[CellKey("b", "c1", 1)].run).endswith('weather({\n  "city": "Bergen"\n})')
    imported = board_from_json(board_to_json(board, results.cells, {}), ["test"], "test")
    assert [reply_text(cell.run) for cell in imported.cells.values()] == [
        reply_text(cell.run) for cell in results.cells.values()
    ]
