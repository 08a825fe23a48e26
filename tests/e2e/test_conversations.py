"""The list of conversations, and one of them as a page that is opened from disk without a network."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.pages import ChatPage
from tests.e2e.test_themes import serious_violations


def test_finds_pins_and_exports_a_conversation(chat: ChatPage, offline_phone: Page, tmp_path: Path) -> None:
    chat.ask("Zebras: **bold**, <b>tags</b> and `code`").wait_for_end()
    chat.page.get_by_role("button", name="Conversations", exact=True).click()
    drawer = chat.page.get_by_role("dialog", name="Conversations")

    drawer.get_by_role("searchbox", name="Search").fill("no such conversation")
    expect(drawer.get_by_text("No conversations match")).to_be_visible()
    drawer.get_by_role("searchbox", name="Search").fill("zebras")
    expect(drawer.get_by_role("heading", level=3)).to_have_text(["Today"])
    drawer.get_by_role("button", name="More actions").click()
    chat.page.get_by_role("menuitem", name="Pin", exact=True).click()
    expect(drawer.get_by_role("heading", level=3)).to_have_text(["Pinned"])
    assert serious_violations(chat.page) == []

    drawer.get_by_role("button", name="More actions").click()
    chat.page.get_by_role("menuitem", name="Export", exact=True).click()
    with chat.page.expect_download() as download:
        drawer.get_by_role("button", name="HTML").click()
    download.value.save_as(tmp_path / "conversation.html")
    check_page(offline_phone, tmp_path / "conversation.html")


def check_page(phone: Page, path: Path) -> None:
    phone.goto(path.as_uri())

    question, reply = phone.get_by_role("article").all()
    expect(question).to_contain_text("Zebras: bold, <b>tags</b> and code")
    expect(reply.get_by_role("list", name="About this reply")).to_contain_text("Chat Completions")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert serious_violations(phone) == []
