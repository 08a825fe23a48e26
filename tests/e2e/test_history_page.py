"""A chat is found again in the history, tagged, deleted and restored."""

import re
from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

from tests.e2e.app_server import AppServer, wait_until
from tests.e2e.pages import ChatPage, settle


def open_first_run(page: Page) -> None:
    """Select the first row of the list, which is a canvas, by its checkbox."""
    # While Streamlit replaces the list, the page has both for a moment.
    table, details = page.locator("[data-testid=stDataFrame]").last, page.locator(".st-key-history-run")

    def selects() -> bool:
        table.click(position={"x": 17, "y": 52})
        with suppress(TimeoutError):  # the list is not ready yet
            details.wait_for(timeout=8_000)
        return details.is_visible()

    wait_until(selects)
    settle(page)


def test_finds_a_chat_by_a_word_of_two_characters_tags_deletes_and_restores_it(
    page: Page, app: AppServer
) -> None:
    ChatPage(page, app.url).open().ask("광합성을 한 문장으로 설명해 줘").wait_for_end()
    page.get_by_role("link", name="History").click()

    search = page.get_by_role("searchbox", name="Search")
    search.fill("합성")
    expect(page.get_by_text("1 run.", exact=False)).to_be_visible()
    open_first_run(page)
    expect(page.get_by_role("button", name="Open conversation")).to_be_visible()
    expect(page).to_have_url(re.compile(r"run=[0-9a-f]{32}"))
    page.get_by_role("tab", name="Request").click()
    expect(page.get_by_text("POST", exact=False)).to_be_visible()

    tags = page.get_by_role("combobox", name="Tags")
    tags.fill("과학")
    tags.press("Enter")
    tags.press("Escape")  # while its list is open, the rest of the page is hidden from assistive technology
    expect(page.locator(".st-key-history-run").get_by_text("과학")).to_be_visible()

    page.get_by_role("button", name="Delete 1 selected").click()
    expect(page.get_by_text("No runs match this search.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 run.", exact=False)).to_be_visible()

    open_first_run(page)
    expect(page.locator(".st-key-history-run").get_by_text("과학")).to_be_visible()
    page.get_by_role("button", name="Open conversation").click()
    expect(page).to_have_url(re.compile(r"/chat\?c="))
    expect(ChatPage(page, app.url).questions).to_contain_text("광합성")


def test_offers_no_download_of_the_table_whose_cells_a_spreadsheet_would_run(
    page: Page, app: AppServer
) -> None:
    ChatPage(page, app.url).open().ask("Say hello").wait_for_end()
    page.get_by_role("link", name="History").click()

    page.locator("[data-testid=stDataFrame]").last.hover()
    download = page.locator("button[aria-label^='Download as CSV']").last

    expect(page.get_by_role("button", name="Show/hide columns").last).to_be_visible()
    expect(download).to_be_attached()
    expect(download).to_be_hidden()
    page.get_by_role("button", name="Fullscreen").last.click()
    expect(page.get_by_role("button", name="Close fullscreen").last).to_be_visible()
    expect(download).to_be_attached()
    expect(download).to_be_hidden()
