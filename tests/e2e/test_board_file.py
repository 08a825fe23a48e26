"""The file of a board: what it has, and what the board that is made of it can do."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.test_compare_board import expect_complete, import_board, new_board, press, select_row


def test_compares_with_earlier_runs_after_the_import(page: Page, app: AppServer) -> None:
    new_board(page, app)
    press(page, "Run 8 cells")
    expect_complete(page)
    press(page, "Run everything again")
    page.get_by_role("tab", name="Export").click()
    expect(page.get_by_text("The board with 8 results and 8 earlier runs")).to_be_visible()
    expect_complete(page)
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_text("Board", exact=True).click()

    import_board(page, app, download.value.suggested_filename, download.value.path().read_text())
    expect_complete(page)
    select_row(page, 1)
    page.get_by_text("Show differences").click()
    expect(page.get_by_text("of the words are equal")).to_be_visible()
    # By the keyboard: a click that scrolls the page to the list may close it again.
    page.get_by_role("combobox", name="with").press("ArrowDown")
    page.get_by_role("option", name=re.compile(", 20[0-9]{2}-")).first.click()

    expect(page.get_by_role("combobox", name="with")).to_have_value(re.compile(", 20[0-9]{2}-"))
