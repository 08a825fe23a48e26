"""The runs of an imported board: requests that are built again, and calls that others made."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import Cell, CellState, cell_states
from core.compare.boards.repository import BoardRepository
from core.compare.export import board_requests
from core.compare.export.board_file import ImportedBoard, board_from_json, board_to_json
from core.compare.variants.requests import variant_request
from core.history.dashboard import Dimension, read_dashboard
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.repository import HistoryRepository
from core.runs.run import Run
from core.storage.history_schema import IMPORTED_TAG
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

BOARD = board_of(
    variant_of(id="a"), variant_of(id="b").model_copy(update={"api": "responses"}), repetitions=2
)
CELLS = cells_of(BOARD, lambda key: run_of(key.case_id))


def reimport(board: Board = BOARD, earlier: Sequence[Cell] = (), **changes: Any) -> ImportedBoard:
    cells = {key: replace(cell, run=replace(cell.run, **changes)) for key, cell in CELLS.items()}
    return board_from_json(board_to_json(board, cells, {}, earlier=earlier), {"mine"}, "mine")


def requests_of(imported: ImportedBoard) -> dict[CellKey, Run]:
    return {key: cell.run for key, cell in imported.cells.items() if cell.run.has_request}


def test_builds_the_requests_of_current_results_again() -> None:
    runs = requests_of(reimport())

    assert runs.keys() == CELLS.keys()
    for key, run in runs.items():
        variant = next(variant for variant in BOARD.variants if variant.id == key.variant_id)
        case = next(case for case in BOARD.cases if case.id == key.case_id)
        assert run.params == variant_request(variant, case.variables).params
    assert runs[CellKey("a", "c0", 1)].endpoint == "chat.completions.create"
    assert runs[CellKey("b", "c0", 1)].endpoint == "responses.create"


def test_builds_no_streamed_request_of_a_result_that_was_not_streamed() -> None:
    runs = requests_of(reimport(params={"model": "gpt-4o-mini"}))

    assert runs
    assert all(not run.params.keys() & {"stream", "stream_options"} for run in runs.values())


def test_builds_no_request_that_is_not_known() -> None:
    variants = [variant_of("Edited {{name}}", id="a"), BOARD.variants[1]]
    edited = BOARD.with_variants(variants).with_cases(BOARD.cases[:1])

    imported = reimport(edited)

    assert requests_of(imported).keys() == {CellKey("b", "c0", 1), CellKey("b", "c0", 2)}
    assert imported.cells[CellKey("a", "c0", 1)].run.text == "c0"


def test_builds_the_request_of_an_earlier_run_only_if_it_is_the_present_one() -> None:
    cell = CELLS[CellKey("a", "c0", 1)]
    earlier = [replace(cell, run=run_of("same")), replace(cell, run=run_of("other"), digest="0")]

    imported = reimport(earlier=earlier)

    assert [(each.run.text, each.run.has_request) for each in imported.earlier] == [
        ("same", True),
        ("other", False),
    ]


def test_builds_requests_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    one = len(json.dumps(variant_request(BOARD.variants[0], {"name": "0"}).params))
    monkeypatch.setattr(board_requests, "_MAX_CHARACTERS", 2 * one)

    runs = requests_of(reimport()).values()

    assert runs
    assert sum(len(json.dumps(run.params)) for run in runs) <= 2 * one


def test_leaves_lost_replies_lost() -> None:
    imported = reimport(recorded=False, text="")

    assert not requests_of(imported)
    assert set(cell_states(imported.board, imported.cells).values()) == {CellState.LOST}


def test_saves_runs_that_are_searched_by_prompt_and_counted_as_imported(store: Store) -> None:
    imported, history = reimport(), HistoryRepository(store)
    BoardRepository(store).save(imported.board)
    BoardRepository(store).add_results(imported.board.id, list(imported.cells.values()))
    HistoryIndexer(store).catch_up(5)

    entries = history.list(HistoryFilter(search='"Say hello to 0"'))

    assert {entry.run_id for entry in entries} == {
        cell.run.id for key, cell in imported.cells.items() if key.case_id == "c0"
    }
    assert {entry.tags for entry in entries} == {(IMPORTED_TAG,)}
    figures = read_dashboard(store, "local", HistoryFilter(), Dimension.PAGE)
    assert (figures.total().runs, figures.imported) == (0, len(CELLS))
