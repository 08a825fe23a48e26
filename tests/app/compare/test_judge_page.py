"""What the verdicts of a judge say."""

from components.runtime import resources
from core.compare.boards.judge import Judge
from core.compare.boards.repository import BoardRepository
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.verdicts import Verdict
from core.completions.request import ChatSettings
from tests.app.conftest import OpenPage
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of


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

    page = open_page("compare", board=board.id)
    page.session_state[f"board.tabs.{board.id}"] = "Judging"
    page.session_state[f"board.judging.{board.id}"] = "Model as judge"
    page.run()

    assert not page.exception
    assert any(element.value.startswith("2 verdicts\\.") for element in page.caption)
