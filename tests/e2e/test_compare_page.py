"""The Compare page: one click to streaming columns, a variant that fails, reload, Stop, follow-up."""

import re
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from core.runs.run import RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.e2e.app_server import AppServer, Upstream, wait_until
from tests.e2e.pages import ChatPage, settle
from tests.e2e.test_themes import serious_violations


@pytest.fixture
def compare(page: Page, app: AppServer) -> Page:
    """The Compare page with its example."""
    page.goto(f"{app.url}/compare")
    expect(heads(page)).to_have_count(3)
    settle(page)
    return page


def heads(page: Page) -> Locator:
    return page.locator(".compare header.variant")


def reply(page: Page, letter: str) -> Locator:
    """The last reply of a variant."""
    return page.get_by_role("region", name=re.compile(f"^Reply of variant {letter}")).last


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def expect_ended(page: Page) -> None:
    expect(page.get_by_role("button", name="Run all")).to_be_visible()


def test_streams_all_columns_on_the_first_click(compare: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.1,tps=60")
    # The second click of a double click neither stops the replies nor sends the prompt again.
    compare.get_by_role("button", name="Run all").dblclick()

    for letter in "AB":
        expect(reply(compare, letter).locator(".body")).to_contain_text("streaming")
        expect(compare.get_by_role("button", name=f"Stop variant {letter}")).to_be_visible()
    expect_ended(compare)

    facts = compare.get_by_role("list", name="Highlights")
    expect(facts).to_contain_text("Cheapest")
    assert len(upstream.replies()) == 3
    expect(facts).to_contain_text("Shortest C")
    expect(reply(compare, "A").get_by_role("list", name="Reply metrics")).to_contain_text("to first token")
    settle(compare)
    assert serious_violations(compare) == []


def test_goes_on_if_one_variant_fails_which_can_be_run_again(compare: Page, upstream: Upstream) -> None:
    upstream.fail("401")
    compare.get_by_role("textbox", name="Prompt").press("Control+Enter")

    expect_ended(compare)
    failed = compare.get_by_role("region", name=re.compile("^Reply of variant")).filter(has_text="401")
    expect(failed).to_have_count(1)
    expect(compare.locator(".cell .body").filter(has_text="streaming")).to_have_count(2)

    failed.get_by_role("button", name="Regenerate").click()

    expect(compare.locator(".cell .body").filter(has_text="streaming")).to_have_count(3)
    expect(failed).to_have_count(0)


def test_runs_an_interrupted_variant_again(compare: Page, app: AppServer, upstream: Upstream) -> None:
    press(compare, "Run all")
    expect_ended(compare)
    # What a restart of the app makes of a run that was under way.
    with closing(Store.open(directory=app.data)) as store:
        runs = RunRepository(store)
        for run in runs.list(limit=2):
            runs.save(replace(runs.get(run.id), state=RunState.INTERRUPTED))

    compare.reload()
    again = compare.get_by_role("button", name="Run again", exact=True)
    expect(again).to_have_count(2)
    again.first.click()

    expect(again).to_have_count(1)
    expect_ended(compare)
    expect(compare.locator(".cell .body").filter(has_text="streaming")).to_have_count(3)
    assert len(upstream.replies()) == 4


def test_applies_the_settings_of_a_variant(compare: Page, upstream: Upstream) -> None:
    press(compare, "Settings of variant A")
    settings = compare.get_by_role("dialog", name="Settings of variant A")
    settings.get_by_role("textbox", name="System message").fill("Answer in Korean.")
    settings.get_by_role("button", name="Done").click()
    expect(settings).to_be_hidden()
    expect(heads(compare).first).to_contain_text("System message: Answer in Korean.")
    compare.get_by_role("button", name="Model of variant A:").press("ArrowDown")
    compare.get_by_role("combobox", name="Search models").fill("4o mini")
    compare.get_by_role("option", name="gpt-4o-mini, $0.15 input").click()
    expect(compare.get_by_role("button", name="Model of variant A: gpt-4o-mini")).to_be_focused()

    press(compare, "Run all")

    expect(reply(compare, "A").locator(".body")).to_contain_text("스트리밍")
    reply(compare, "A").get_by_role("button", name="Request details").click()
    expect(compare.get_by_role("dialog")).to_contain_text('model="gpt-4o-mini"')
    assert len(upstream.replies()) == 3


def test_shows_running_replies_after_a_reload_and_stops(compare: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.1,tps=4")
    compare.get_by_role("textbox", name="Prompt").fill("Count to 200.")
    press(compare, "Run all")
    expect(reply(compare, "A").locator(".body")).to_contain_text("1")

    compare.reload()
    expect(compare.get_by_role("textbox", name="Prompt")).to_have_value("Count to 200.")
    expect(reply(compare, "A").locator(".body")).to_contain_text("1")
    press(compare, "Stop variant B")
    expect(reply(compare, "B")).to_contain_text("Stopped by you")
    expect(compare.get_by_role("button", name="Stop variant A")).to_be_visible()

    press(compare, "Stop all")

    for letter in "AC":
        expect(reply(compare, letter)).to_contain_text("Stopped by you")
    expect_ended(compare)
    wait_until(lambda: all(entry["disconnected"] for entry in upstream.replies()))


def test_continues_every_column_with_a_follow_up(compare: Page, upstream: Upstream) -> None:
    compare.get_by_role("textbox", name="Prompt").fill("What is 6 times 7?")
    press(compare, "Run all")
    expect_ended(compare)

    follow_up = compare.get_by_role("textbox", name="Ask all a follow-up question")
    follow_up.fill("What is 6 times 8?")
    follow_up.press("Enter")

    for letter in "ABC":
        expect(reply(compare, letter).locator(".body")).to_contain_text("48")
    expect(compare.get_by_role("region", name=re.compile("^Reply of variant"))).to_have_count(6)
    assert len(upstream.replies()) == 6


def test_tries_a_reply_of_chat_on_another_model(page: Page, app: AppServer) -> None:
    chat = ChatPage(page, app.url).open().ask("What is 6 times 7?").wait_for_end()
    chat.choose("Try on another model")

    expect(heads(page)).to_have_count(2)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("What is 6 times 7?")
    press(page, "Run all")
    for letter in "AB":
        expect(reply(page, letter).locator(".body")).to_contain_text("42")


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("Compare stream on and off", ["Stream on", "Stream off"]),
        ("Compare Chat Completions and Responses", ["Chat Completions", "Responses"]),
    ],
)
def test_compares_the_ways_to_send_the_question_of_a_reply(
    page: Page, app: AppServer, choice: str, names: list[str]
) -> None:
    chat = ChatPage(page, app.url).open().ask("What is 6 times 7?").wait_for_end()
    chat.choose(choice)

    for letter, name in zip("AB", names, strict=True):
        expect(page.get_by_role("textbox", name=f"Name of variant {letter}")).to_have_value(name)
    press(page, "Run all")
    for letter in "AB":
        expect(reply(page, letter).locator(".body")).to_contain_text("42")


