"""The panel beside the conversation shows what the SDK sends and gets back."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.app_server import Upstream
from tests.e2e.pages import ChatPage

WIDE = {"width": 1440, "height": 900}


def panel(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("complementary", name="Request")


def toggle(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("button", name="Request", exact=True)


def test_opens_beside_the_first_reply_of_a_wide_screen_and_is_remembered(chat: ChatPage) -> None:
    chat.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    expect(panel(chat)).to_be_hidden()
    chat.ask("What is 6 times 7?").wait_for_end()

    expect(panel(chat).get_by_text("Chat Completions ·")).to_contain_text("done")
    expect(panel(chat).get_by_role("row").filter(has_text="chunk").first).to_be_visible()

    toggle(chat).click()
    expect(panel(chat)).to_be_hidden()
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    expect(panel(chat)).to_be_hidden()


def test_shows_code_request_and_response_of_a_reply(chat: ChatPage) -> None:
    chat.ask("What is 6 times 7?").wait_for_end()
    toggle(chat).click()

    for tab, text in [
        ("code", "from openai import OpenAI"),
        ("request", "POST http"),
        ("response", '"usage": {'),
    ]:
        panel(chat).get_by_role("tab", name=tab).click()
        expect(panel(chat).get_by_role("tabpanel")).to_contain_text(text)


def test_shows_the_last_event_when_a_call_ends_and_the_first_of_one_that_ended_before(
    chat: ChatPage, upstream: Upstream
) -> None:
    upstream.set_latency("ttft=0.1,tps=20")
    chat.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    chat.ask("count to 60")
    expect(panel(chat).get_by_role("cell", name="9", exact=True).last).to_be_visible()
    upstream.set_latency("instant")
    chat.wait_for_end()
    rows = panel(chat).locator("tbody tr")
    expect(rows.last).to_be_in_viewport()
    expect(rows.first).not_to_be_in_viewport()

    chat.page.reload()

    expect(rows.first).to_be_in_viewport()
    expect(rows.last).not_to_be_in_viewport()


def test_marks_the_event_of_a_word_and_the_word_of_an_event(chat: ChatPage) -> None:
    chat.ask("count to 30").wait_for_end()
    toggle(chat).click()
    selected = panel(chat).locator("tr[aria-selected=true]")

    chat.text.get_by_text(re.compile("17")).first.click(position={"x": 5, "y": 8})
    expect(selected).to_have_count(1)

    panel(chat).get_by_role("cell", name="9", exact=True).last.click()
    expect(selected).to_contain_text("9")
    chat.page.wait_for_function("[...(CSS.highlights.get('call-event') ?? [])].map(String).join() === '9'")


@pytest.mark.parametrize(
    ("width", "scheme", "is_drawer"),
    [(1440, "dark", False), (1000, "light", False), (900, "light", True), (390, "dark", True)],
)
def test_is_beside_the_conversation_or_on_a_narrow_screen_over_it(
    chat: ChatPage, width: int, scheme: Literal["dark", "light"], is_drawer: bool
) -> None:
    chat.page.emulate_media(color_scheme=scheme)
    chat.page.set_viewport_size({"width": width, "height": 800})
    chat.ask("What is 6 times 7?").wait_for_end()
    chat.reply.get_by_role("button", name="Request details").click()

    expect(panel(chat)).to_be_in_viewport(ratio=1)
    expect(panel(chat).get_by_text("Chat Completions ·")).to_contain_text("done")
    expect(panel(chat).get_by_role("row").filter(has_text="chunk").first).to_be_visible()
    expect(panel(chat).get_by_text("reply text starts after")).to_be_visible()
    panel(chat).get_by_role("tab", name="code").click()
    expect(panel(chat).locator(".hljs-keyword").first).to_be_visible()
    box, reply = panel(chat).bounding_box(), chat.text.bounding_box()
    assert box
    assert reply
    assert (reply["x"] + reply["width"] > box["x"]) is is_drawer
    heights = panel(chat).get_by_role("tab").evaluate_all("tabs => tabs.map(tab => tab.offsetHeight)")
    assert max(heights) < 40  # one line
    row = chat.page.locator(".composer .row")
    assert row.evaluate("row => row.scrollWidth <= row.clientWidth")
    assert row.locator(".model").evaluate("model => model.clientWidth > 50")
    usage, send = row.locator(".context-usage").bounding_box(), row.locator(".send").bounding_box()
    assert usage
    assert send
    assert send["x"] > usage["x"]  # in one line

    chat.page.keyboard.press("Escape")
    expect(panel(chat)).to_be_visible(visible=not is_drawer)
