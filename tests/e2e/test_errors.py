"""An error is explained in the conversation, the question stays, and Retry sends it again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.app_server import Upstream, wait_until
from tests.e2e.pages import ChatPage

COUNT_DRAWN_TEXT = Path(__file__).with_name("count_drawn_text.js").read_text()
QUESTION = "Will this arrive?"


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("401", "The API key was rejected"),
        ("insufficient_quota", "Quota exceeded"),
        ("html-200", "returned HTML or text instead of JSON"),
        ("404", "Model not found on this server"),
    ],
    ids=["refused key", "no quota", "a web page", "unknown model"],
)
def test_explains_an_error_that_is_not_retried(
    chat: ChatPage, upstream: Upstream, fault: str, title: str
) -> None:
    upstream.fail(fault)

    chat.ask(QUESTION).wait_for_end()

    expect(chat.error).to_contain_text(title)
    expect(chat.questions).to_have_text(QUESTION, use_inner_text=True)
    assert len(upstream.replies()) == 1


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        ("truncate", "Incomplete"),
        ("half-event", "Incomplete"),
        ("disconnect", "Interrupted"),
        ("malformed", "Failed"),
    ],
)
def test_keeps_the_partial_reply_when_the_stream_breaks(
    chat: ChatPage, upstream: Upstream, fault: str, note: str
) -> None:
    upstream.fail(f"{fault}=10")

    chat.ask(QUESTION).wait_for_end()

    expect(chat.note).to_contain_text(note)
    assert chat.reply_text()


def test_counts_down_to_the_next_attempt_and_then_succeeds(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("429=4*1")

    chat.ask(QUESTION)

    expect(chat.status).to_contain_text(
        re.compile(r"Attempt 2 of 3 in [0-3]\.\d.*wait time set by the server")
    )
    chat.wait_for_end()
    expect(chat.metrics).to_contain_text("stop")
    assert len(upstream.replies()) == 2


def test_sends_the_question_again_on_retry(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("429=0.2*3")
    chat.ask(QUESTION).wait_for_end()
    expect(chat.error).to_contain_text("429")

    chat.error.get_by_role("button", name="Retry").click()

    expect(chat.metrics).to_contain_text("stop")
    expect(chat.questions).to_have_text(QUESTION, use_inner_text=True)
    expect(chat.error).to_have_count(0)


def test_offers_details_and_retry_for_a_web_page(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("html-200")
    chat.ask(QUESTION).wait_for_end()
    expect(chat.error).not_to_contain_text("ends in /v1")

    chat.error.get_by_text("Details").click()
    expect(chat.error).to_contain_text("A web page: ")
    chat.error.get_by_role("button", name="Retry").click()

    expect(chat.metrics).to_contain_text("stop")


def test_sends_once_when_enter_is_pressed_repeatedly(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("slow=1")
    chat.composer.fill(QUESTION)

    chat.composer.press("Enter")
    chat.composer.press("Enter")
    chat.wait_for_end()

    assert chat.questions.count() == chat.replies.count() == len(upstream.replies()) == 1


def test_stays_responsive_when_one_token_is_3_megabytes(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("huge-token")
    chat.page.locator(".transcript .list").evaluate(COUNT_DRAWN_TEXT)

    chat.ask(QUESTION)

    expect(chat.send_button).to_be_visible(timeout=60_000)
    wait_until(lambda: chat.text.evaluate("(body) => body.textContent.length") > 3_000_000, timeout=60)
    # Between two frames it draws a part only, so that the page can respond.
    assert chat.page.evaluate("window.drawn.largestFrame") < 1_000_000
