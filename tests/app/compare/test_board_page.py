"""The board view: every tab with results, blind ratings, and what was imported."""

import pytest
from pydantic import TypeAdapter
from streamlit.testing.v1 import AppTest

from components.compare.board.board_view import TABS
from components.compare.board.running import run_panel
from components.runtime import resources
from core.batches.batch import BatchStatus
from core.batches.hand_over import prepare_job_batch
from core.batches.repository import BatchRepository
from core.compare.boards.board import Board
from core.compare.boards.checks import Check, Contains, IsSimilar
from core.compare.boards.repository import BoardRepository
from core.compare.judging.ratings import blind_order
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.similarity import similarity_digest
from core.compare.running.batch import batch_job, batch_requests
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.repository import HistoryRepository
from core.history.settings import HistorySettings
from core.paths import data_directory
from core.runner.repository import JobRepository
from tests.app.conftest import OpenPage
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for

BOARD = board_of(
    variant_of(id="a", model="gpt-4"),
    variant_of(id="b", name="Short", model="gpt-6-luna"),
    cases=3,
    checks=(Contains(text="1"), IsSimilar(text="one")),
)


@pytest.fixture
def board_page(open_page: OpenPage) -> AppTest:
    open_page("compare")
    boards = BoardRepository(resources.store(), resources.OWNER)
    boards.save(BOARD)
    cells = cells_of(BOARD, lambda key: run_of(f"Reply of {key.variant_id} to {key.case_id}"))
    boards.add_results(BOARD.id, list(cells.values()))
    return open_page("compare", board=BOARD.id)


def show(page: AppTest, tab: str) -> None:
    page.session_state[f"board.tabs.{BOARD.id}"] = tab
    page.run()


def saved_board() -> Board:
    return BoardRepository(resources.store(), resources.OWNER).get(BOARD.id)


def test_draws_every_tab(board_page: AppTest) -> None:
    for tab in TABS:
        show(board_page, tab)
        assert not board_page.exception, tab
    assert not board_page.error


def test_says_that_results_were_deleted_in_the_history_and_restores_them(board_page: AppTest) -> None:
    store = resources.store()
    HistoryIndexer(store).catch_up(5)
    HistoryRepository(store, resources.OWNER).delete(HistoryFilter())

    board_page.run()
    assert any("6 results below were deleted" in element.value for element in board_page.markdown)
    board_page.button(key=f"board.restore.{BOARD.id}").click().run()

    assert not board_page.exception
    assert not any("deleted" in element.value for element in board_page.markdown)
    assert HistoryRepository(store, resources.OWNER).count(HistoryFilter()) == 6


@pytest.mark.parametrize(
    ("recording", "max_runs", "is_offered"), [(True, 5, True), (False, 6, True), (False, 5, False)]
)
def test_offers_to_request_lost_replies_again_if_they_can_be_kept(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, recording: bool, max_runs: int, is_offered: bool
) -> None:
    monkeypatch.setattr(run_panel, "MAX_RUNS", max_runs)
    open_page("compare")
    HistorySettings(resources.store(), resources.OWNER).set_recording(recording)
    boards = BoardRepository(resources.store(), resources.OWNER)
    boards.save(BOARD)
    cells = cells_of(BOARD, lambda key: run_of("" if key.case_id == "c0" else "Hi", recorded=False))
    boards.add_results(BOARD.id, list(cells.values()))

    page = open_page("compare", board=BOARD.id)

    assert not page.exception
    assert page.button(key="board.run").label == "Run everything again"
    assert [button.key for button in page.button if button.key == "board.run.lost"] == (
        ["board.run.lost"] if is_offered else []
    )
    captions = [element.value for element in page.caption]
    [lost] = [caption for caption in captions if caption.startswith("Not recorded, and lost: 2 replies.")]
    assert ("in memory" in lost) == (not recording)
    assert any(caption.startswith("2 calls · about") for caption in captions) == is_offered


def test_adds_a_check_of_every_kind(board_page: AppTest) -> None:
    show(board_page, "Checks")
    kinds = sorted(TypeAdapter(Check).json_schema()["discriminator"]["mapping"])

    for kind in kinds:
        [select] = [box for box in board_page.selectbox if box.label == "The reply"]
        select.set_value(kind).run()
        for text_input in board_page.text_input:
            if text_input.label == "Pattern":
                text_input.set_value("yes")
        [add] = [button for button in board_page.button if button.label == "Add"]
        add.click().run()
        assert not board_page.exception

    assert [check.kind for check in saved_board().checks] == ["contains", "similarity", *kinds]


