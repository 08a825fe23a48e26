"""Two browser sessions of one app do not see each other's replies and settings."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.app_server import Upstream
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


def test_keeps_the_settings_of_sessions_apart(chat: ChatPage, open_chat: Callable[[], ChatPage]) -> None:
    other = open_chat()

    chat.page.get_by_text("Stream", exact=True).click()

    expect(chat.page.get_by_text("not streaming")).to_be_visible()
    expect(other.page.get_by_text("streaming", exact=True)).to_be_visible()
    expect(other.page.get_by_role("switch", name="Stream")).to_be_checked()
