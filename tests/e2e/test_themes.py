"""Every page is accessible in both themes and fits a phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError, expect

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
def test_has_no_serious_violation_in_light_and_dark(
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
    settle(page)  # during a rerun Streamlit fades elements that may be stale

    assert serious_violations(page) == []


def serious_violations(page: Page) -> list[str]:
    """The violations that axe-core calls serious or critical: the rule and the element.

    Streamlit's own menu is excluded: its section titles are between the items of one list.
    """
    page.evaluate(AXE)
    violations = page.evaluate(
        """async () => (await axe.run({exclude: ["[data-testid=stSidebarNav]"]})).violations"""
    )
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@every_page
def test_does_not_scroll_horizontally_on_a_phone(page: Page, app: AppServer, entry: PageEntry) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, app, entry)
    assert content_fits(page)

    page.set_viewport_size({"width": 320, "height": 844})
    assert content_fits(page)


def test_wraps_wide_content_of_a_conversation(page: Page, app: AppServer) -> None:
    page.set_viewport_size({"width": 390, "height": 844})

    chat = ChatPage(page, app.url).open().ask(LONG).wait_for_end()

    assert content_fits(page)
    expect(chat.composer).to_be_in_viewport()
    expect(chat.send_button).to_be_in_viewport()


def content_fits(page: Page) -> bool:
    """Whether the main part's content is not wider than the page, once scripts have resized it."""
    fits = "() => document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
    try:
        page.wait_for_function(fits, timeout=10_000)
    except TimeoutError:
        return False
    return True
