"""What a person does with the live component, and what they wait for."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.live.stub import Step

IS_WHOLE = """number => window.triggers.length > number && [...document.getElementById("host").shadowRoot
  .querySelectorAll("article .body")].at(-1).textContent.trimEnd().endsWith("LAST")"""


def texts(*pieces: str, every: float = 0.0) -> list[Step]:
    return [(every, {"t": "text", "s": piece}) for piece in pieces]


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def ask(page: Page, text: str) -> Locator:
    """Send *text*; returns the last message, which is its reply."""
    composer(page).fill(text)
    composer(page).press("Enter")
    return page.locator("article").last


def wait_for_end(page: Page) -> None:
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Reply complete")
