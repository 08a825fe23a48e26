"""A reply continues after a reload and in a second tab, and is cancelled when its last tab is closed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.app_server import AppServer, Upstream, wait_until
from tests.e2e.pages import ChatPage, settle

QUESTION = "Tell me something that no rule can answer."
STEADY = "ttft=0.1,tps=80"  # about five seconds for the reply, with its reasoning


def in_words(text: str) -> str:
    """The text with single spaces between its words."""
    return " ".join(text.split())


def saved_reply(app: AppServer) -> str:
    """What the database of the app has of the last reply, without emphasis."""
    last = "SELECT text FROM messages WHERE role = 'assistant' ORDER BY seq DESC"
    with (
        suppress(sqlite3.OperationalError),  # not created yet
        closing(sqlite3.connect(f"file:{app.data}/history.db?mode=ro", uri=True)) as database,
    ):
        for (text,) in database.execute(last):
            return in_words(text.replace("*", ""))
    return ""


def test_resumes_the_reply_after_a_reload(chat: ChatPage, upstream: Upstream, page: Page) -> None:
    upstream.set_latency(STEADY)
    partial = chat.ask(QUESTION).wait_for_text(r"\w+ \w+").reply_text()

    page.reload()
    chat.wait_for_end()

    # The text of Markdown that has no end yet has its asterisks.
    assert chat.reply_text().startswith(partial.replace("*", ""))
    expect(chat.metrics).to_contain_text("stop")
    assert [entry["disconnected"] for entry in upstream.replies()] == [False]


def test_shows_the_same_reply_in_a_second_tab(
    chat: ChatPage, upstream: Upstream, context: BrowserContext
) -> None:
    upstream.set_latency(STEADY)
    chat.ask(QUESTION).wait_for_text()
    second = ChatPage(context.new_page(), chat.url)

    second.page.goto(chat.page.url)
    second.wait_for_end()
    chat.wait_for_end()

    assert second.reply_text() == chat.reply_text()
    assert len(upstream.replies()) == 1


def test_shows_the_next_message_and_a_deletion_in_a_tab_that_was_open(
    chat: ChatPage, context: BrowserContext
) -> None:
    chat.ask(QUESTION).wait_for_end()
    second = ChatPage(context.new_page(), chat.url)
    second.page.goto(chat.page.url)
    second.wait_for_end()

    chat.page.bring_to_front()  # a browser draws nothing in a background tab
    chat.ask("What is a token?").wait_for_text("vocabulary").wait_for_end()

    second.page.bring_to_front()
    expect(second.replies).to_have_count(2)
    expect(second.questions.last).to_contain_text("What is a token?")
    expect(second.text).to_contain_text("vocabulary")
    second.wait_for_end()
    chat.page.bring_to_front()
    chat.choose("Delete")
    expect(second.replies).to_have_count(1)


def test_cancels_the_request_when_the_tab_is_closed(chat: ChatPage, upstream: Upstream) -> None:
    upstream.set_latency(STEADY)
    upstream.fail("endless")
    # For two seconds after a page request, a closed tab may be a reload.
    chat.ask(QUESTION).wait_for_text(r".{500}")

    chat.page.close()

    wait_until(lambda: bool(upstream.replies()[0]["disconnected"]))
    assert len(upstream.replies()) == 1


def test_keeps_a_reply_whose_tab_was_closed(chat: ChatPage, open_chat: Callable[[], ChatPage]) -> None:
    chat.ask(QUESTION).wait_for_end()
    address, text = chat.page.url, chat.reply_text()
    chat.page.close()

    other = open_chat()
    other.page.goto(address)
    expect(other.text).to_have_text(text, use_inner_text=True)


def test_reopens_the_conversation_with_the_back_button(chat: ChatPage, page: Page) -> None:
    chat.ask(QUESTION).wait_for_end()
    page.get_by_role("link", name="Settings", exact=True).click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()

    page.go_back()

    expect(chat.questions).to_have_text(QUESTION, use_inner_text=True)


def test_restores_a_partial_reply_after_a_crash(cold_app: AppServer, upstream: Upstream, page: Page) -> None:
    upstream.set_latency(STEADY)
    upstream.fail("endless")
    chat = ChatPage(page, cold_app.url).open().ask(QUESTION)
    partial = chat.wait_for_text(r".{150}").reply_text()
    wait_until(lambda: in_words(partial) in saved_reply(cold_app))

    cold_app.kill()
    cold_app.start()
    page.goto(page.url)

    expect(chat.note).to_contain_text("Interrupted")
    expect(chat.text).to_contain_text(partial.strip(), use_inner_text=True)


def test_saves_a_reply_from_its_first_words_on(cold_app: AppServer, upstream: Upstream, page: Page) -> None:
    upstream.set_latency("ttft=0.1,tps=10")
    upstream.fail("endless")
    chat = ChatPage(page, cold_app.url).open().ask(QUESTION)
    wait_until(lambda: len(saved_reply(cold_app).split()) > 2)

    cold_app.kill()
    saved = saved_reply(cold_app)
    cold_app.start()
    page.goto(page.url)

    expect(chat.note).to_contain_text("may be missing")
    expect(chat.text).to_contain_text(saved, use_inner_text=True)


def test_reconnects_after_a_crash_and_keeps_the_text_on_the_screen(
    cold_app: AppServer, upstream: Upstream, page: Page
) -> None:
    upstream.set_latency(STEADY)
    upstream.fail("endless")
    chat = ChatPage(page, cold_app.url).open().ask(QUESTION)
    chat.wait_for_text(r".{150}")
    page.evaluate("window.isSamePage = true")

    cold_app.kill()
    expect(chat.status).to_contain_text("Reconnecting")
    shown = chat.reply_text()
    cold_app.start()

    expect(chat.note).to_contain_text("Interrupted", timeout=40_000)
    assert chat.reply_text().startswith(shown)
    upstream.reset()
    assert chat.ask("What is 2 + 2?").wait_for_end().reply_text()
    assert page.evaluate("window.isSamePage")


def test_sends_after_a_restart_without_a_reload(cold_app: AppServer, upstream: Upstream, page: Page) -> None:
    chat = ChatPage(page, cold_app.url).open().ask(QUESTION).wait_for_end()
    first = chat.reply_text()

    cold_app.kill()
    cold_app.start()
    chat.ask("What is 2 + 2?").wait_for_end()

    expect(chat.questions).to_have_count(2)
    expect(chat.replies.first.locator(".body")).to_have_text(first, use_inner_text=True)
    assert len(upstream.replies()) == 2


def test_keeps_a_reply_about_images_on_the_screen_after_a_crash(
    cold_app: AppServer, upstream: Upstream, page: Page
) -> None:
    upstream.set_latency(STEADY)
    upstream.fail("endless")
    page.goto(f"{cold_app.url}/vision")
    # If the last run of the page was one of the fragment that awaits the connection, Streamlit runs the page
    # again in its new session, which has no reply.
    expect(page.get_by_text("Connected")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Ask").click()
    body = page.locator("article[data-role=assistant] .body")
    expect(body).to_contain_text(" ")

    cold_app.kill()
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    shown = body.inner_text()
    cold_app.start()

    expect(page.get_by_text("If the app was restarted, ask again")).to_be_visible(timeout=40_000)
    expect(body).to_contain_text(shown.strip(), use_inner_text=True)
