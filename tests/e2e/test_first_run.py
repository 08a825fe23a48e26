"""A first run without an API key replies from the sandbox."""

from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import ChatPage


def test_replies_without_a_key_and_shows_metrics(keyless_app: AppServer, page: Page) -> None:
    chat = ChatPage(page, keyless_app.url).open().ask("What is 6 times 7?").wait_for_end()

    expect(chat.text).to_contain_text("42")
    for label in ("first token", "total", "input", "output", "at list price", "Finished", "Request ID"):
        expect(chat.metrics).to_contain_text(label)


def test_labels_a_scripted_reply_and_explains_the_label(keyless_app: AppServer, page: Page) -> None:
    chat = ChatPage(page, keyless_app.url).open().ask("Tell me a joke").wait_for_end()
    label = chat.metrics.get_by_text("Sandbox reply: written in advance")
    explanation = chat.metrics.get_by_text("The sandbox has no language model")
    expect(explanation).to_be_hidden()

    label.click()

    expect(explanation).to_be_visible()
