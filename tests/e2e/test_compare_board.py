"""A board of the Compare page: one click to its results, cancelled and resumed, a variant that fails."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.compare.boards.example import example_board
from core.compare.export.board_file import board_to_json
from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import settle
from tests.e2e.test_themes import serious_violations


@pytest.fixture
def board(page: Page, app: AppServer) -> Page:
    """A new board, which is the example."""
    page.goto(f"{app.url}/compare?board=all")
    press(page, "New board")
    expect(button(page, "Run 8 cells")).to_be_visible()
    return page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def press(page: Page, name: str) -> None:
    button(page, name).first.click()


def expect_complete(page: Page) -> None:
    expect(button(page, "Run everything again")).to_be_visible()


def select_row(page: Page, number: int) -> None:
    """Select a row of the table, which is drawn on a canvas."""
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    settle(page)
    table.click(position={"x": 16, "y": 36 + 88 * (number - 0.5)})
    expect(page.get_by_text(f"Case {number}", exact=True)).to_be_visible()


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
    page.goto(f"{app.url}/compare?board=all")
    press(page, "Import")
    content = board_to_json(board, {}, {}).encode()
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": "board.json", "mimeType": "application/json", "buffer": content}
    )
    expect(page.get_by_text("Imported Extract email addresses with 0 results.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stFileUploaderDropzoneInput")).not_to_be_attached()
    settle(page)
    page.get_by_role("button", name="Extract email addresses 2 variants").first.click()

    press(page, "Run 8 cells")

    expect(button(page, "Run 4 remaining cells")).to_be_visible()
    expect(filter_button(page, "Failed 4")).to_be_visible()
    select_row(page, 1)
    expect(page.get_by_text("Contains “dana.lee@example.com”")).to_be_visible()
    expect(page.get_by_text("no-such-model").first).to_be_visible()
