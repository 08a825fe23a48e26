"""The actions of a message: delete and undo, edit, select a version, pin, show the raw text."""

import pytest
from playwright.sync_api import Page, Route, expect

from components.live.metrics import metrics
from core.runs.run import Run, RunState
from tests.e2e.live.actions import ask, choose, text_steps, wait_for_end
from tests.e2e.live.stub import LiveStub


def test_restores_a_deleted_message(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "one"), stub.message("assistant", "two")]
    page.goto(url)
    choose(page.locator("article", has_text="two"), "Delete")
    expect(page.locator("article")).to_have_count(1)

    page.get_by_role("button", name="Undo").press("Enter")

    expect(page.locator("article").last).to_contain_text("two")
    expect(page.locator("article").last).to_be_focused()


def test_keeps_the_number_of_a_version_on_one_line(page: Page, url: str, stub: LiveStub) -> None:
    page.set_viewport_size({"width": 700, "height": 844})
    metrics = [{"label": "metric", "value": str(number), "hint": ""} for number in range(24)]
    run = {"id": "r", "state": "done", "model": "m", "reasoning": "", "metrics": metrics, "note": ""}
    reply = stub.message("assistant", "text", run=run | {"error": None, "can_continue": False})
    stub.messages = [reply | {"siblings": ["other", reply["id"]]}]
    page.goto(url)

    number = page.get_by_text("2/2")

    expect(number).to_be_visible()
    assert number.evaluate("node => node.getClientRects().length === 1 && node.offsetHeight < 30")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("header", ["script", "rules", "refusal"])
def test_explains_the_whole_label_of_a_sandbox_reply(
    page: Page, url: str, stub: LiveStub, header: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    headers = {"x-sandbox-reply": header}
    views = metrics(
        Run("chat", "chat.completions.create", {}, state=RunState.DONE, text="x", headers=headers)
    )
    label = next(view for view in views if "explanation" in view)
    run = {"id": "r", "state": "done", "model": "m", "reasoning": "", "metrics": views, "note": ""}
    stub.messages = [stub.message("assistant", "x", run=run | {"error": None, "can_continue": False})]
    page.goto(url)

    value = page.get_by_text(label["value"], exact=True)
    value.click()

    expect(page.get_by_text(label["explanation"])).to_be_visible()
    expect(page.locator("summary").get_by_role("button")).to_have_count(0)
    is_whole = (
        "node => node.scrollWidth <= node.clientWidth && node.getBoundingClientRect().right <= innerWidth"
    )
    assert value.evaluate(is_whole)


def test_copies_a_detail_that_is_too_long_to_read(page: Page, url: str, stub: LiveStub) -> None:
    request_id = "req_0123456789abcdef0123456789"
    views = metrics(Run("chat", "chat.completions.create", {}, state=RunState.DONE, request_id=request_id))
    run = {"id": "r", "state": "done", "model": "m", "reasoning": "", "metrics": views, "note": ""}
    stub.messages = [stub.message("assistant", "x", run=run | {"error": None, "can_continue": False})]
    page.goto(url)
    page.get_by_role("button", name="metrics").click()

    expect(page.get_by_role("button", name=request_id)).to_have_attribute("title", f"Copy: {request_id}")


def test_selects_the_next_version_of_a_reply(page: Page, url: str, stub: LiveStub) -> None:
    reply = stub.message("assistant", "text")
    stub.messages = [reply | {"siblings": [reply["id"], "other"]}]
    page.goto(url)

    page.get_by_role("button", name="Next version").click()
    page.wait_for_function("() => window.triggers.length")

    assert stub.changes == [("other", "select")]
    assert page.evaluate("window.triggers[0][0]") == "changed"


def test_resends_an_edited_question(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "old"), stub.message("assistant", "answer")]
    page.goto(url)
    page.get_by_role("button", name="Edit and resend").click()

    page.get_by_role("textbox", name="Edit message").fill("new")
    page.get_by_role("button", name="Save and send").click()
    wait_for_end(page)

    expect(page.locator("article .body")).to_have_text(["new", "You said: new"])
    assert (stub.sends[0]["action"], stub.sends[0]["message"]) == ("edit", "m0")


def test_removes_later_messages_when_an_earlier_reply_is_continued(
    page: Page, url: str, stub: LiveStub
) -> None:
    run = {"id": "r9", "state": "stopped", "metrics": [], "can_continue": True, "error": None}
    cut = stub.message("assistant", "cut off", run=run)
    stub.messages = [
        stub.message("user", "q"),
        cut,
        stub.message("user", "q2"),
        stub.message("assistant", "a2"),
    ]
    routes: list[Route] = []
    page.route("**/live/send", lambda route: routes.append(route))
    page.goto(url)

    with page.expect_request("**/live/send"):
        page.get_by_role("button", name="Continue this reply").click()

    expect(page.locator("article .body")).to_have_text(["q", "cut off"])
    routes[0].continue_()
    wait_for_end(page)
    assert (stub.sends[0]["action"], stub.sends[0]["message"]) == ("continue", cut["id"])


def test_keeps_an_edited_question_while_a_reply_runs(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "old"), stub.message("assistant", "answer")]
    stub.scripts["busy"] = text_steps(*["tick "] * 500, every=0.02)
    page.goto(url)
    page.get_by_role("button", name="Edit and resend").click()
    page.get_by_role("textbox", name="Edit message").fill("better")
    expect(ask(page, "busy").locator(".body")).to_contain_text("tick")

    page.get_by_role("button", name="Save and send").click()

    expect(page.get_by_role("alert")).to_contain_text("A reply is still in progress.")
    expect(page.get_by_role("textbox", name="Edit message")).to_have_value("better")
    assert [body["text"] for body in stub.sends] == ["busy"]


def test_restores_the_old_reply_when_regenerating_fails(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "ask"), stub.message("assistant", "old answer")]
    stub.refuses_sends = True
    page.goto(url)

    page.get_by_role("button", name="Regenerate").click()

    expect(page.get_by_role("alert")).to_contain_text("No connection is chosen.")
    expect(page.locator("article .body")).to_have_text(["ask", "old answer"])


def test_keeps_the_focus_on_the_button_pressed(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("assistant", "text")]
    page.goto(url)

    more = page.get_by_role("button", name="More actions")
    more.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    for key in ("End", "ArrowUp", "Enter"):
        page.keyboard.press(key)

    expect(page.locator("article .tag")).to_have_text("Pinned")
    expect(more).to_be_focused()
    more.press("Enter")
    expect(page.get_by_role("menuitem", name="Unpin")).to_be_visible()


def test_shows_the_raw_text(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("assistant", "**bold**")]
    page.goto(url)
    expect(page.locator("article strong")).to_have_text("bold")

    choose(page.locator("article"), "Show raw text")

    expect(page.locator("article .body")).to_have_text("**bold**")
