"""Boards from the lines of OpenAI's evals."""

import pytest

from core.compare.boards.cells import check_cells
from core.compare.boards.checks import Contains
from core.compare.export.openai_import import board_from_openai_lines
from core.compare.export.tables import board_csv, board_json_lines
from core.compare.judging.ratings import Rating
from core.errors.types import PlaygroundError
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

MODELS = ["gpt-4o-mini", "gpt-4o"]


@pytest.mark.parametrize(
    "line",
    [
        '{"input": [{"role": "user", "content": "2 + 2"}], "ideal": "4"}',
        '{"item": {"input": "2 + 2", "expected": "4"}}',
    ],
    ids=["samples of openai/evals", "items of the Evals API"],
)
def test_asks_the_input_of_each_line(line: str) -> None:
    imported = board_from_openai_lines(line, "arithmetic.jsonl", "test", MODELS)

    board = imported.board
    assert board.name == "arithmetic"
    assert board.variable_names() == ["input"]
    assert [(case.variables["input"], case.expected) for case in board.cases] == [("2 + 2", "4")]
    assert len({variant.model for variant in board.variants}) == 2
    assert board.checks == (Contains(),)
    assert any("no prompt" in note for note in imported.notes)


def test_refuses_lines_without_variables() -> None:
    with pytest.raises(PlaygroundError):
        board_from_openai_lines("[]\n", "x.jsonl", "test", MODELS)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_says_which_results_of_an_exported_board_are_not_imported(suffix: str) -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=3)
    cells = cells_of(board, lambda key: run_of(key.case_id))
    rated = [cell.run.id for cell in cells.values()]
    ratings = {
        rated[0]: Rating(stars=4),
        rated[1]: Rating(thumb="down"),
        rated[2]: Rating(comment="Too long"),
        rated[3]: Rating(),
    }
    write = board_csv if suffix == "csv" else board_json_lines
    written = write(board, cells, check_cells(board, cells), ratings)
    text = written.decode("utf-8-sig") if isinstance(written, bytes) else written

    imported = board_from_openai_lines(text, f"board.{suffix}", "test", MODELS)

    assert len(imported.board.cases) == 3
    [note] = [note for note in imported.notes if "not imported" in note]
    assert note == (
        "6 results with replies and figures, and 3 ratings, were not imported: "
        "import the board file (.board.json) for those."
    )


def test_says_nothing_of_results_if_there_are_none() -> None:
    imported = board_from_openai_lines("case,reply\n1,Hi\n", "cases.csv", "test", MODELS)

    assert not any("not imported" in note for note in imported.notes)
