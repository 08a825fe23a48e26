"""A board of the Compare page: one click to its results, cancelled and resumed, a variant that fails."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.compare.boards.board import Case
from core.compare.boards.example import example_board
from core.compare.export.board_file import board_to_json
from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import ChatPage, settle
from tests.e2e.test_themes import serious_violations


@pytest.fixture
def board(page: Page, app: AppServer) -> Page:
    """A new board, which is the example."""
    return new_board(page, app)


def new_board(page: Page, app: AppServer) -> Page:
    page.goto(f"{app.url}/compare?board=all")
    press(page, "New board")
    expect(button(page, "Run 8 cells")).to_be_visible()
    return page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def press(page: Page, name: str) -> None:
    button(page, name).first.click()


def add(page: Page) -> None:
    """Press the button of an open form that adds cases or a check."""
    page.get_by_role("button", name="Add", exact=True).click()


def choose_request(page: Page, words: str, prompt: str) -> None:
    """Choose the request with *prompt* among those of the history that have *words*."""
    page.get_by_role("radio", name="History").click()
    search = page.get_by_role("textbox", name="Search the history")
    search.fill(words)
    search.press("Enter")
    page.get_by_role("combobox", name=f"Requests with “{words}”").click()
    page.get_by_role("option", name=prompt).first.click()
    page.keyboard.press("Escape")


def add_similarity_check(page: Page) -> None:
    page.get_by_role("tab", name="Checks").click()
    press(page, "Add check")
    page.get_by_role("combobox", name="The reply").click()
    page.get_by_role("option", name="is similar to a text").click()
    expect(page.get_by_role("button", name="Embedding model")).to_contain_text("text-embedding-3-small")
    add(page)
    expect(page.get_by_text("has a similarity of at least 0.8")).to_be_visible()


def expect_complete(page: Page) -> None:
    expect(button(page, "Run everything again")).to_be_visible()


def select_row(page: Page, number: int) -> None:
    """Select a row of the table, which is drawn on a canvas."""
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    settle(page)
    table.click(position={"x": 16, "y": 36 + 88 * (number - 0.5)})
    expect(page.get_by_text(f"Case {number}", exact=True)).to_be_visible()


def import_board(page: Page, app: AppServer, name: str, content: str) -> None:
    """Import a file on the list of boards, and open what it became."""
    page.goto(f"{app.url}/compare?board=all")
    press(page, "Import")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    )
    expect(page.get_by_text("Imported", exact=False).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stFileUploaderDropzoneInput")).not_to_be_attached()
    press(page, "Open")


def results_so_far(page: Page, cells: int) -> Locator:
    """The progress of a board of which some of *cells* have a result, but not all."""
    return page.get_by_text(re.compile(rf"^[1-9][\d,]* of {cells:,} cells"))


def filter_button(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=re.compile(f"^{name}"))


def test_shows_replies_side_by_side_after_one_click(board: Page) -> None:
    press(board, "Run 8 cells")
    expect_complete(board)

    select_row(board, 1)
    expect(board.get_by_text("Contains “dana.lee@example.com”")).to_have_count(2)
    board.get_by_text("Show differences").click()
    expect(board.locator("del").first).to_be_visible()
    settle(board)
    assert serious_violations(board) == []

    board.reload()
    expect_complete(board)
    expect(filter_button(board, "Different 4")).to_be_visible()


def test_continues_after_it_was_cancelled(board: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=20")
    press(board, "Run 8 cells")
    press(board, "Cancel")
    expect(button(board, "Run 8 cells")).to_be_visible()

    upstream.set_latency("instant")
    board.reload()
    press(board, "Run 8 cells")
    expect_complete(board)


def test_shows_the_results_of_the_other_variants_if_one_fails(page: Page, app: AppServer) -> None:
    example = example_board("elsewhere", ["gpt-4o-mini", "gpt-4o"])
    first, second = example.variants
    board = example.with_variants([first, second.with_model("no-such-model")])
    import_board(page, app, "board.json", board_to_json(board, {}, {}))

    press(page, "Run 8 cells")

    expect(button(page, "Run 4 remaining cells")).to_be_visible()
    expect(filter_button(page, "Failed 4")).to_be_visible()
    select_row(page, 1)
    expect(page.get_by_text("Contains “dana.lee@example.com”")).to_be_visible()
    expect(page.get_by_text("no-such-model").first).to_be_visible()


def test_compares_replies_with_those_of_the_history_by_their_embeddings(
    chat: ChatPage, app: AppServer
) -> None:
    chat.ask("대한민국의 수도는 어디인가요?").wait_for_end()
    board = new_board(chat.page, app)
    board.get_by_role("tab", name="Cases").click()
    press(board, "Add cases")
    choose_request(board, "수도", "대한민국의 수도는")
    add(board)
    expect(button(board, "Run 10 cells")).to_be_visible()
    press(board, "Add cases")
    board.get_by_role("textbox", name="Paste a table").fill("제 이메일은 hana@example.kr 입니다.")
    add(board)
    expect(button(board, "Run 12 cells")).to_be_visible()
    add_similarity_check(board)

    press(board, "Run 12 cells")
    expect_complete(board)
    press(board, "Compute similarity")

    # What the history has as the reply is no email address, and what was pasted has no expected reply.
    expect(board.get_by_text("8 of 10 results passed · 2 not checked")).to_have_count(2)
    board.get_by_role("tab", name="Results").click()
    expect(filter_button(board, "Check failed 1")).to_be_visible()
    select_row(board, 1)
    expect(board.get_by_text(re.compile(r"Similarity [01]\.\d")).first).to_be_in_viewport()


@pytest.mark.timeout(300)  # a start, a restart and 1,200 calls
def test_completes_1200_cells_after_it_was_cancelled_and_killed(
    page: Page, cold_app: AppServer, upstream: Upstream
) -> None:
    upstream.set_latency("ttft=0.1")
    example = example_board("elsewhere", ["gpt-4o-mini"])
    board = example.with_variants([example.variants[0].duplicate() for _ in range(6)]).with_cases(
        [Case(variables={"message": f"Write to ada{number}@example.com."}) for number in range(200)]
    )
    import_board(page, cold_app, "board.json", board_to_json(board, {}, {}))

    press(page, "Run 1,200 cells")
    expect(results_so_far(page, 1_200)).to_be_visible()
    page.get_by_role("tab", name="Variants").click()
    expect(button(page, "Add variant")).to_be_visible()
    press(page, "Cancel")
    remaining = button(page, "remaining cells")
    expect(remaining).to_be_visible()
    left = int(re.sub(r"\D", "", remaining.inner_text()))
    assert 0 < left < 1_200

    upstream.set_latency("instant")
    remaining.click()
    expect(page.get_by_text(re.compile(r"^[1-9][\d,]* of [\d,]+ cells .* running"))).to_be_visible()
    cold_app.kill()
    cold_app.start()
    page.reload()
    expect(remaining).to_be_visible()
    assert int(re.sub(r"\D", "", remaining.inner_text())) <= left
    remaining.click()
    expect(button(page, "Run everything again")).to_be_visible(timeout=120_000)


def test_opens_a_deleted_board_again_by_undo(board: Page) -> None:
    board.locator(".st-key-board-menu button").click()
    press(board, "Delete")
    expect(board.get_by_text("Deleted Extract email addresses.")).to_be_visible()

    press(board, "Undo")

    expect(button(board, "Run 8 cells")).to_be_visible()
    expect(button(board, "Undo")).to_have_count(0)


def test_rates_replies_blind_on_a_phone(board: Page) -> None:
    press(board, "Run 8 cells")
    expect_complete(board)
    board.set_viewport_size({"width": 390, "height": 844})
    board.get_by_role("tab", name="Judging").click()
    expect(board.get_by_text("0 of 4 cases rated")).to_be_visible()
    expect(board.get_by_text("Reply A", exact=True)).to_be_visible()
    expect(board.get_by_text("JSON schema")).to_have_count(0)

    press(board, "A is best")
    expect(board.get_by_text("1 of 4 cases rated")).to_be_visible()
    board.keyboard.press("0")

    expect(board.get_by_text("2 of 4 cases rated")).to_be_visible()
    assert board.evaluate("document.documentElement.scrollWidth") <= 390
    board.get_by_text("Reveal variants").click()
    expect(board.get_by_text(re.compile("Reply . · .*JSON schema"))).to_be_visible()


def test_judges_pairs_in_both_orders(board: Page) -> None:
    press(board, "Run 8 cells")
    expect_complete(board)
    board.get_by_role("tab", name="Judging").click()
    board.get_by_text("Model as judge").click()
    board.get_by_role("button", name="Judge:").click()
    board.get_by_role("combobox", name="Search models").fill("gpt-4.1-mini")
    board.keyboard.press("Enter")
    expect(board.get_by_role("button", name="Judge: gpt-4.1-mini")).to_be_focused()

    press(board, "Judge 4 pairs")

    expect(board.get_by_text("Everything is judged.")).to_be_visible()
    expect(board.get_by_text(re.compile("^8 verdicts for .* was shown first won"))).to_be_visible()


def test_imports_each_file_that_a_board_is_exported_as(board: Page, app: AppServer) -> None:
    press(board, "Run 8 cells")
    expect_complete(board)
    board.get_by_role("tab", name="Export").click()
    files = {}
    for title in ("Board", "promptfoo", "CSV", "JSON lines"):
        with board.expect_download() as download:
            board.get_by_test_id("stDownloadButton").get_by_text(title, exact=True).click()
        files[title] = (download.value.suggested_filename, download.value.path().read_text())

    for title, (name, content) in files.items():
        import_board(board, app, name, content)
        # With a board comes everything, with a configuration no results, with a table no prompts.
        expect(button(board, "Run everything again" if title == "Board" else "Run 8 cells")).to_be_visible()
        expect(filter_button(board, "All 4")).to_be_visible()
        if title in ("CSV", "JSON lines"):
            select_row(board, 1)
            expect(board.get_by_text("Outdated: the variant")).to_have_count(2)
            expect(board.get_by_text("dana.lee@example.com").last).to_be_visible()
