"""The runs of an imported board in History."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.compare.boards.cells import Cell
from core.compare.boards.repository import BoardRepository
from core.compare.export.board_file import board_from_json, board_to_json
from core.history.indexer import HistoryIndexer
from tests.app.conftest import OpenPage
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of


@pytest.fixture
def cells() -> list[Cell]:
    """Import a board with the result of a current request, and one of an unknown request."""
    board = board_of(variant_of(id="a"))
    current, edited = cells_of(board, lambda _: run_of("Hi", server_kind="sandbox")).values()
    written = board_to_json(board, {current.key: current, edited.key: replace(edited, digest="0")}, {})
    imported = board_from_json(written, {"test"}, "test")
    boards, results = BoardRepository(resources.store(), resources.OWNER), list(imported.cells.values())
    boards.save(imported.board)
    boards.add_results(imported.board.id, results)
    HistoryIndexer(resources.store()).catch_up(5)
    return results


def texts(app: AppTest) -> str:
    assert not app.exception
    elements = (*app.main.text, *app.main.code, *app.main.info, *app.main.caption)
    return "\n".join(element.value for element in elements)


def test_shows_the_request_of_a_current_result_and_its_code(open_page: OpenPage, cells: list[Cell]) -> None:
    app = open_page("history", run=cells[0].run.id)

    assert "Say hello to 0." in texts(app)
    assert "messages=[" in texts(app)
    assert "not in the file" not in texts(app)


def test_shows_no_code_of_a_request_that_is_not_in_the_file(open_page: OpenPage, cells: list[Cell]) -> None:
    app = open_page("history", run=cells[1].run.id)

    assert "The request is not in the file" in texts(app)
    assert "client.chat" not in texts(app)
    assert "the code runs as it is" not in texts(app)


def test_counts_imported_runs_in_the_dashboard_without_their_figures(
    open_page: OpenPage, cells: list[Cell]
) -> None:
    app = open_page("history")
    app.session_state["history.tab"] = "Dashboard"
    app.run()

    assert f"Without {len(cells)} imported runs" in texts(app)
    assert "No other runs match." in texts(app)
