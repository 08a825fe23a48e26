"""The rows of the Extractor page: compared with expected values, selected, deleted and searched."""

import json
from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

from tests.e2e.app_server import AppServer, wait_until
from tests.e2e.pages import settle


def open_documents(page: Page, app: AppServer) -> None:
    page.goto(f"{app.url}/extractor")
    # After a start the page waits for the imports of the process.
    expect(page.locator(".st-key-extractor-start button")).to_be_enabled(timeout=60_000)
    page.get_by_role("radiogroup", name="Input").get_by_text("Documents").click()
    expect(page.locator(".st-key-extractor-documents-start button")).to_be_enabled()
    settle(page)


def select_row(page: Page, number: int) -> None:
    """Select a row of the table, which is a canvas, by its checkbox."""
    # While Streamlit replaces the table, the page has both for a moment.
    table, editor = page.locator("[data-testid=stDataFrame]").last, page.get_by_role("textbox", name="Value")

    def selects() -> bool:
        table.click(position={"x": 20, "y": 35 * (number + 0.5)})
        with suppress(TimeoutError):  # the table is not ready yet
            editor.wait_for(timeout=8_000)
        return editor.is_visible()

    wait_until(selects)
    settle(page)


def test_compares_the_values_with_the_expected_ones(page: Page, app: AppServer) -> None:
    document = {
        "text": "The ferry opens. Everybody is happy, it is great.",
        "expected": {"sentiment": "positive"},
    }
    other = {"text": "The bridge is closed.", "expected": {"sentiment": "positive", "keywords": ["none"]}}
    lines = "\n".join(map(json.dumps, (document, other)))
    open_documents(page, app)
    page.locator("input[type=file]").set_input_files(
        {"name": "news.jsonl", "mimeType": "application/jsonl", "buffer": lines.encode()}
    )
    page.get_by_role("button", name="Extract from 2 documents").click()

    expect(page.get_by_text("1 of 2 sentiment · 0 of 1 keywords")).to_be_visible(timeout=60_000)
    select_row(page, 2)
    expect(page.get_by_text('keywords: expected ["none"]')).to_be_visible()


def test_selects_no_other_row_after_a_deletion_and_a_search(page: Page, app: AppServer) -> None:
    open_documents(page, app)
    # Other tests have rows of the news item.
    page.get_by_role("combobox", name="Example").click()
    page.get_by_role("option", name="Contact").click()
    expect(page.get_by_role("textbox", name="Pydantic of the schema")).to_contain_text("class Contact")
    settle(page)
    page.get_by_role("textbox", name="Or paste documents").fill("\n---\n".join(["Oslo", "Bergen", "Ulm"]))
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Extract from 3 documents").click()
    expect(page.get_by_text("3 rows.")).to_be_visible(timeout=60_000)
    select_row(page, 2)

    page.get_by_role("button", name="Delete row").click()

    expect(page.get_by_text("2 rows.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Value")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 rows.")).to_be_visible()
    select_row(page, 2)
    search = page.get_by_role("textbox", name="Search the rows of this schema")
    search.fill("Ulm")
    search.press("Enter")
    expect(page.get_by_text("1 row.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Value")).to_be_hidden()
    select_row(page, 1)
    expect(page.get_by_role("strong").filter(has_text="Ulm")).to_be_visible()