def test_fits_a_phone_with_six_columns(compare: Page) -> None:
    compare.set_viewport_size({"width": 390, "height": 844})
    for count in (4, 5, 6):
        press(compare, "Duplicate variant A")
        expect(heads(compare)).to_have_count(count)
    press(compare, "Run all")
    expect_ended(compare)

    press(compare, "Run variant F again")
    expect_ended(compare)
    expect(reply(compare, "F").locator(".body")).to_be_in_viewport()
    head, text = heads(compare).last.bounding_box(), reply(compare, "F").bounding_box()
    assert head
    assert text
    assert head["y"] + head["height"] <= text["y"]
    press(compare, "Show variant A")
    expect(reply(compare, "A").locator(".body")).to_be_in_viewport()
    expect(reply(compare, "F").locator(".body")).not_to_be_in_viewport()
    assert compare.evaluate("document.documentElement.scrollWidth") == 390
    settle(compare)
    assert serious_violations(compare) == []


@pytest.mark.parametrize(
    ("example", "variants"),
    [
        ("Stream on and off", ("Stream on", "Stream off")),
        ("Chat Completions and Responses", ("Chat Completions", "Responses")),
    ],
)
def test_compares_how_a_request_is_sent(compare: Page, example: str, variants: tuple[str, str]) -> None:
    compare.locator(".st-key-compare-examples button").first.click()
    compare.get_by_role("button", name=example).click()
    for letter, name in zip("AB", variants, strict=True):
        expect(compare.get_by_role("textbox", name=f"Name of variant {letter}")).to_have_value(name)
    compare.keyboard.press("Escape")

    compare.get_by_role("button", name="Run all").click()

    expect(compare.get_by_text("Same text as")).to_have_count(2)
