"""A long text on the Tokens page: its start is shown, all of it is counted, no edit loses a part."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import settle

LINES = "".join(f"Line {number} has 5 words.\n" for number in range(7_000))
ONE_LINE = "Tokens are read, 토큰은 글자가 아닙니다. " * 4_000


@pytest.fixture
def tokens(page: Page, app: AppServer) -> Page:
    """The Tokens page with an empty text, which may use the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{app.url}/tokens")
    expect(page.get_by_role("listbox", name="Tokens (")).to_be_visible()
    settle(page)
    box(page).fill("")
    expect(page.get_by_text("Enter something to see")).to_be_visible()
    return page


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text to count")


def notice(page: Page) -> Locator:
    return page.get_by_text("Showing the first")


def undo(page: Page, times: int = 1) -> None:
    for _ in range(times):
        box(page).press("ControlOrMeta+z")


def paste(page: Page, text: str) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    box(page).press("ControlOrMeta+v")


def expect_text(page: Page, text: str) -> None:
    """Expect that all of *text* is counted, and that the selection of all is all of it."""
    count = page.get_by_role("list", name="Token count")
    expect(count).to_contain_text(re.compile(rf"(?<![\d,]){len(text):,} characters"))
    page.evaluate("navigator.clipboard.writeText('')")
    box(page).press("ControlOrMeta+a")
    box(page).press("ControlOrMeta+c")
    assert page.evaluate("navigator.clipboard.readText()") == text


@pytest.mark.parametrize("text", [LINES, ONE_LINE, "a<b>&amp; \t\n" * 12_000, "👩‍👩‍👧‍👦\n\n" * 12_000])
def test_shows_the_start_of_what_was_pasted_and_counts_all_of_it(tokens: Page, text: str) -> None:
    paste(tokens, text)

    expect_text(tokens, text)
    shown = box(tokens).input_value()
    assert notice(tokens).inner_text() == f"Showing the first {len(shown):,} of {len(text):,} characters"
    assert text.startswith(shown)


def test_shows_all_on_request(tokens: Page) -> None:
    paste(tokens, LINES)

    tokens.get_by_role("button", name="Edit all").click()

    expect(box(tokens)).to_have_value(LINES)
    expect(box(tokens)).to_be_focused()
    expect(notice(tokens)).to_be_hidden()


def test_keeps_the_rest_when_the_start_is_edited(tokens: Page) -> None:
    paste(tokens, LINES)
    box(tokens).press("ControlOrMeta+Home")

    tokens.keyboard.type("New ")
    tokens.keyboard.press("Delete")

    expect(notice(tokens)).to_be_visible()
    expect_text(tokens, "New " + LINES[1:])


def test_types_at_the_end_of_the_whole_text(tokens: Page) -> None:
    paste(tokens, LINES)

    tokens.keyboard.type("end")

    expect(box(tokens)).to_have_value(LINES + "end")


def test_pastes_at_the_end_of_the_whole_text(tokens: Page) -> None:
    box(tokens).fill("start ")
    paste(tokens, LINES)
    paste(tokens, ONE_LINE)

    expect_text(tokens, "start " + LINES + ONE_LINE)


def test_deletes_from_the_end_of_the_whole_text(tokens: Page) -> None:
    paste(tokens, LINES)

    tokens.keyboard.press("Backspace")

    expect(box(tokens)).to_have_value(LINES[:-1])


def test_replaces_all_when_all_is_selected(tokens: Page) -> None:
    paste(tokens, LINES)
    box(tokens).press("ControlOrMeta+a")

    tokens.keyboard.type("other")

    expect(box(tokens)).to_have_value("other")
    expect_text(tokens, "other")


def test_cuts_all_when_all_is_selected(tokens: Page) -> None:
    paste(tokens, LINES)
    box(tokens).press("ControlOrMeta+a")

    box(tokens).press("ControlOrMeta+x")

    expect(box(tokens)).to_have_value("")
    assert tokens.evaluate("navigator.clipboard.readText()") == LINES


def test_undoes_and_redoes_a_paste(tokens: Page) -> None:
    box(tokens).press_sequentially("before ")
    paste(tokens, LINES)
    box(tokens).press("ControlOrMeta+a")
    paste(tokens, LINES + "other")
    box(tokens).press("ControlOrMeta+Home")
    tokens.keyboard.type("x")

    undo(tokens)
    expect_text(tokens, LINES + "other")
    undo(tokens)
    expect_text(tokens, "before " + LINES)
    undo(tokens)
    expect(box(tokens)).to_have_value("before ")
    expect(notice(tokens)).to_be_hidden()
    box(tokens).press("ControlOrMeta+Shift+z")
    expect_text(tokens, "before " + LINES)


def test_undoes_what_was_typed_at_the_end(tokens: Page) -> None:
    paste(tokens, LINES)
    tokens.keyboard.type("x")
    expect(box(tokens)).to_have_value(LINES + "x")

    undo(tokens)
    expect(box(tokens)).to_have_value(LINES)
    undo(tokens)
    expect_text(tokens, LINES)
    undo(tokens)
    expect(box(tokens)).to_have_value("")


def test_composes_at_the_end_of_the_whole_text(tokens: Page) -> None:
    paste(tokens, LINES)
    keyboard = tokens.context.new_cdp_session(tokens)

    # What an input method does: a key of its own, the text so far, the final text.
    keyboard.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229}
    )
    keyboard.send("Input.imeSetComposition", {"text": "하", "selectionStart": 1, "selectionEnd": 1})
    keyboard.send("Input.insertText", {"text": "한"})

    expect(box(tokens)).to_have_value(LINES + "한")


def test_composes_at_the_start_and_keeps_the_rest(tokens: Page) -> None:
    paste(tokens, LINES)
    box(tokens).press("ControlOrMeta+Home")
    keyboard = tokens.context.new_cdp_session(tokens)

    keyboard.send("Input.imeSetComposition", {"text": "하", "selectionStart": 1, "selectionEnd": 1})
    keyboard.send("Input.insertText", {"text": "한"})

    expect_text(tokens, "한" + LINES)


def test_shows_all_where_the_browser_could_not_undo_the_paste_of_a_part(tokens: Page) -> None:
    box(tokens).press_sequentially("before ")
    tokens.evaluate("document.execCommand = () => false")

    paste(tokens, LINES)

    expect(box(tokens)).to_have_value("before " + LINES)
    expect(notice(tokens)).to_be_hidden()


def test_keeps_all_when_the_page_is_visited_again(tokens: Page) -> None:
    paste(tokens, LINES)
    expect(tokens.get_by_text(f"{len(LINES):,} characters · ")).to_be_visible()

    tokens.get_by_role("link", name="Settings").click()
    tokens.get_by_role("link", name="Tokens").click()

    expect(notice(tokens)).to_be_visible()
    expect_text(tokens, LINES)


def test_keeps_all_when_the_app_restarts(cold_app: AppServer, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{cold_app.url}/tokens")
    expect(page.get_by_role("listbox", name="Tokens (")).to_be_visible()
    settle(page)
    box(page).press("ControlOrMeta+a")
    paste(page, LINES)
    expect_text(page, LINES)

    cold_app.kill()
    cold_app.start()
    box(page).press("ControlOrMeta+Home")
    page.keyboard.type("x")

    expect(page.get_by_text(f"{len(LINES) + 1:,} characters · ")).to_be_visible(timeout=40_000)
    expect_text(page, "x" + LINES)
