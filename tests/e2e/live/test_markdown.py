"""Markdown is drawn as it arrives: finished blocks stay, a frame draws little, the text is complete."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.live.actions import IS_COMPLETE, ask, composer, text_steps, wait_for_end
from tests.e2e.live.stub import LiveStub

DRAW_INCREMENTALLY = Path(__file__).with_name("draw_incrementally.js")
COUNT_DRAWN_TEXT = (Path(__file__).parents[1] / "count_drawn_text.js").read_text()


BLOCKS = [
    "para one\n",
    "para *two*\nnext line\n\n",
    "- a\n",
    "- b\n  - c\n",
    "\n",
    "1. x\n2. y\n\n",
    "word ",
    "# h\n",
    "```python\nx = 1\n\ny\n```\n",
    "~~~\n``` inner\n~~~\n",
    "```\nopen ``` mid\n ```x\n```\n\n",
    "```js\nno end\n",
    "| a | b |\n|---|--:|\n| 1 | 2 |\n",
    "> quote\nlazy\n",
    "Setext\n---\n",
    "***\n",
    "    indented\n\n    more\n",
    "<b>x</b>\n",
    "[l](http://x.y) ![i](http://z)\n",
    "한국어 문장입니다. ",
    "- [x] t\n",
    "Line  \nbreak\n",
    "* * *\n",
    "- i\n" * 60,
    "1. num **b**\n" * 50,
    "- a\n\n  ```py\n  code\n  ```\n\n",
    "so $x_1$ is\n$$\n\\frac{a}{b}\n$$\n",
]


@dataclass(frozen=True, slots=True)
class Shape:
    """A text to repeat, and what drawing it may cost, as multiples of the length of the whole.

    *per_frame* is what one frame may add to the page, *total* what all of them may: an open block is drawn
    again while it grows, and code again when it is coloured.
    """

    text: str
    per_frame: float
    total: float


SHAPES = {
    "paragraph": Shape("word **bold** and `code` ", 1, 15),
    "blocks": Shape("## Head\n\nA line with **bold** text.\n\n- one\n- two\n\n", 0.25, 1.5),
    "list": Shape("- item with **bold** text\n", 0.25, 1.5),
    "code": Shape("    value = compute(value)\n", 2, 3),
}


def test_does_not_redraw_finished_blocks(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["long"] = text_steps(
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


def test_draws_streamed_text_like_complete_text(page: Page, url: str) -> None:
    """For any pieces; only the spacing of lists and the boundaries of text nodes may differ."""
    page.goto(url)

    assert page.evaluate(DRAW_INCREMENTALLY.read_text(), BLOCKS) == []


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ('이것은 **"중요"**합니다', '"중요"'),
        ("함수는**(중요)** 먼저", "(중요)"),
        ("这是**“重点”**的", "“重点”"),
        ("plain **bold** word", "bold"),
    ],
    ids=["Korean closing", "Korean opening", "Chinese", "Latin"],
)
def test_finds_emphasis_between_words_without_spaces(
    page: Page, url: str, stub: LiveStub, text: str, bold: str
) -> None:
    stub.scripts["go"] = text_steps(text)
    page.goto(url)
    reply = ask(page, "go")

    expect(reply.locator("strong")).to_have_text(bold)


def test_draws_formulas_and_leaves_prices_and_what_is_not_tex(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["go"] = text_steps(
        "So $x", "_1 =", r" \frac{1}{2}$ costs $5 or $6.", "\n\n$$\n\\badcommand{x}\n$$\n\n$$\na^2\n$$"
    )
    page.goto(url)
    reply = ask(page, "go")

    expect(reply.locator("p math mfrac")).to_be_visible()
    expect(reply.locator("math[display=block] msup")).to_be_visible()
    expect(reply.locator("code.math-block")).to_have_text(r"\badcommand{x}")
    expect(reply.locator("p").first).to_contain_text("costs $5 or $6.")


def test_stays_responsive_when_one_token_is_3_megabytes(page: Page, url: str, stub: LiveStub) -> None:
    stub.scripts["huge"] = text_steps("lorem ipsum " * 260_000, "LAST")
    page.goto(url)
    page.locator(".list").evaluate(COUNT_DRAWN_TEXT)

    ask(page, "huge")
    composer(page).press_sequentially("still here")
    page.wait_for_function(IS_COMPLETE, arg=0)
    assert page.evaluate("window.drawn.largestFrame") < 1_000_000
    page.reload()

    expect(page.locator("article .body").last).to_contain_text("LAST")


@pytest.mark.parametrize("name", SHAPES)
def test_draws_a_little_of_8000_tokens_in_each_frame(page: Page, url: str, stub: LiveStub, name: str) -> None:
    shape = SHAPES[name]
    words = [f" {word}" for word in (shape.text * 3000).split(" ")][:8000]
    start = ["```python\n"] if name == "code" else []
    stub.scripts["burst"] = text_steps(*start, *words, "\n\n" * (name != "code"), "LAST")
    page.goto(url)
    page.locator(".list").evaluate(COUNT_DRAWN_TEXT)

    ask(page, "burst")
    page.wait_for_function(IS_COMPLETE, arg=0)

    drawn, length = page.evaluate("window.drawn"), len("".join(words))
    assert drawn["largestFrame"] < shape.per_frame * length
    assert drawn["total"] < shape.total * length
