"""Boards from exported tables of results."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import Cells, CellState, cell_states, check_cells
from core.compare.export.board_file import ImportedBoard
from core.compare.export.cells_import import board_from_cells
from core.compare.export.tables import board_csv, board_json_lines
from core.compare.judging.ratings import Rating
from core.errors.types import Explanation, PlaygroundError
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

SUFFIXES = pytest.mark.parametrize("suffix", ["csv", "jsonl"])
HEADER = "variant,model,case,repetition,state,reply\n"


def exported(board: Board, cells: Cells, ratings: dict[str, Rating], suffix: str) -> ImportedBoard:
    """Write the results of a board as a table, and read them again."""
    results = check_cells(board, cells)
    if suffix == "csv":
        text = board_csv(board, cells, results, ratings).decode("utf-8-sig")
    else:
        text = board_json_lines(board, cells, results, ratings)
    imported = board_from_cells(text, f"My results.{suffix}", "test")
    assert imported
    return imported


def figures(run: Run) -> tuple[object, ...]:
    cost, error = run.cost and run.cost.amount, run.error and run.error.title
    times = run.first_token, run.total
    return run.text, run.state, run.finish_reason, *times, run.usage, cost, error


def in_order(board: Board, cells: Cells) -> list[Run]:
    return [cells[key].run for key in board.cell_keys() if key in cells]


@SUFFIXES
def test_reads_cases_replies_figures_and_ratings_of_an_exported_board(suffix: str) -> None:
    # Two variants with the same title and model, and one with a name that a spreadsheet would run.
    variants = (variant_of(id="a"), variant_of(id="b"), variant_of(id="c", name="=Third", model="gpt-4o"))
    board = board_of(*variants, cases=3).model_copy(update={"repetitions": 2})
    measured = run_of(
        "- one\n- 둘",
        finish_reason="length",
        first_token=0.25,
        total=1.5,
        usage=Usage(12, 34),
        cost=Cost(Decimal("0.000123"), "listed"),
    )
    failed = run_of("", state=RunState.FAILED, error=Explanation("Refused by the server", ""))
    cells = cells_of(board, lambda key: replace(failed if key.variant_id == "b" else measured, id=str(key)))
    rated = cells[CellKey("c", board.cases[1].id, 2)].run.id
    ratings = {rated: Rating(thumb="up", stars=4, comment="=Good, 좋아요")}

    imported = exported(board, cells, ratings, suffix)

    assert imported.board.name == "My results"
    assert [(each.title, each.model) for each in imported.board.variants] == [
        (each.title, each.model) for each in board.variants
    ]
    assert [(case.variables, case.expected) for case in imported.board.cases] == [
        (case.variables, case.expected) for case in board.cases
    ]
    assert imported.board.repetitions == 2
    before, after = in_order(board, cells), in_order(imported.board, imported.cells)
    assert [figures(run) for run in after] == [figures(run) for run in before]
    key = next(key for key, cell in imported.cells.items() if cell.run.id in imported.ratings)
    assert imported.ratings == {imported.cells[key].run.id: ratings[rated]}
    assert (imported.board.variants[2].id, imported.board.cases[1].id, 2) == key


def test_counts_the_results_as_those_of_edited_variants() -> None:
    board = board_of(variant_of(id="a"), cases=1)

    imported = exported(board, cells_of(board, lambda _key: run_of("Hi")), {}, "csv")

    assert {*cell_states(imported.board, imported.cells).values()} == {CellState.STALE}


@SUFFIXES
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1).filter(str.strip))
def test_reads_any_reply_as_it_was(suffix: str, text: str) -> None:
    board = board_of(variant_of(id="a"), cases=1)

    imported = exported(board, cells_of(board, lambda _key: run_of(text)), {}, suffix)

    assert [run.text for run in in_order(imported.board, imported.cells)] == [text]


def test_leaves_other_files_to_the_import_of_cases() -> None:
    assert board_from_cells("case,reply\n1,Hi\n", "cases.csv", "test") is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("A,m,1,0,done,Hi", "repetition"),
        ("A,m,1,1,finished,Hi", "state"),
        (",m,1,1,done,Hi", "variant"),
    ],
)
def test_names_the_row_and_the_field_that_is_no_result(row: str, field: str) -> None:
    with pytest.raises(PlaygroundError, match="Row 2 is not a result") as raised:
        board_from_cells(f"{HEADER}A,m,1,1,done,Hi\n{row}\n", "results.csv", "test")

    assert raised.value.hint.startswith(field)


def test_limits_the_number_of_variants() -> None:
    rows = "".join(f"Variant {number},m,1,1,done,Hi\n" for number in range(21))

    with pytest.raises(PlaygroundError, match="at most 20 variants"):
        board_from_cells(HEADER + rows, "results.csv", "test")


def test_asks_the_first_variable_of_the_cases() -> None:
    board = board_of(variant_of(id="a")).model_copy(
        update={"cases": (Case(variables={"question": "Why?"}, expected="Because"),)}
    )

    imported = exported(board, cells_of(board, lambda _key: run_of("Hi")), {}, "jsonl")

    assert [message.content for message in imported.board.variants[0].messages] == ["{{question}}"]
    assert [check.kind for check in imported.board.checks] == ["contains"]
