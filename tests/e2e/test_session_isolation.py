"""Two browser sessions of one app do not see each other's replies and settings."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import ChatPage


def test_streams_to_each_session_its_own_reply(
    chat: ChatPage, upstream: Upstream, open_chat: Callable[[], ChatPage]
) -> None:
    upstream.set_latency("ttft=0.2,tps=200")
    other = open_chat()

    chat.ask("What is 6 times 7?")
    other.ask("What is 5 times 5?")
    chat.wait_for_end()
    other.wait_for_end()

    assert "42" in chat.reply_text()
    assert "25" not in chat.reply_text()
    assert "25" in other.reply_text()
    assert "42" not in other.reply_text()


def test_fails_only_the_session_that_asked_for_faults(
    keyless_app: AppServer, page: Page, new_context: Callable[..., Any]
) -> None:
    page.goto(f"{keyless_app.url}/settings")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 fault queued").first).to_be_visible()

    other = ChatPage(new_context().new_page(), keyless_app.url).open()
    other.ask("Hello").wait_for_end()
    expect(other.error).to_have_count(0)
    expect(other.page.get_by_text("fault queued")).to_have_count(0)

    page.get_by_role("link", name="Chat").first.click()
    chat = ChatPage(page, keyless_app.url)
    chat.ask("Hello").wait_for_end()
    expect(chat.error.get_by_text("simulated")).to_be_visible()
    expect(page.get_by_text("fault queued")).to_have_count(0)


def test_keeps_the_settings_of_sessions_apart(chat: ChatPage, open_chat: Callable[[], ChatPage]) -> None:
    other = open_chat()

    chat.page.get_by_text("Stream", exact=True).click()

    expect(chat.page.get_by_text("not streaming")).to_be_visible()
    expect(other.page.get_by_text("streaming", exact=True)).to_be_visible()
    expect(other.page.get_by_role("switch", name="Stream")).to_be_checked()
