"""The list of conversations, and one of them as a page that is opened from disk without a network."""

from datetime import UTC
from pathlib import Path

from playwright.sync_api import Page, expect

from core.conversations.html_export import export_html
from tests.e2e.pages import ChatPage, settle
from tests.e2e.test_themes import serious_violations
from tests.unit.conversations.sample_conversation import CONVERSATION, RUN, question, reply

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
MARKDOWN = r"""
## A heading

```python
print("a line of code that is much longer than the screen of a phone, so that it has to be scrolled")
```

| Model | What it is good for, at length | First token |
|:--|:-:|--:|
| gpt-6-luna | Short answers, and many of them at once | 0.2 s |

\[ x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a} \]

> A [link](https://example.org) and <script>alert(1)</script>
"""


def test_finds_pins_and_exports_a_conversation(chat: ChatPage, offline_phone: Page, tmp_path: Path) -> None:
    chat.ask("Zebras: **bold**, <b>tags</b> and `code`").wait_for_end()
    chat.page.get_by_role("button", name="Conversations", exact=True).click()
    drawer = chat.page.get_by_role("dialog", name="Conversations")

    drawer.get_by_role("searchbox", name="Search").fill("no such conversation")
    expect(drawer.get_by_text("No conversations match")).to_be_visible()
    drawer.get_by_role("searchbox", name="Search").fill("zebras")
    expect(drawer.get_by_role("heading", level=3)).to_have_text(["Today"])
    run_action(chat.page, "Pin")
    expect(drawer.get_by_role("heading", level=3)).to_have_text(["Pinned"])
    assert serious_violations(chat.page) == []

    run_action(chat.page, "Export")
    with chat.page.expect_download() as download:
        drawer.get_by_role("button", name="HTML").click()
    download.value.save_as(tmp_path / "conversation.html")
    check_page(offline_phone, tmp_path / "conversation.html")


def run_action(page: Page, action: str) -> None:
    settle(page)  # a menu closes when its row is drawn again
    page.get_by_role("dialog").get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def check_page(phone: Page, path: Path) -> None:
    phone.goto(path.as_uri())

    question, reply = phone.get_by_role("article").all()
    expect(question).to_contain_text("Zebras: bold, <b>tags</b> and code")
    expect(reply.get_by_role("list", name="About this reply")).to_contain_text("Chat Completions")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert serious_violations(phone) == []


def test_shows_code_tables_formulas_and_images_on_a_phone(offline_phone: Page, tmp_path: Path) -> None:
    branch = [question([{"type": "text", "text": "What is *this*?"}, IMAGE]), reply(MARKDOWN)]
    path = tmp_path / "conversation.html"
    path.write_text(export_html(CONVERSATION, branch, {"run": RUN}, {}, UTC), encoding="utf-8")

    offline_phone.goto(path.as_uri())

    image = offline_phone.get_by_role("img", name="Attached image")
    assert image.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1, 1]
    expect(offline_phone.get_by_role("region", name="Table").get_by_role("cell").last).to_have_text("0.2 s")
    fraction = offline_phone.locator("mfrac")
    # The numerator is above the denominator: the browser has drawn a formula and not its letters.
    tops = fraction.evaluate("element => [...element.children].map((e) => e.getBoundingClientRect().top)")
    assert tops[0] < tops[1]
    assert offline_phone.evaluate("document.documentElement.scrollWidth") == 390
    offline_phone.get_by_text("Parameters").click()
    assert serious_violations(offline_phone) == []
