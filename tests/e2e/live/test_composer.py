"""The composer sends a message once, and only on purpose, and loses no draft."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.live.actions import ask, attach, composer, text_steps, thumbnails, wait_for_end
from tests.e2e.live.stub import LiveStub


@pytest.mark.parametrize("event", [{"isComposing": True}, {"keyCode": 229}], ids=["composing", "key 229"])
def test_does_not_send_on_the_enter_of_an_input_method(
    page: Page, url: str, stub: LiveStub, event: dict[str, Any]
) -> None:
    page.goto(url)
    composer(page).fill("안녕")

    composer(page).dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **event})

    expect(composer(page)).to_have_value("안녕")
    assert stub.sends == []


def test_inserts_a_line_break_on_shift_enter(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)
    composer(page).fill("one")
    composer(page).press("Shift+Enter")

    expect(composer(page)).to_have_value("one\n")
    assert stub.sends == []


def test_sends_once_when_enter_is_pressed_repeatedly(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["once"] = text_steps("slow", every=0.3)
    page.goto(url)
    composer(page).fill("once")

    composer(page).evaluate(
        """area => { for (let i = 0; i < 3; i += 1)
        area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })); }"""
    )
    wait_for_end(page)

    assert len(stub.sends) == 1


def test_does_not_stop_what_a_double_click_has_sent(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["twice"] = text_steps("slow", every=0.3)
    page.goto(url)
    composer(page).fill("twice")

    page.get_by_role("button", name="Send", exact=True).dblclick()
    wait_for_end(page)

    assert [run.stopped for run in stub.runs.values()] == [False]
    expect(composer(page)).to_have_value("")


def test_shows_the_question_in_the_same_frame(page: Page, url: str, stub: LiveStub) -> None:
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


def test_restores_the_question_when_it_could_not_be_sent(page: Page, url: str, stub: LiveStub) -> None:
    stub.refuses_sends = True
    page.goto(url)

    ask(page, "precious words")

    expect(page.get_by_role("alert")).to_contain_text("No connection is chosen. Choose one in Settings.")
    expect(composer(page)).to_have_value("precious words")
    expect(page.locator("article")).to_have_count(0)


def test_restores_the_question_before_newer_text(page: Page, url: str, stub: LiveStub) -> None:
    routes: list[Route] = []
    page.route("**/live/send", lambda route: routes.append(route))
    stub.refuses_sends = True
    page.goto(url)
    with page.expect_request("**/live/send"):
        ask(page, "first")
    composer(page).type("second")

    routes[0].continue_()

    expect(composer(page)).to_have_value("first\n\nsecond")


def test_inserts_a_preset_below_existing_text(page: Page, url: str) -> None:
    page.goto(url)
    composer(page).fill("mine")

    page.evaluate("void window.mountWith({ ...window.liveData, draft: { id: 'd2', text: 'a preset' } })")

    expect(composer(page)).to_have_value("mine\n\na preset")


def test_does_not_trigger_page_shortcuts_while_typing(page: Page, url: str) -> None:
    page.goto(url)
    page.evaluate("() => { window.keys = []; document.onkeydown = (event) => window.keys.push(event.key); }")

    composer(page).press_sequentially("rc")

    expect(composer(page)).to_have_value("rc")
    assert page.evaluate("window.keys") == []


def test_sends_an_example_prompt_with_one_click(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)

    page.get_by_role("button", name="Explain a concept").click()
    wait_for_end(page)

    assert stub.sends[0]["text"].startswith("Explain streaming")


def test_keeps_the_draft_after_a_reload(page: Page, url: str) -> None:
    page.goto(url)
    composer(page).fill("unsent")

    page.reload()

    expect(composer(page)).to_have_value("unsent")


def test_inserts_a_draft_once_and_does_not_send_it(page: Page, url: str, stub: LiveStub) -> None:
    stub.data["draft"] = {"id": "d1", "text": "from a link"}
    page.goto(url)
    expect(composer(page)).to_have_value("from a link")
    composer(page).fill("mine")

    page.evaluate("void window.mountWith({ ...window.liveData })")

    expect(composer(page)).to_have_value("mine")
    assert stub.sends == []


@pytest.mark.parametrize(
    ("draft", "text"), [("", "0.1k / 8k, draft of 0"), ("draft", "0.1k / 8k, draft of 5")]
)
def test_updates_the_context_usage_when_the_settings_change(
    page: Page, url: str, stub: LiveStub, draft: str, text: str
) -> None:
    stub.messages = [stub.message("user", "old")]
    page.goto(url)
    composer(page).fill(draft)
    expect(page.locator("article")).to_have_count(1)
    stub.context_usage = "0.1k / 8k"
    stub.messages = [stub.messages[0] | {"dropped": True}]

    page.evaluate("void window.mountWith({ ...window.liveData, settings: 's2' })")

    expect(page.locator(".context-usage")).to_have_text(text)
    expect(page.locator("article")).to_contain_text("Not sent: does not fit the context window")


def test_fetches_changes_made_during_a_reply_at_its_end(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "old")]
    stub.scripts["now"] = text_steps("one ", "two", every=0.4)
    page.goto(url)
    expect(ask(page, "now").locator(".body")).to_contain_text("one")
    stub.messages[0]["dropped"] = True

    page.evaluate("void window.mountWith({ ...window.liveData, settings: 's2' })")

    expect(page.locator("article").first).to_contain_text("Not sent: does not fit the context window")
    expect(page.locator("article").last.locator(".body")).to_have_text("one two")


def test_disables_the_composer_when_read_only(page: Page, url: str, stub: LiveStub) -> None:
    stub.data |= {"readonly": True, "placeholder": "Recordings cannot be changed."}
    stub.messages = [stub.message("assistant", "text")]
    page.goto(url)

    expect(composer(page)).to_be_disabled()
    expect(composer(page)).to_have_attribute("placeholder", "Recordings cannot be changed.")
    page.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem")).to_have_text(["Show raw text"])


def test_sends_an_attached_image(page: Page, url: str, stub: LiveStub, tmp_path: Path) -> None:
    page.goto(url)
    attach(page, tmp_path, ["dot.png"])

    ask(page, "what is this?")
    wait_for_end(page)

    assert [(image["name"], image["type"]) for image in stub.sends[0]["images"]] == [("dot.png", "image/png")]


def test_restores_question_and_other_images_when_a_file_is_missing(
    page: Page, url: str, stub: LiveStub, tmp_path: Path
) -> None:
    page.goto(url)
    attach(page, tmp_path, ["gone.png", "there.png"])
    (tmp_path / "gone.png").unlink()

    ask(page, "what is this?")

    expect(page.get_by_role("alert")).to_contain_text("gone.png can no longer be read.")
    expect(composer(page)).to_have_value("what is this?")
    expect(thumbnails(page)).to_have_attribute("alt", "there.png")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    assert stub.sends == []


def test_says_why_a_file_is_not_accepted(page: Page, url: str) -> None:
    page.goto(url)

    page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no"}
    )

    expect(page.get_by_role("alert")).to_have_text("a.png is not a PNG, JPEG, WebP or GIF image.")
