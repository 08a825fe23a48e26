"""A person without a key asks a question and watches the reply arrive."""

from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import ChatPage


def test_gets_a_streamed_reply_with_its_metrics(keyless_app: AppServer, page: Page) -> None:
    chat = ChatPage(page, keyless_app.url).open().ask("What is 6 times 7?").wait_for_end()

    expect(chat.text).to_contain_text("42")
    for label in ("first token", "total", "in", "out", "cost", "finish", "request id"):
        expect(chat.metrics).to_contain_text(label)
