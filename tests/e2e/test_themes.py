"""Every page is usable on a phone, in the dark, and with a screen reader."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from components.shell.navigation import PAGES, PageEntry
from tests.e2e.app_server import AppServer
from tests.e2e.pages import ChatPage, settle

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
LONG = "A word " + "without" * 40 + " an end, and a table:\n\n| " + " | ".join(["wide"] * 30) + " |"

every_page = pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.file)


def open_page(page: Page, app: AppServer, entry: PageEntry) -> None:
    page.goto(f"{app.url}/{'' if entry is PAGES[0] else entry.path.stem}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)


@every_page
@pytest.mark.parametrize(
    ("scheme", "background"),
    [("light", "rgb(255, 255, 255)"), ("dark", "rgb(18, 23, 22)")],
    ids=["light", "dark"],
)
def test_reads_well_by_day_and_by_night(
    page: Page, app: AppServer, entry: PageEntry, scheme: Any, background: str
) -> None:
    page.emulate_media(color_scheme=scheme)

    open_page(page, app, entry)

    expect(page.locator(".stApp")).to_have_css("background-color", background)
    assert serious_violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_has_no_serious_violation_in_a_conversation(page: Page, app: AppServer, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    ChatPage(page, app.url).open().ask("Explain streaming").wait_for_end()
    settle(page)  # while it reruns, Streamlit fades what may be stale

    assert serious_violations(page) == []


def serious_violations(page: Page) -> list[str]:
    """What axe-core calls serious or worse: the rule, and where it is broken.

    Streamlit's own menu is left out: the titles of its sections stand between the items of one list.
    """
    page.evaluate(AXE)
    found = page.evaluate(
        """async () => (await axe.run({exclude: ["[data-testid=stSidebarNav]"]})).violations"""
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@every_page
def test_never_scrolls_sideways_on_a_phone(page: Page, app: AppServer, entry: PageEntry) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, app, entry)
    assert overflowing(page) <= 390

    page.set_viewport_size({"width": 320, "height": 844})
    assert overflowing(page) <= 320


def test_wraps_or_scrolls_within_what_a_conversation_holds(page: Page, app: AppServer) -> None:
    page.set_viewport_size({"width": 390, "height": 844})

    chat = ChatPage(page, app.url).open().ask(LONG).wait_for_end()

    assert overflowing(page) <= 390
    expect(chat.composer).to_be_in_viewport()
    expect(chat.send_button).to_be_in_viewport()


def overflowing(page: Page) -> int:
    """How wide the main part would have to be to show everything it holds."""
    width: int = page.get_by_test_id("stMain").evaluate("(main) => main.scrollWidth")
    return width
