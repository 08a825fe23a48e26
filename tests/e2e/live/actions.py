"""What a user does with the live component, and the conditions that tests wait for."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.live.stub import Step

IS_COMPLETE = """number => window.triggers.length > number && [...document.getElementById("host").shadowRoot
  .querySelectorAll("article .body")].at(-1).textContent.trimEnd().endsWith("LAST")"""


def text_steps(*pieces: str, every: float = 0.0) -> list[Step]:
    return [(every, {"t": "text", "s": piece}) for piece in pieces]


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def ask(page: Page, text: str) -> Locator:
    """Send *text*, and return the last message, which is its reply."""
    composer(page).fill(text)
    composer(page).press("Enter")
    return page.locator("article").last


def attach(page: Page, folder: Path, names: Sequence[str]) -> None:
    """Create a small image of each name in *folder*, and attach it."""
    for name in names:
        Image.new("RGB", (1, 1)).save(folder / name)
    page.locator("input[type=file]").set_input_files([folder / name for name in names])
    expect(thumbnails(page)).to_have_count(len(names))


def thumbnails(page: Page) -> Locator:
    """The images that are attached to the draft."""
    return page.locator(".composer .thumbnails").get_by_role("img")


def wait_for_end(page: Page) -> None:
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Reply complete")


def choose(message: Locator, name: str) -> None:
    """Choose *name* in the menu of a message."""
    message.get_by_role("button", name="More actions").click()
    message.page.get_by_role("menuitem", name=name).click()
