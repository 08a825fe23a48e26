"""Another conversation opens while a message is being sent: it is neither lost nor sent to the wrong one."""

from playwright.sync_api import Page, expect

from tests.e2e.live.actions import ask, composer, wait_for_end
from tests.e2e.live.stub import LiveStub

OPEN_OTHER_CONVERSATION = "void window.mountWith({ ...window.liveData, conversation: 'c2' })"


def ask_and_conflict(page: Page, text: str) -> None:
    with page.expect_response("**/live/send") as refused:
        ask(page, text)
    assert refused.value.status == 409


def test_moves_an_unsent_question_to_the_conversation_that_opens(
    page: Page, url: str, stub: LiveStub
) -> None:
    page.goto(url)
    stub.conversation = "c2"
    stub.messages = [stub.message("user", "of the other")]
    ask_and_conflict(page, "where am I?")

    page.evaluate(OPEN_OTHER_CONVERSATION)

    expect(page.locator("article .body")).to_have_text(["of the other"])
    expect(page.get_by_role("alert")).to_contain_text("Your message was not sent")
    expect(composer(page)).to_have_value("where am I?")
    composer(page).press("Enter")
    wait_for_end(page)
    assert stub.sends[-1]["conversation"] == "c2"


def test_leaves_no_copy_of_a_moved_question(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)
    stub.conversation = "c2"
    ask_and_conflict(page, "once")
    page.evaluate(OPEN_OTHER_CONVERSATION)
    expect(composer(page)).to_have_value("once")

    page.evaluate("void window.mountWith(window.liveData)")

    expect(composer(page)).to_have_value("")


def test_restores_the_question_when_no_other_conversation_opens(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)
    stub.conversation = "c2"

    ask_and_conflict(page, "still here")

    expect(page.get_by_role("alert")).to_contain_text("Send it again in a moment.")
    expect(composer(page)).to_have_value("still here")


def test_moves_a_question_whose_request_is_in_progress(page: Page, url: str) -> None:
    page.route("**/live/send", lambda _route: None)
    page.goto(url)
    ask(page, "in between")

    page.evaluate(OPEN_OTHER_CONVERSATION)

    expect(composer(page)).to_have_value("in between")


def test_keeps_a_question_in_progress_when_the_page_is_left(page: Page, url: str) -> None:
    page.route("**/live/send", lambda _route: None)
    page.goto(url)
    ask(page, "unheard")
    page.evaluate("void window.liveCleanup()")
    expect(composer(page)).to_have_count(0)

    page.evaluate("void window.mountWith(window.liveData)")

    expect(composer(page)).to_have_value("unheard")
