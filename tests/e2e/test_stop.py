"""Stop ends a reply at once, even while the server is silent, and cancels its request."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.app_server import Upstream, wait_until
from tests.e2e.pages import ChatPage

QUESTION = "Tell me something long enough to be cut."

# The milliseconds from the click to the note under the reply; the button is in the same shadow root.
_CLICK_STOP = """(article) => new Promise((resolve) => {
  const clicked = performance.now();
  const look = () => {
    if (article.querySelector(".note")) resolve(performance.now() - clicked);
    else requestAnimationFrame(look);
  };
  article.getRootNode().querySelector("button[data-mode=stop]").click();
  look();
})"""


@pytest.mark.parametrize("fault", ["slow=60", "stall=60"], ids=["before the first token", "in mid-reply"])
def test_stops_within_300_ms_while_the_server_is_silent(
    chat: ChatPage, upstream: Upstream, fault: str
) -> None:
    upstream.fail(fault)
    _type_and_wait_for_estimate(chat)
    chat.ask(QUESTION)
    wait_until(lambda: len(upstream.replies()) == 1)
    expect(chat.reply).to_have_attribute("data-message", re.compile("."))  # the page knows of the run
    if fault.startswith("stall"):
        chat.wait_for_text()

    assert chat.reply.evaluate(_CLICK_STOP) < 300
    wait_until(lambda: bool(upstream.replies()[0]["disconnected"]), timeout=2)


def _type_and_wait_for_estimate(chat: ChatPage) -> None:
    """Wait for the first estimate of the question's tokens, which loads a vocabulary."""
    with chat.page.expect_response(lambda response: QUESTION in (response.request.post_data or "")):
        chat.composer.fill(QUESTION)


def test_keeps_the_partial_reply_and_shows_that_it_was_stopped(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("stall=60")
    text = chat.ask(QUESTION).wait_for_text().reply_text()

    chat.stop()

    assert chat.reply_text() == text
    assert "Stopped by you" in chat.note.inner_text()


def test_accepts_the_next_question_after_a_stop(chat: ChatPage, upstream: Upstream) -> None:
    upstream.fail("stall=60")
    chat.ask("The first question.").wait_for_text().stop()

    chat.ask("The second question.").wait_for_end()

    assert chat.replies.count() == chat.questions.count() == 2
    assert chat.note.count() == 0
