"""The Tools page: the first click, approval, answers of a person, mocks, timeouts, Stop and reload."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_server import AppServer, Upstream
from tests.e2e.pages import settle
from tests.e2e.test_themes import serious_violations


@pytest.fixture
def tools(page: Page, app: AppServer) -> Page:
    """The Tools page with its example."""
    return open_tools(page, app)


def open_tools(page: Page, app: AppServer) -> Page:
    page.goto(f"{app.url}/tools")
    settle(page)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def ask(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"\bAsk$")).click()


def set_mode(page: Page, label: str) -> Locator:
    """Choose how calls of get_stock_price are answered, and return the open menu of its card."""
    page.locator(".st-key-tools-card-get_stock_price-menu").get_by_role("button").click()
    menu = page.get_by_test_id("stPopoverBody")
    menu.get_by_text(label).click()
    expect(menu.get_by_text(label)).to_be_visible()
    settle(page)
    return menu


def close_menu(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_be_hidden()
    settle(page)


def replies(page: Page) -> Locator:
    return page.locator("article[data-role=assistant]")


def call_card(page: Page) -> Locator:
    return page.locator("[class*='st-key-tools-call-']").first


def test_calls_the_tool_and_answers_on_the_first_click(tools: Page) -> None:
    ask(tools)

    expect(call_card(tools)).to_contain_text("done")
    expect(call_card(tools)).to_contain_text('"AAPL"')
    expect(replies(tools)).to_contain_text("271.35")
    expect(tools.get_by_text("Total: 2 rounds · 1 call")).to_be_visible()
    expect(tools.get_by_text(re.compile("sent again"))).to_be_visible()
    assert serious_violations(tools) == []


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_brings_the_answer_into_view(tools: Page, width: int, height: int) -> None:
    tools.set_viewport_size({"width": width, "height": height})
    ask(tools)

    expect(replies(tools).get_by_text("271.35")).to_be_in_viewport()
    expect(tools.get_by_text("Total:")).to_be_attached()
    expect(replies(tools).get_by_text("271.35")).to_be_in_viewport()


def test_asks_once_on_a_double_click(tools: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.3")
    tools.get_by_role("button", name=re.compile(r"\bAsk$")).dblclick()

    expect(tools.get_by_text("Total: 2 rounds")).to_be_visible()
    assert len(upstream.replies()) == 2


def test_continues_after_an_error(tools: Page, upstream: Upstream) -> None:
    upstream.fail("400")
    ask(tools)

    press(tools, "Retry")

    expect(replies(tools).last).to_contain_text("271.35")


def test_shows_the_request_of_a_round(tools: Page) -> None:
    ask(tools)
    expect(tools.get_by_text("Total:")).to_be_visible()

    tools.get_by_role("button", name="Request details").first.click()

    dialog = tools.get_by_role("dialog")
    dialog.get_by_role("tab", name="Request").click()
    expect(dialog).to_contain_text('"reasoning_effort": "none"')
    expect(dialog).to_contain_text('"strict": true')


def test_runs_a_call_that_is_approved(tools: Page) -> None:
    set_mode(tools, "Approve first")
    close_menu(tools)
    ask(tools)
    expect(call_card(tools)).to_contain_text("waiting for you")

    press(tools, "Allow once")

    expect(replies(tools)).to_contain_text("271.35")


def test_sends_that_a_call_was_declined(tools: Page) -> None:
    set_mode(tools, "Approve first")
    close_menu(tools)
    ask(tools)

    press(tools, "Decline")

    expect(call_card(tools)).to_contain_text("declined")
    expect(tools.get_by_text("Total: 2 rounds")).to_be_visible()
    expect(tools.get_by_text("271.35")).to_have_count(0)


def test_keeps_what_is_typed_while_the_page_follows_the_loop(tools: Page) -> None:
    set_mode(tools, "Ask me")
    close_menu(tools)
    ask(tools)
    answer = tools.get_by_role("textbox", name=re.compile("Result of"))

    # Longer than the page waits between two looks at the loop.
    answer.press_sequentially('{"price": 999.5}', delay=60)

    expect(answer).to_have_value('{"price": 999.5}')
    press(tools, "Send the result")
    expect(replies(tools)).to_contain_text("999.5")


def test_shows_the_modes_again_after_a_reload(tools: Page) -> None:
    menu = set_mode(tools, "Mock")
    menu.get_by_role("textbox", name="Answer", exact=True).fill('{"price": 123.25}')
    menu.get_by_role("textbox", name="Answer", exact=True).press("Control+Enter")
    close_menu(tools)
    expect(tools).to_have_url(re.compile("draft="))
    settle(tools)  # the mode was saved first, the answer is saved by the last run of the page

    tools.reload()
    settle(tools)
    ask(tools)

    expect(call_card(tools)).to_contain_text("mock")
    expect(replies(tools)).to_contain_text("123.25")


def test_answers_with_a_mock(tools: Page) -> None:
    menu = set_mode(tools, "Mock")
    menu.get_by_role("textbox", name="Answer", exact=True).fill('{"price": 123.25}')
    menu.get_by_role("textbox", name="Answer", exact=True).press("Control+Enter")
    close_menu(tools)

    ask(tools)

    expect(replies(tools)).to_contain_text("123.25")


def test_ends_a_tool_that_hangs(tools: Page) -> None:
    menu = set_mode(tools, "Mock")
    menu.get_by_role("spinbutton", name="Delay").fill("500")
    menu.get_by_role("spinbutton", name="Delay").press("Enter")
    close_menu(tools)
    press(tools, "Settings")
    tools.get_by_role("spinbutton", name="Tool (s)").fill("1")
    tools.get_by_role("spinbutton", name="Tool (s)").press("Enter")
    close_menu(tools)

    ask(tools)

    expect(call_card(tools)).to_contain_text("did not return within 1 seconds")
    expect(tools.get_by_text("Total: 2 rounds")).to_be_visible()


def test_continues_after_a_reload_and_stops(tools: Page, upstream: Upstream) -> None:
    set_mode(tools, "Ask me")
    close_menu(tools)
    ask(tools)
    expect(call_card(tools)).to_contain_text("waiting for you")

    tools.reload()
    expect(call_card(tools)).to_contain_text("waiting for you")
    tools.get_by_role("textbox", name=re.compile("Result of")).fill('{"price": 77.5}')
    upstream.set_latency("ttft=0.1,tps=0.7")
    press(tools, "Send the result")
    expect(replies(tools)).to_contain_text(re.compile(r"\w"))
    tools.reload()
    expect(replies(tools)).to_contain_text(re.compile(r"\w"))

    press(tools, "Stop")

    expect(tools.get_by_text("Stopped. What had arrived is above.")).to_be_visible()
    expect(replies(tools)).to_contain_text(re.compile(r"\w"))


def test_keeps_the_arguments_that_had_arrived_when_it_stops(tools: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.1,tps=3")
    # Most of the arguments follow what is awaited, so that the call does not end before it is stopped.
    tools.get_by_role("textbox", name="Question").fill("What is (1250 - 3.5) * 12 / 7 + 81 / 9 - 17?")
    ask(tools)
    card = tools.locator("[data-testid=stVerticalBlock]").filter(has_text="arguments arriving").last
    expect(card).to_contain_text("1250")

    press(tools, "Stop")

    expect(tools.get_by_text("Stopped. What had arrived is above.")).to_be_visible()
    expect(tools.get_by_text("arguments arriving")).to_have_count(0)
    expect(tools.get_by_text('{"expression":"(1250')).to_be_visible()
    expect(tools.get_by_text("usage of 1 round not reported")).to_be_visible()


def test_compares_with_the_same_question_without_tools(tools: Page) -> None:
    press(tools, "Settings")
    tools.get_by_text("The same question without tools").click()
    close_menu(tools)

    ask(tools)

    expect(tools.get_by_text("Total:")).to_have_count(2)
    expect(tools.get_by_text("Total: 1 round · 0 calls")).to_be_visible()


def test_leaves_a_dialog_open_while_the_loop_runs(tools: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=1")
    ask(tools)

    tools.get_by_role("button", name="Code").first.click()

    dialog = tools.get_by_role("dialog", name="Code for this loop")
    expect(dialog).to_contain_text("def get_stock_price(")
    expect(tools.get_by_text("Total: 2 rounds · 1 call")).to_be_attached()
    expect(dialog).to_be_visible()
    tools.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_checks_many_questions(tools: Page) -> None:
    press(tools, "Check")

    questions = tools.get_by_role("textbox", name="Questions as CSV")
    questions.fill(
        "question,tool,arguments\n"
        "서울과 파리의 날씨를 비교해 줘.,get_weather,city=파리\n,get_weather,city=서울\n"
        "애플 주가 알려줘,get_stock_price,ticker=MSFT\n"
    )
    # Without leaving the field before, as a user does.
    press(tools, "Run check")

    expect(tools.get_by_text("3 of 6 replies as expected")).to_be_visible()
    expect(tools.get_by_role("button", name="Download CSV")).to_be_visible()
    panel = tools.locator(".st-key-tools-check-panel")
    expect(panel.get_by_text("3 of 3 replies")).to_contain_text("not as expected")
    expect(panel).to_contain_text('get_stock_price({"ticker": "MSFT"})')
    expect(panel).to_contain_text('get_stock_price({"ticker": "AAPL"})')
