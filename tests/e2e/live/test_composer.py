"""The message box sends when it is meant to, once, and never loses what was typed."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.live.actions import ask, attach, composer, texts, thumbs, wait_for_end
from tests.e2e.live.stub import LiveStub


@pytest.mark.parametrize("event", [{"isComposing": True}, {"keyCode": 229}], ids=["composing", "key 229"])
def test_leaves_the_enter_of_an_input_method_alone(
    page: Page, url: str, stub: LiveStub, event: dict[str, Any]
) -> None:
    page.goto(url)
    composer(page).fill("안녕")

    composer(page).dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **event})

    expect(composer(page)).to_have_value("안녕")
    assert stub.sends == []


def test_breaks_the_line_on_shift_enter(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)
    composer(page).fill("one")
    composer(page).press("Shift+Enter")

    expect(composer(page)).to_have_value("one\n")
    assert stub.sends == []


def test_sends_once_however_often_enter_is_pressed(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["once"] = texts("slow", every=0.3)
    page.goto(url)
    composer(page).fill("once")

    composer(page).evaluate(
        """area => { for (let i = 0; i < 3; i += 1)
        area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })); }"""
    )
    wait_for_end(page)

    assert len(stub.sends) == 1


def test_shows_the_question_in_the_frame_of_the_enter(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message(role, "text") for role in ["user", "assistant"] * 100]
    page.goto(url)
    expect(page.locator("article")).to_have_count(200)
    composer(page).fill("now")

    shown = composer(page).evaluate(
        """area => { area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        const questions = area.getRootNode().querySelectorAll("article[data-role=user] .body");
        return [...questions].at(-1).textContent; }"""
    )

    assert shown == "now"


def test_gives_the_question_back_when_it_could_not_be_sent(page: Page, url: str, stub: LiveStub) -> None:
    stub.refuses_sends = True
    page.goto(url)

    ask(page, "precious words")

    expect(page.get_by_role("alert")).to_contain_text("No connection is chosen. Choose one in Settings.")
    expect(composer(page)).to_have_value("precious words")
    expect(page.locator("article")).to_have_count(0)


def test_gives_the_question_back_before_what_was_typed_since(page: Page, url: str, stub: LiveStub) -> None:
    held: list[Route] = []
    page.route("**/live/send", lambda route: held.append(route))
    stub.refuses_sends = True
    page.goto(url)
    with page.expect_request("**/live/send"):
        ask(page, "first")
    composer(page).type("second")

    held[0].continue_()

    expect(composer(page)).to_have_value("first\n\nsecond")


def test_puts_a_preset_below_what_is_already_written(page: Page, url: str) -> None:
    page.goto(url)
    composer(page).fill("mine")

    page.evaluate("void window.mountWith({ ...window.liveData, draft: { id: 'd2', text: 'a preset' } })")

    expect(composer(page)).to_have_value("mine\n\na preset")


def test_keeps_plain_typing_from_the_shortcuts_of_the_page(page: Page, url: str) -> None:
    page.goto(url)
    page.evaluate("() => { window.keys = []; document.onkeydown = (event) => window.keys.push(event.key); }")

    composer(page).press_sequentially("rc")

    expect(composer(page)).to_have_value("rc")
    assert page.evaluate("window.keys") == []


def test_sends_a_starter_at_one_click(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)

    page.get_by_role("button", name="Explain a concept").click()
    wait_for_end(page)

    assert stub.sends[0]["text"].startswith("Explain streaming")


def test_keeps_the_draft_through_a_reload(page: Page, url: str) -> None:
    page.goto(url)
    composer(page).fill("unsent")

    page.reload()

    expect(composer(page)).to_have_value("unsent")


def test_prefills_a_draft_once_and_never_sends_it(page: Page, url: str, stub: LiveStub) -> None:
    stub.data["draft"] = {"id": "d1", "text": "from a link"}
    page.goto(url)
    expect(composer(page)).to_have_value("from a link")
    composer(page).fill("mine")

    page.evaluate("void window.mountWith({ ...window.liveData })")

    expect(composer(page)).to_have_value("mine")
    assert stub.sends == []


@pytest.mark.parametrize(
    ("draft", "says"), [("", "0.1k / 8k, draft of 0"), ("draft", "0.1k / 8k, draft of 5")]
)
def test_counts_again_when_the_settings_change(
    page: Page, url: str, stub: LiveStub, draft: str, says: str
) -> None:
    stub.messages = [stub.message("user", "old")]
    page.goto(url)
    composer(page).fill(draft)
    expect(page.locator("article")).to_have_count(1)
    stub.gauge = "0.1k / 8k"
    stub.messages = [stub.messages[0] | {"dropped": True}]

    page.evaluate("void window.mountWith({ ...window.liveData, settings: 's2' })")

    expect(page.locator(".gauge")).to_have_text(says)
    expect(page.locator("article")).to_contain_text("Not included in the next request")


def test_fetches_what_changed_during_a_reply_at_its_end(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "old")]
    stub.scripts["now"] = texts("one ", "two", every=0.4)
    page.goto(url)
    expect(ask(page, "now").locator(".body")).to_contain_text("one")
    stub.messages[0]["dropped"] = True

    page.evaluate("void window.mountWith({ ...window.liveData, settings: 's2' })")

    expect(page.locator("article").first).to_contain_text("Not included in the next request")
    expect(page.locator("article").last.locator(".body")).to_have_text("one two")


def test_lets_nobody_type_where_the_page_is_read_only(page: Page, url: str, stub: LiveStub) -> None:
    stub.data |= {"readonly": True, "placeholder": "Recordings cannot be changed."}
    stub.messages = [stub.message("assistant", "text")]
    page.goto(url)

    expect(composer(page)).to_be_disabled()
    expect(composer(page)).to_have_attribute("placeholder", "Recordings cannot be changed.")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_sends_an_attached_image(page: Page, url: str, stub: LiveStub, tmp_path: Path) -> None:
    page.goto(url)
    attach(page, tmp_path, ["dot.png"])

    ask(page, "what is this?")
    wait_for_end(page)

    assert [(one["name"], one["type"]) for one in stub.sends[0]["images"]] == [("dot.png", "image/png")]


def test_gives_question_and_other_images_back_when_a_file_is_gone(
    page: Page, url: str, stub: LiveStub, tmp_path: Path
) -> None:
    page.goto(url)
    attach(page, tmp_path, ["gone.png", "there.png"])
    (tmp_path / "gone.png").unlink()

    ask(page, "what is this?")

    expect(page.get_by_role("alert")).to_contain_text("gone.png can no longer be read.")
    expect(composer(page)).to_have_value("what is this?")
    expect(thumbs(page)).to_have_attribute("alt", "there.png")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    assert stub.sends == []


def test_says_why_a_file_is_no_image(page: Page, url: str) -> None:
    page.goto(url)

    page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no"}
    )

    expect(page.get_by_role("alert")).to_have_text("a.png is not a PNG, JPEG, WebP or GIF image.")
