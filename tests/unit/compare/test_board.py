"""Boards, and which of their cells have to be run."""

from collections import Counter

import pytest
from pydantic import ValidationError

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import CellState, cell_states, keys_to_run
from core.runs.run import RunState
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of


def test_has_a_cell_for_each_repetition_of_each_case_and_enabled_variant() -> None:
    variants = variant_of(id="a"), variant_of(id="b", enabled=False), variant_of(id="c")
    board = board_of(*variants, cases=200, repetitions=3)

    keys = list(board.cell_keys())

    assert len(keys) == len(set(keys)) == 200 * 2 * 3
    assert keys[:3] == [CellKey("a", "c0", 1), CellKey("c", "c0", 1), CellKey("a", "c1", 1)]


def test_refuses_two_variants_with_one_id() -> None:
    with pytest.raises(ValidationError, match="Two variants have the same id"):
        board_of(variant_of(id="a"), variant_of(id="a"))


def test_refuses_changes_that_could_not_be_read_again() -> None:
    board = board_of(variant_of(id="a"))

    with pytest.raises(ValidationError, match="at most 20 items"):
        board.with_variants([variant_of(id=f"v{number}") for number in range(21)])
    with pytest.raises(ValidationError, match="at most 2000 items"):
        board.with_cases([Case() for _ in range(2_001)])


def test_refuses_more_than_30_repetitions() -> None:
    with pytest.raises(ValidationError):
        board_of(repetitions=31)


def test_survives_json() -> None:
    board = board_of(variant_of(), cases=3, repetitions=2)

    assert Board.model_validate_json(board.model_dump_json()) == board


def test_runs_everything_first_and_nothing_when_all_is_done() -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"))

    missing = keys_to_run(cell_states(board, {}))

    assert missing == list(board.cell_keys())
    assert keys_to_run(cell_states(board, cells_of(board, lambda _: run_of("Hi")))) == []


def test_runs_cells_again_whose_variant_was_edited_and_no_others() -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"))
    cells = cells_of(board, lambda _: run_of("Hi"))

    edited = board.with_variants([variant_of("Hey {{name}}", id="a"), board.variants[1]])

    assert {key.variant_id for key in keys_to_run(cell_states(edited, cells))} == {"a"}


def test_runs_cells_again_whose_values_were_edited_unless_no_prompt_uses_them() -> None:
    board = board_of(variant_of(id="a"))
    cells = cells_of(board, lambda _: run_of("Hi"))
    edited = board.with_cases(
        [
            board.cases[0].model_copy(update={"variables": {"name": "Ada"}}),
            board.cases[1].model_copy(update={"variables": {"name": "1", "unused": "x"}, "expected": "Hi"}),
        ]
    )

    states = cell_states(edited, cells)

    assert states == {CellKey("a", "c0", 1): CellState.STALE, CellKey("a", "c1", 1): CellState.DONE}


def test_keeps_results_of_a_renamed_and_of_a_disabled_variant() -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"))
    cells = cells_of(board, lambda _: run_of("Hi"))
    renamed = board.variants[0].model_copy(update={"name": "Other"})
    disabled = board.variants[1].model_copy(update={"enabled": False})

    states = cell_states(board.with_variants([renamed, disabled]), cells)

    assert Counter(states.values()) == {CellState.DONE: 2}


def test_runs_failed_cells_on_request_and_leaves_those_under_way() -> None:
    board = board_of(variant_of(id="a"), cases=4)
    failed = {"c1", "c2"}
    cells = cells_of(
        board, lambda key: run_of(state=RunState.FAILED if key.case_id in failed else RunState.DONE)
    )
    states = cell_states(board, cells)

    keys = keys_to_run(states, {CellState.FAILED}, under_way=[CellKey("a", "c1", 1)])

    assert keys == [CellKey("a", "c2", 1)]


def test_gives_a_copy_no_results() -> None:
    board = board_of(variant_of())

    assert board.duplicate().id != board.id
    assert board.duplicate().variants == board.variants


def test_offers_the_expected_reply_to_texts_of_checks() -> None:
    case = Case(variables={"city": "Paris"}, expected="France")

    assert case.values == {"city": "Paris", "expected": "France"}
