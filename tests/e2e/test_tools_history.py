"""The loops of the Tools page in the browser's history, and after a restart of the app."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.test_history_page import open_first_run
from tests.e2e.test_tools_page import ask, call_card, open_tools, press, replies


@pytest.fixture
def tools(page: Page, app: AppServer) -> Page:
    """The Tools page with its example."""
    return open_tools(page, app)


def test_goes_back_from_another_page_in_one_step(tools: Page) -> None:
    ask(tools)
    expect(replies(tools)).to_contain_text("271.35")
    tools.get_by_role("link", name="Chat").click()
    expect(tools).to_have_url(re.compile(r"/chat\?c="))

    tools.go_back()

    expect(tools).to_have_url(re.compile(r"/tools\?(.*&)?loop="))
    expect(replies(tools)).to_contain_text("271.35")


def test_goes_back_to_the_loop_before(tools: Page) -> None:
    ask(tools)
    expect(replies(tools)).to_contain_text("271.35")
    tools.get_by_role("textbox", name="Question").fill("What is 12 * 34?")
    ask(tools)
    expect(replies(tools)).to_contain_text("408")

    tools.go_back()

    expect(replies(tools)).to_contain_text("271.35")
    expect(tools.get_by_role("textbox", name="Question")).to_have_value("애플 주가가 지금 얼마인지 알려줘.")
    tools.go_forward()
    expect(replies(tools)).to_contain_text("408")


def test_shows_a_loop_again_after_the_app_was_restarted(page: Page, cold_app: AppServer) -> None:
    open_tools(page, cold_app)
    ask(page)
    expect(page.get_by_text("Total: 2 rounds · 1 call")).to_be_visible()
    cold_app.kill()
    cold_app.start()

    page.reload()

    expect(call_card(page)).to_contain_text('"AAPL"')
    expect(call_card(page)).to_contain_text("sample data, not real prices")
    expect(replies(page)).to_contain_text("271.35")
    expect(page.get_by_text("Total: 2 rounds · 1 call")).to_be_visible()


def test_opens_a_check_again_from_its_runs_in_history(tools: Page, app: AppServer) -> None:
    press(tools, "Check")
    questions = "question,tool,arguments\n애플 주가 알려줘,get_stock_price,ticker=MSFT\n"
    tools.get_by_role("textbox", name="Questions as CSV").fill(questions)
    press(tools, "Run check")
    expect(tools.get_by_text("0 of 3 replies as expected")).to_be_visible()

    # In another session, without the state of this one.
    tools.goto(f"{app.url}/history")
    open_first_run(tools)
    tools.get_by_role("button", name="Open in Tools").click()

    expect(tools.get_by_text("0 of 3 replies as expected")).to_be_in_viewport()
    expect(tools.get_by_role("textbox", name="Questions as CSV")).to_have_value(
        'question,tool,arguments\n애플 주가 알려줘,get_stock_price,"{""ticker"": ""MSFT""}"\n'
    )