@pytest.mark.parametrize(
    ("profile_id", "status", "note"),
    [("sandbox", BatchStatus.CANCELLED, ""), ("removed", BatchStatus.PREPARED, "was not cancelled")],
)
def test_cancels_the_batch_of_a_board_that_is_deleted(
    board_page: AppTest, profile_id: str, status: BatchStatus, note: str
) -> None:
    profile = profile_for("http://127.0.0.1:9/v1").model_copy(update={"id": profile_id})
    job, items = batch_job(BOARD, BOARD.variants[0], [*BOARD.cell_keys()][::2], profile)
    JobRepository(resources.store(), resources.OWNER).create(job, items)
    record = prepare_job_batch(batch_requests(job, items), job, "sandbox", data_directory(), "compare")
    batches = BatchRepository(resources.store(), resources.OWNER)
    batches.save(record)

    board_page.run()
    assert any("Delete cancels its batch, too" in element.value for element in board_page.caption)
    board_page.button(key="board.delete").click().run()

    while batches.get(record.id).status != status or bool(note) != bool(board_page.error):
        board_page.run()  # as the page does until they are cancelled

    assert not board_page.exception
    assert any("Deleted" in element.value for element in board_page.markdown)
    assert note in "".join(element.value for element in board_page.error)


def test_asks_for_no_similarity_that_is_saved(board_page: AppTest, open_page: OpenPage) -> None:
    show(board_page, "Checks")
    assert board_page.button(key="board.similarity")
    results = BoardRepository(resources.store(), resources.OWNER).cells(BOARD.id)
    values = {
        similarity_digest("text-embedding-3-small", cell.run.text, "one"): 0.9 for cell in results.values()
    }
    JudgingRepository(resources.store(), resources.OWNER).add_similarities(BOARD.id, values)

    another_session = open_page("compare", board=BOARD.id)
    show(another_session, "Checks")

    assert not another_session.exception
    assert not [button for button in another_session.button if button.key == "board.similarity"]
    assert any("6 of 6 results passed" in element.value for element in another_session.markdown)


def test_rates_replies_without_the_names_of_their_variants(board_page: AppTest) -> None:
    show(board_page, "Judging")
    assert "Short" not in " ".join(element.value for element in board_page.markdown)
    shown = blind_order(BOARD.id, "c0/1", ["a", "b"])

    board_page.button(key="board.blind.best.0").click().run()

    results = BoardRepository(resources.store(), resources.OWNER).cells(BOARD.id)
    variants = {cell.run.id: key.variant_id for key, cell in results.items()}
    ratings = JudgingRepository(resources.store(), resources.OWNER).ratings(BOARD.id)
    thumbs = {variants[run_id]: rating.thumb for run_id, rating in ratings.items()}
    assert thumbs == {shown[0]: "up", shown[1]: "down"}


def test_adds_the_successor_of_a_model_that_is_shut_down(board_page: AppTest) -> None:
    show(board_page, "Variants")
    assert "2026-10-23" in board_page.warning[0].value

    board_page.button(key="board.successors").click().run()

    old, new, other = saved_board().variants
    assert (old.enabled, new.enabled, other.enabled) == (False, True, True)
    assert new.model != old.model
    assert not board_page.exception


def test_lists_the_other_boards_beside_one_that_cannot_be_read(open_page: OpenPage) -> None:
    open_page("compare")
    boards = BoardRepository(resources.store(), resources.OWNER)
    too_large = board_of(*BOARD.variants, name="Too large").model_copy(update={"repetitions": 31})
    for board in (BOARD, too_large):
        boards.save(board)

    page = open_page("compare", board=too_large.id)

    assert not page.exception
    assert "cannot be read" in page.error[0].value
    assert "Too large" in page.warning[0].value
    assert page.button(key=f"board.open.{BOARD.id}")


def test_says_that_a_new_board_starts_as_an_example_if_there_is_none(open_page: OpenPage) -> None:
    page = open_page("compare", board="all")
    [note] = [element.value for element in page.markdown if element.value.startswith("A board runs")]
    assert f"**{page.button(key='board.new').label}** starts as an example with two variants" in note

    page.button(key="board.new").click().run()

    assert not page.exception
    assert page.button(key="board.run").label == "Run 8 cells"
