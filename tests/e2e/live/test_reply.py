"""A reply is streamed, interrupted, retried, failed or stopped, and the page shows it."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.live.actions import ask, composer, text_steps, wait_for_end
from tests.e2e.live.stub import LiveStub


def test_streams_a_reply_and_shows_its_metrics(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["hi"] = text_steps("Hello ", "**there**", every=0.05)
    page.goto(url)

    reply = ask(page, "hi")

    expect(reply.locator("strong")).to_have_text("there")
    expect(reply.get_by_role("list", name="Reply metrics")).to_contain_text("143 out")
    assert ["ended", "r0"] in page.evaluate("window.triggers")


def test_resumes_where_the_connection_dropped(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["drop"] = text_steps(*[f"w{number} " for number in range(40)], every=0.01)
    stub.disconnects["drop"] = 5
    page.goto(url)

    reply = ask(page, "drop")
    wait_for_end(page)

    expect(reply.locator(".body")).to_have_text(" ".join(f"w{number}" for number in range(40)))
    assert len(stub.sends) == 1


def test_joins_a_running_reply_after_a_reload(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["go on"] = text_steps(*["tick "] * 60, every=0.1)
    page.goto(url)
    reply = ask(page, "go on")
    expect(reply.locator(".body")).to_contain_text("tick")

    page.reload()
    wait_for_end(page)

    expect(page.locator("article").last.locator(".body")).to_have_text(" ".join(["tick"] * 60))


def test_keeps_the_scroll_position_of_a_reader(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message(role, "text") for role in ["user", "assistant"] * 20]
    stub.scripts["more"] = text_steps(*["A line.\n\n"] * 100, every=0.02)
    page.goto(url)
    reply = ask(page, "more")
    expect(reply.locator(".body")).to_contain_text("A line.")
    page.get_by_role("region", name="Conversation").evaluate("node => { node.scrollTop = 100; }")

    wait_for_end(page)

    assert page.get_by_role("region", name="Conversation").evaluate("node => node.scrollTop") < 200
    page.get_by_role("button", name="Jump to latest").click()
    expect(reply.locator(".foot")).to_be_in_viewport()


def test_follows_a_reply_that_grows_before_its_own_scroll_event(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message(role, "text") for role in ["user", "assistant"] * 20]
    page.goto(url)
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation.locator("article").last).to_be_in_viewport()

    # The page scrolls when it has drawn a piece; more may come before the scroll event of the next frame.
    distance_to_end = conversation.evaluate("""async node => {
        const afterFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        for (let count = 0; count < 5; count += 1) {
            const block = document.createElement("div");
            block.style.height = "600px";
            node.firstElementChild.append(block);
            await afterFrame();
        }
        await afterFrame();
        return node.scrollHeight - node.scrollTop - node.clientHeight;
    }""")

    assert distance_to_end < 2
    expect(page.get_by_role("button", name="Jump to latest")).to_be_hidden()


def test_keeps_draft_focus_and_stream_during_a_rerun(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["run"] = text_steps(*["tick "] * 50, every=0.02)
    page.goto(url)
    reply = ask(page, "run")
    composer(page).type("half a thought")

    page.evaluate("void window.mountWith({ ...window.liveData, settings: 's2', streaming: false })")
    wait_for_end(page)

    expect(composer(page)).to_have_value("half a thought")
    expect(composer(page)).to_be_focused()
    expect(reply.locator(".body")).to_have_text(" ".join(["tick"] * 50))


def test_reports_silence_in_the_middle_of_a_reply_without_raw_markdown(
    page: Page, url: str, stub: LiveStub
) -> None:
    page.clock.install()
    stub.scripts["stall"] = text_steps("The `first` and **the second", ".** Done.", every=0)
    stub.scripts["stall"][1] = (6, stub.scripts["stall"][1][1])
    page.goto(url)
    reply = ask(page, "stall")
    expect(reply.locator("strong")).to_have_text("the second")
    expect(reply.locator(".body")).not_to_contain_text("*")

    page.clock.run_for(5_500)

    expect(reply.locator(".status")).to_have_text(re.compile(r"No data for [5-9] s"))
    expect(reply.locator(".body")).to_contain_text("Done.")
    expect(reply.locator(".status")).to_be_hidden()


def test_stops_on_escape_and_keeps_the_text(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["stop me"] = text_steps(*["word "] * 500, every=0.02)
    stub.endings["stop me"] = {"note": "Stopped by you."}
    page.goto(url)
    reply = ask(page, "stop me")
    expect(reply.locator(".body")).to_contain_text("word")

    composer(page).press("Escape")

    expect(reply.locator(".note")).to_have_text("Stopped by you.")
    expect(reply.locator(".body")).to_contain_text("word")
    assert len(reply.locator(".body").inner_text().split()) < 400


def test_delays_the_rerun_until_the_dialog_is_closed(page: Page, url: str) -> None:
    page.goto(url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div data-testid=stDialog></div>')")
    for question in ("one", "two"):
        ask(page, question)
        expect(page.get_by_role("log")).to_contain_text("Reply complete")
        expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert page.evaluate("window.triggers") == []

    page.evaluate("document.querySelector('[data-testid=stDialog]').remove()")
    page.wait_for_function("() => window.triggers.length")
    page.evaluate("document.body.append('one change more')")

    assert page.evaluate("window.triggers") == [["ended", "r1"]]


def test_shows_the_branch_that_another_tab_has_selected(page: Page, url: str, stub: LiveStub) -> None:
    # Time enough to change the messages between the two, on a busy machine too.
    stub.scripts["here"] = text_steps("text of a ") + text_steps("lost branch", every=4.0)
    stub.branch_changed = True
    page.goto(url)
    expect(ask(page, "here").locator(".body")).to_contain_text("text of a")

    stub.messages = [stub.message("user", "there"), stub.message("assistant", "chosen")]

    expect(page.locator("article .body")).to_have_text(["there", "chosen"])
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    assert page.evaluate("window.triggers") == [["ended", "r0"]]


def test_undoes_a_send_in_progress_at_once(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "earlier")]
    bodies: list[Any] = []
    page.route("**/live/send", lambda route: bodies.append(route.request.post_data_json))
    page.goto(url)
    ask(page, "too early")

    with page.expect_response("**/live/sends/*/undo"):
        shown = page.get_by_role("button", name="Stop", exact=True).evaluate(
            """stop => { stop.click(); const area = stop.closest(".composer").querySelector("textarea");
            return [area.value, stop.dataset.mode, stop.disabled]; }"""
        )

    assert shown == ["too early", "send", False]
    expect(page.locator("article .body")).to_have_text(["earlier"])
    assert stub.undone_keys == [bodies[0]["key"]]


def test_enables_retry_when_the_wait_is_over(page: Page, url: str, stub: LiveStub) -> None:
    error = {"title": "Too many requests", "hint": "Wait.", "detail": "", "code": "rate", "status": 429}
    stub.scripts["fail"] = text_steps("")
    stub.endings["fail"] = {"error": error | {"request_id": "req_1", "retryable": True, "retry_after": 1.5}}
    page.goto(url)
    ask(page, "fail")
    expect(page.get_by_role("group", name="Too many requests")).to_contain_text("Request ID: req_1")

    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator("article .body").last).to_contain_text("You said")

    assert [body["action"] for body in stub.sends] == ["send", "regenerate"]


def test_counts_down_to_the_next_attempt(page: Page, url: str, stub: LiveStub) -> None:
    retry = {
        "t": "retry",
        "attempt": 2,
        "max_attempts": 3,
        "wait": 9,
        "reason": "rate limit",
        "retry_after": True,
    }
    stub.scripts["again"] = [(0.0, retry), (4.0, {"t": "text", "s": "ok"})]
    page.goto(url)

    reply = ask(page, "again")

    expect(reply.locator(".status")).to_contain_text(
        re.compile(r"Attempt 2 of 3 in [4-8]\.\d.*\(rate limit, wait time set by the server\)")
    )
    expect(reply.locator(".body")).to_have_text("ok")


def test_collapses_the_reasoning(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["why"] = [(0.0, {"t": "reasoning", "s": "Because <b>."}), (0.1, {"t": "text", "s": "So."})]
    page.goto(url)

    reply = ask(page, "why")

    expect(reply.locator("summary")).to_contain_text("Thought for")
    expect(reply.locator(".reasoning-text")).to_be_hidden()
    expect(reply.locator(".reasoning-text")).to_have_text("Because <b>.")


def test_follows_a_run_without_transcript_and_composer(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["run"] = text_steps("The **run** text.")
    page.goto(url)
    ask(page, "run")
    wait_for_end(page)

    page.evaluate("void window.liveCleanup()")
    expect(page.locator("article")).to_have_count(0)
    page.evaluate("void window.mountWith({ ...window.liveData, mode: 'run', run: 'r0' })")

    expect(page.locator("article strong")).to_have_text("run")
    expect(composer(page)).to_have_count(0)
