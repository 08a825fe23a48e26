"""The rows of a board, and what their filters match."""

from dataclasses import replace

import pytest

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import CellState
from core.compare.boards.checks import Contains, IsSimilar, MaxTokens
from core.compare.boards.example import example_board
from core.compare.boards.repository import BoardRepository
from core.compare.boards.results import BoardResults, CaseFilter
from core.compare.judging.ratings import Rating
from core.runs.run import RunState
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

RUN_BOARD = board_of(
    variant_of(id="a"), variant_of(id="b"), cases=3, checks=(Contains(text="yes"),), repetitions=2
)
REPLIES = {"a": ("yes", "no", "yes"), "b": ("yes", "yes", " yes ")}


@pytest.fixture
def repository(store: Store) -> BoardRepository:
    """A reply fails its check, the last one has failed, and the second round is missing."""
    repository = BoardRepository(store)
    repository.save(RUN_BOARD)
    cells = cells_of(RUN_BOARD, lambda key: run_of(REPLIES[key.variant_id][int(key.case_id[1])]))
    first = [cell for key, cell in cells.items() if key.repetition == 1]
    first[-1] = replace(first[-1], run=run_of("", RunState.FAILED))
    repository.add_results(RUN_BOARD.id, first)
    return repository


def results_of(repository: BoardRepository, board: Board = RUN_BOARD) -> BoardResults:
    results = BoardResults(board)
    results.refresh(repository)
    return results


@pytest.mark.parametrize(
    ("row_filter", "cases"),
    [
        (CaseFilter.ALL, [1, 1, 2, 2, 3, 3]),
        (CaseFilter.DIFFERENT, [2]),
        (CaseFilter.FAILED, [3]),
        (CaseFilter.CHECK_FAILED, [2]),
        (CaseFilter.UNRATED, [1, 2, 3]),
    ],
)
def test_finds_the_rows_that_it_filters_by(
    repository: BoardRepository, row_filter: CaseFilter, cases: list[int]
) -> None:
    results = results_of(repository)

    assert [row.number for row in results.rows() if results.matches(row, row_filter, {})] == cases


def test_counts_a_row_as_rated_when_each_reply_is(repository: BoardRepository) -> None:
    results = results_of(repository)
    rated = {cell.run.id: Rating(stars=3) for cell in results.cells.values() if cell.is_done}
    one_less = dict(list(rated.items())[1:])

    assert not any(results.matches(row, CaseFilter.UNRATED, rated) for row in results.rows())
    assert sum(results.matches(row, CaseFilter.UNRATED, one_less) for row in results.rows()) == 1


def test_leaves_results_of_an_edited_variant_out_of_the_filters(repository: BoardRepository) -> None:
    edited = RUN_BOARD.with_variants([variant_of("Edited {{name}}", id="a"), RUN_BOARD.variants[1]])
    results = results_of(repository, edited)

    assert results.count(CellState.STALE) == 3
    assert {key.variant_id for key in results.current} == {"b"}
    assert not any(results.matches(row, CaseFilter.CHECK_FAILED, {}) for row in results.rows())


def test_reads_and_checks_what_was_added_since(repository: BoardRepository) -> None:
    results = results_of(repository)
    before = dict(results.cells)
    key = CellKey("a", "c0", 2)
    cell = replace(results.cells[CellKey("a", "c0", 1)], key=key, run=run_of("perhaps"))
    repository.add_results(RUN_BOARD.id, [cell])

    results.refresh(repository)

    assert set(results.cells) - set(before) == {key}
    assert results.cells[CellKey("a", "c1", 1)].run is before[CellKey("a", "c1", 1)].run
    assert results.has_failed_check(key)


def test_filters_by_what_was_added_since(repository: BoardRepository) -> None:
    results = results_of(repository)
    first = results.rows()[0]
    assert not results.matches(first, CaseFilter.DIFFERENT, {})
    key = CellKey("b", "c0", 1)
    cell = replace(results.cells[key], run=run_of("perhaps"))
    repository.add_results(RUN_BOARD.id, [cell])

    results.refresh(repository)

    matched = [each for each in CaseFilter if results.matches(first, each, {})]
    assert matched == [CaseFilter.ALL, CaseFilter.DIFFERENT, CaseFilter.CHECK_FAILED, CaseFilter.UNRATED]
    assert results.states[key] is CellState.DONE


def test_ignores_what_was_added_for_a_variant_that_was_disabled(repository: BoardRepository) -> None:
    results = results_of(repository, RUN_BOARD.with_variants([RUN_BOARD.variants[0]]))
    states = dict(results.states)
    key = CellKey("b", "c0", 1)
    repository.add_results(RUN_BOARD.id, [replace(results.cells[key], run=run_of("perhaps"))])

    results.refresh(repository)

    assert results.states == states


def test_has_the_same_results_after_a_board_was_deleted_and_restored(repository: BoardRepository) -> None:
    before = results_of(repository)
    repository.delete(RUN_BOARD.id)

    repository.restore(RUN_BOARD.id)

    assert repository.get(RUN_BOARD.id) == RUN_BOARD
    assert results_of(repository).cells == before.cells


def test_starts_a_new_board_as_an_example_that_can_be_run() -> None:
    board = example_board("sandbox", ["gpt-6-luna", "gpt-6-terra"])

    assert [variant.model for variant in board.variants] == ["gpt-6-luna", "gpt-6-terra"]
    assert board.variable_names() == ["message"]
    assert all(case.expected and case.expected in case.variables["message"] for case in board.cases)


def test_counts_how_many_present_replies_passed_each_check(repository: BoardRepository) -> None:
    board = RUN_BOARD.model_copy(
        update={"checks": (Contains(text="yes"), IsSimilar(text="yes"), MaxTokens(tokens=10))}
    )
    repository.save(board)
    results = results_of(repository, board)
    assert [dict(count) for count in results.check_counts()] == [{True: 4, False: 1}, {None: 5}, {False: 5}]
    assert len(results.unknown_similarities) == 5

    results.check_again(lambda _model, reply, text: float(reply == text))

    assert dict(results.check_counts()[1]) == {True: 4, False: 1}
    assert not results.unknown_similarities


def test_compares_again_what_was_compared_before_the_board_was_edited(repository: BoardRepository) -> None:
    board = RUN_BOARD.model_copy(update={"checks": (IsSimilar(text="yes"),)})

    results = BoardResults(board, lambda _model, _reply, _text: 1.0)
    results.refresh(repository)

    assert dict(results.check_counts()[0]) == {True: 5}


def test_filters_by_similarity_once_it_is_computed(repository: BoardRepository) -> None:
    board = RUN_BOARD.model_copy(update={"checks": (IsSimilar(text="yes"),)})
    results = results_of(repository, board)
    assert not any(results.matches(row, CaseFilter.CHECK_FAILED, {}) for row in results.rows())

    results.check_again(lambda _model, reply, text: float(reply == text))

    matching = [row.number for row in results.rows() if results.matches(row, CaseFilter.CHECK_FAILED, {})]
    assert matching == [2]
