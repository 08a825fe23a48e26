"""What the verdicts of a judge say, and when a judge can be asked."""

from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.compare.boards.judge import Judge
from core.compare.boards.repository import BoardRepository
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.verdicts import Verdict
from core.completions.request import ChatSettings
from core.history.settings import HistorySettings
from tests.app.conftest import OpenPage
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

RUN_KEY = "board.judge.run"


def test_names_no_cost_of_verdicts_that_were_imported(open_page: OpenPage) -> None:
    page = open_page("compare")
    store, judge = resources.store(), Judge(profile_id="test", settings=ChatSettings(model="gpt-4o"))
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=1, judge=judge)
    cells = cells_of(board, lambda key: run_of(key.variant_id))
    boards = BoardRepository(store, resources.OWNER)
    boards.save(board)
    boards.add_results(board.id, list(cells.values()))
    one, other = (cell.run.id for cell in cells.values())
    verdicts = [Verdict(one, other, "first", ""), Verdict(other, one, "second", "")]
    JudgingRepository(store, resources.OWNER).add_verdicts(board.id, judge.digest, verdicts)

    page = open_judge(open_page, board.id)

    assert not page.exception
    assert any(element.value.startswith("2 verdicts\\.") for element in page.caption)


def test_asks_no_judge_while_nothing_is_recorded(open_page: OpenPage) -> None:
    open_page("compare")
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=1)
    boards = BoardRepository(resources.store(), resources.OWNER)
    boards.save(board)
    boards.add_results(board.id, list(cells_of(board, lambda key: run_of(key.variant_id)).values()))
    settings = HistorySettings(resources.store(), resources.OWNER)

    settings.set_recording(False)
    page = open_judge(open_page, board.id)
    assert any("recording is off" in element.value for element in page.caption)
    assert RUN_KEY not in {button.key for button in page.button}

    settings.set_recording(True)
    assert RUN_KEY in {button.key for button in page.run().button}
    assert not page.exception


def open_judge(open_page: OpenPage, board_id: str) -> AppTest:
    page = open_page("compare", board=board_id)
    page.session_state[f"board.tabs.{board_id}"] = "Judging"
    page.session_state[f"board.judging.{board_id}"] = "Model as judge"
    return page.run()
