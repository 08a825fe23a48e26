"""Stop ends a reply at once, even while the server is silent, and cancels its request."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.app_server import Upstream, wait_until
from tests.e2e.pages import ChatPage

QUESTION = "Tell me something long enough to be cut."


@pytest.mark.parametrize("fault", ["slow=600", "stall=600"], ids=["before the first token", "in mid-reply"])
def test_stops_while_the_server_is_silent(chat: ChatPage, upstream: Upstream, fault: str) -> None:
    upstream.fail(fault)
    chat.ask(QUESTION)
    wait_until(lambda: len(upstream.replies()) == 1)
    expect(chat.reply).to_have_attribute("data-message", re.compile("."))  # the page knows of the run
    if fault.startswith("stall"):
        chat.wait_for_text()

    chat.stop()

    expect(chat.note).to_contain_text("Stopped by you")
    wait_until(lambda: bool(upstream.replies()[0]["disconnected"]))


def test_keeps_the_partial_reply_and_shows_that_it_was_stopped(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("stall=60")
    text = chat.ask(QUESTION).wait_for_text().reply_text()

    chat.stop()

    assert chat.reply_text().startswith(text)
    expect(chat.note).to_contain_text("Stopped by you")


def test_accepts_the_next_question_after_a_stop(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("stall=60")
    chat.ask("The first question.").wait_for_text().stop()

    chat.ask("The second question.").wait_for_end()

    assert chat.replies.count() == chat.questions.count() == 2
    assert chat.note.count() == 0
