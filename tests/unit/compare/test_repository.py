"""Storage of boards and their results."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from core.compare.boards.board import Board, CellKey
from core.compare.boards.repository import BoardRepository
from core.compare.boards.results import BoardResults
from core.compare.judging.ratings import Rating
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.verdicts import Verdict
from core.compare.running.jobs import new_job
from core.errors.types import NotFound, Unreadable
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.maintenance import purge
from core.history.repository import HistoryRepository
from core.runner.repository import JobRepository
from core.runs.run import RunState
from core.storage.compare_schema import compare_similarities
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for


def test_saves_and_replaces_boards_last_saved_first(store: Store) -> None:
    boards = BoardRepository(store)
    first, second = board_of(variant_of(), name="First"), board_of(variant_of(), name="둘째")
    boards.save(first)
    boards.save(second)

    boards.save(first.model_copy(update={"name": "Renamed"}))

    assert [board.name for board in boards.list()] == ["Renamed", "둘째"]
    assert boards.get(second.id) == second


def test_does_not_reveal_boards_of_another_owner(store: Store) -> None:
    board = board_of(variant_of())
    BoardRepository(store, "ada").save(board)
    other = BoardRepository(store, "bob")

    other.delete(board.id)

    assert other.list() == []
    with pytest.raises(NotFound):
        other.get(board.id)
    assert BoardRepository(store, "ada").get(board.id) == board


def test_lists_a_board_that_it_cannot_read(store: Store) -> None:
    boards, board = BoardRepository(store), board_of(variant_of(), name="Too large")
    boards.save(board.model_copy(update={"variants": tuple(variant_of() for _ in range(26))}))

    assert [summary.name for summary in boards.list()] == ["Too large"]
    with pytest.raises(Unreadable, match="cannot be read"):
        boards.get(board.id)


def test_returns_the_latest_result_of_each_place(store: Store) -> None:
    boards, board = BoardRepository(store), board_of(variant_of(id="a"))
    old, new = cells_of(board, lambda _: run_of("old")), cells_of(board, lambda _: run_of("new"))
    boards.save(board)
    boards.add_results(board.id, list(old.values()))
    boards.add_results(board.id, list(new.values()))

    cells = boards.cells(board.id)

    assert {cell.run.text for cell in cells.values()} == {"new"}
    key = CellKey("a", "c0", 1)
    assert [run.text for run in boards.earlier_runs(board.id, key)] == ["new", "old"]
    assert boards.list()[0].results == 4


def test_shows_no_running_runs(store: Store) -> None:
    boards, board = BoardRepository(store), board_of(variant_of(id="a"))
    cells = cells_of(
        board, lambda key: run_of("", RunState.RUNNING if key.case_id == "c1" else RunState.DONE)
    )
    boards.add_results(board.id, list(cells.values()))

    assert boards.cells(board.id).keys() == {CellKey("a", "c0", 1)}


def test_shows_the_earlier_result_until_the_new_one_has_ended(store: Store) -> None:
    boards, board = BoardRepository(store), board_of(variant_of(id="a"), cases=1)
    old = cells_of(board, lambda _: run_of("old"))
    new = cells_of(board, lambda _: run_of("half", RunState.RUNNING))
    boards.add_results(board.id, [*old.values(), *new.values()])
    results = BoardResults(board)
    results.refresh(boards)

    assert [cell.run.text for cell in results.cells.values()] == ["old"]

    (running,) = new.values()
    RunRepository(store).save(replace(running.run, state=RunState.DONE, text="new"))
    results.refresh(boards)
    assert [cell.run.text for cell in results.cells.values()] == ["new"]
    assert boards.cells(board.id) == results.cells


def test_shows_no_runs_of_another_owner(store: Store) -> None:
    board = board_of(variant_of(id="a"))
    BoardRepository(store, "ada").add_results(
        board.id, list(cells_of(board, lambda _: run_of("Hi")).values())
    )

    assert BoardRepository(store, "bob").cells(board.id) == {}


def saved_with_results(store: Store) -> Board:
    """Save a board with two results of each place and a verdict of the judge "judge"."""
    boards, board = BoardRepository(store), board_of(variant_of(id="a"))
    boards.save(board)
    for _ in ("earlier", "latest"):
        boards.add_results(board.id, list(cells_of(board, lambda _: run_of("Hi")).values()))
    verdict = Verdict("one", "other", "first", "It is better.")
    JudgingRepository(store).add_verdict(board.id, "judge", verdict)
    JudgingRepository(store).add_similarities(board.id, {"digest": 0.5})
    return board


def test_restores_a_deleted_board_with_its_earlier_results_and_verdicts(store: Store) -> None:
    boards, board = BoardRepository(store), saved_with_results(store)
    boards.delete(board.id)

    boards.save(board)  # such as an edit in another tab
    purge(store, "local")
    assert boards.list() == []
    with pytest.raises(NotFound):
        boards.get(board.id)
    boards.restore(board.id)

    assert boards.get(board.id) == board
    assert len(boards.earlier_runs(board.id, CellKey("a", "c0", 1))) == 2
    assert len(JudgingRepository(store).verdicts(board.id, "judge")) == 1


def test_deletes_a_board_permanently_in_time_and_keeps_its_runs(store: Store) -> None:
    boards, board, other = BoardRepository(store), saved_with_results(store), saved_with_results(store)
    run = boards.earlier_runs(board.id, CellKey("a", "c0", 1))[0]
    jobs, profile = JobRepository(store, "local"), profile_for("http://127.0.0.1:9/v1")
    own_jobs = [new_job(each, each.variants[0], [*each.cell_keys()], profile) for each in (board, other)]
    queues = [jobs.create(*each) for each in own_jobs]
    boards.delete(board.id)

    purge(store, "local", undo_time=timedelta(0))
    boards.restore(board.id)

    assert [summary.id for summary in boards.list()] == [other.id]
    assert boards.cells(board.id) == {}
    assert len(boards.cells(other.id)) == 2
    assert JudgingRepository(store).verdicts(board.id, "judge") == []
    assert JudgingRepository(store).similarities(other.id) == {"digest": 0.5}
    count = select(func.count()).select_from(compare_similarities)
    assert store.read(lambda connection: connection.scalar(count)) == 1
    assert jobs.list("compare") == [own_jobs[1][0]]
    assert [queue.progress().total for queue in queues] == [0, 2]
    assert [RunRepository(store).summaries([run.id])[run.id].text] == [run.text]


def test_reads_the_results_of_1200_cells(store: Store) -> None:
    boards = BoardRepository(store)
    board = board_of(*(variant_of(id=name) for name in "abcdef"), cases=200)
    added = cells_of(board, lambda _: run_of("Hi"))
    boards.add_results(board.id, list(added.values()))

    assert boards.cells(board.id).keys() == added.keys()
    assert len(boards.results_after(board.id, 0)) == 1_200


def test_names_the_results_that_were_deleted_in_the_history_and_restores_them(store: Store) -> None:
    boards, board, other = BoardRepository(store), board_of(variant_of(id="a")), board_of(variant_of(id="b"))
    for each in (board, other):
        boards.save(each)
        boards.add_results(each.id, list(cells_of(each, lambda _: run_of("text")).values()))
    HistoryIndexer(store).catch_up(5)
    ids = {cell.run.id for each in (board, other) for cell in boards.cells(each.id).values()}
    history = HistoryRepository(store)
    history.delete(HistoryFilter(run_ids=sorted(ids)))

    deleted = boards.deleted_results(board.id)
    boards.restore_results(board.id)

    assert set(deleted) == {cell.run.id for cell in boards.cells(board.id).values()}
    assert not boards.deleted_results(board.id)
    assert set(boards.deleted_results(other.id)) == ids - set(deleted)
    assert set(history.run_ids(HistoryFilter())) == set(deleted)


def test_has_another_version_after_each_edit_result_and_rating(store: Store) -> None:
    boards, judging, board = BoardRepository(store), JudgingRepository(store), board_of(variant_of(id="a"))
    boards.save(board)
    cells = list(cells_of(board, lambda _: run_of("Hi")).values())
    rate = partial(judging.rate, board.id, cells[0].run.id)
    versions = [boards.version(board.id)]
    changes: list[Callable[[], None]] = [
        lambda: boards.save(board.model_copy(update={"name": "Renamed"})),
        lambda: boards.add_results(board.id, cells),
        lambda: rate(Rating(thumb="up")),
        lambda: rate(Rating(stars=3)),
        lambda: rate(Rating()),
        lambda: boards.delete(board.id),
    ]
    for change in changes:
        change()
        assert boards.version(board.id) != versions[-1]
        versions.append(boards.version(board.id))
    boards.save(board_of(variant_of()))

    assert boards.version(board.id) == versions[-1]
