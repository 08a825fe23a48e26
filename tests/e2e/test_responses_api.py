"""A conversation by the Responses API: chosen in the middle, continued by id, reloaded and stopped."""

import re

import pytest
from openai import OpenAI
from playwright.sync_api import Page, expect

from tests.e2e.app_server import Upstream
from tests.e2e.pages import ChatPage, settle

QUESTION = "Tell me something that no rule can answer."
STEADY = "ttft=0.1,tps=10"  # longer than a page takes to be reloaded


def choose(chat: ChatPage, *options: str) -> None:
    """Set options of the Parameters menu, and close it."""
    menu = chat.page.locator(".st-key-chat-parameters button").first
    menu.click()
    for option in options:
        chat.page.get_by_role("radio", name=option, exact=True).click()
        expect(chat.page.get_by_role("radio", name=option, exact=True)).to_be_checked()
    settle(chat.page)
    menu.click()
    expect(chat.page.get_by_role("radio", name=options[0], exact=True)).to_be_hidden()


def show(chat: ChatPage, tab: str) -> str:
    """Open *tab* of the panel and return its text."""
    panel = chat.page.get_by_role("complementary", name="Request")
    if panel.is_hidden():
        chat.page.get_by_role("button", name="Request", exact=True).click()
    panel.get_by_role("tab", name=tab).click()
    content = panel.get_by_role("tabpanel")
    expect(content).to_contain_text("{")
    return content.inner_text()


def test_changes_the_api_in_the_middle_of_a_conversation(chat: ChatPage) -> None:
    chat.ask("What is 6 times 7?").wait_for_end()
    choose(chat, "Responses")
    expect(chat.page.locator(".model")).to_contain_text("Responses")

    chat.ask("And plus 10?").wait_for_end()

    expect(chat.text).to_contain_text("52")
    request = show(chat, "request")
    assert "/v1/responses" in request
    assert "And plus 10?" in request
    assert "6 times 7" in request
    choose(chat, "Chat Completions")
    chat.ask("And plus 100?").wait_for_end()
    expect(chat.text).to_contain_text("152")


def test_continues_a_response_by_its_id_and_sends_everything_once_it_is_gone(
    chat: ChatPage, upstream: Upstream
) -> None:
    choose(chat, "Responses", "previous_response_id")
    chat.ask("What is 6 times 7?").wait_for_end()
    chat.ask("And plus 10?").wait_for_end()
    expect(chat.text).to_contain_text("52")
    request, response = show(chat, "request"), show(chat, "response")
    assert "6 times 7" not in request
    previous = re.search(r'"previous_response_id":\s*"(resp_\w+)"', request)
    current = re.search(r'"id":\s*"(resp_\w+)"', response)
    assert previous
    assert current

    OpenAI(base_url=upstream.server.url, api_key=upstream.server.key).responses.delete(current[1])
    chat.ask("And plus 100?").wait_for_end()

    expect(chat.text).to_contain_text("152")
    expect(chat.note).to_contain_text("no longer has the previous response")
    assert "6 times 7" in show(chat, "request")


@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "not streamed"])
def test_shows_the_same_reply_as_chat_completions(chat: ChatPage, streams: bool) -> None:
    if not streams:
        chat.page.get_by_text("Stream", exact=True).click()
        expect(chat.page.locator(".model")).to_contain_text("not streaming")
    chat.ask("How many days from 2026-01-15 to 2026-03-01?").wait_for_end()
    expected = chat.reply_text()
    choose(chat, "Responses")
    chat.page.get_by_role("button", name="New", exact=True).click()
    expect(chat.replies).to_have_count(0)

    chat.ask("How many days from 2026-01-15 to 2026-03-01?").wait_for_end()

    assert chat.reply_text() == expected


def test_resumes_after_a_reload_and_stops(chat: ChatPage, upstream: Upstream, page: Page) -> None:
    choose(chat, "Responses")
    upstream.set_latency(STEADY)
    partial = chat.ask(QUESTION).wait_for_text(r"\w+ \w+").reply_text()

    page.reload()
    chat.wait_for_text(re.escape(partial.split("\n")[0]))
    chat.stop()

    expect(chat.note).to_contain_text("Stopped by you")
    # The text of Markdown that has no end yet has its asterisks.
    assert chat.reply_text().replace("*", "").startswith(partial.replace("*", ""))


def test_sends_the_next_message_with_the_same_settings_after_a_reload(chat: ChatPage, page: Page) -> None:
    choose(chat, "Responses", "previous_response_id")
    chat.ask("What is 6 times 7?").wait_for_end()
    chat.ask("And plus 10?").wait_for_end()

    page.reload()
    expect(page.get_by_role("button", name="Responses API")).to_be_visible()
    expect(page.get_by_role("button", name="previous_response_id")).to_be_visible()
    expect(chat.replies).to_have_count(2)
    chat.ask("And plus 100?").wait_for_end()

    expect(chat.text).to_contain_text("152")
    assert "previous_response_id" in show(chat, "request")


def test_explains_an_error_in_the_middle_of_a_response(chat: ChatPage, upstream: Upstream) -> None:
    choose(chat, "Responses")
    upstream.fail("error-event")

    chat.ask(QUESTION).wait_for_end()

    expect(chat.error).to_be_visible()
    expect(chat.reply.get_by_role("button", name="Regenerate")).to_be_visible()


def test_shows_the_api_that_a_model_will_be_sent_to_when_a_reply_is_regenerated(chat: ChatPage) -> None:
    chat.ask("What is 6 times 7?").wait_for_end()
    chat.choose("Regenerate with another model…")
    completions, responses = (
        chat.page.get_by_role("radio", name=name) for name in ("Chat Completions", "Responses")
    )
    search = chat.page.get_by_role("combobox", name="Search models")
    expect(completions).to_be_checked()

    search.fill("o3-pro")

    expect(responses).to_be_checked()
    expect(completions).to_be_disabled()
    expect(chat.page.get_by_text("o3-pro has only the Responses API.")).to_be_visible()

    search.fill("gpt-4o-mini")
    expect(completions).to_be_checked()

    search.fill("o3-pro")
    search.press("Enter")
    chat.wait_for_end()
    expect(chat.text).to_contain_text("42")
