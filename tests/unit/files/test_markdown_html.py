"""Markdown as HTML: no text of a model or a person becomes markup, and what they wrote stays readable."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.markdown_html import markdown_html
from tests.unit.files.test_latex_mathml import TAGS as MATH_TAGS

TAGS = {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "strong", "ul"}
TAGS |= {"div", "figcaption", "figure", "h3", "h4", "h5", "h6"}
TAGS |= {"table", "tbody", "td", "th", "thead", "tr"} | MATH_TAGS
ATTRIBUTES = {"href", "rel", "class", "tabindex", "role", "aria-label", "start"}
ATTRIBUTES |= {"display", "encoding", "movablelimits", "stretchy", "width", "accent", "displaystyle"}
CLASSES = {"left", "center", "right", "math", "scroll"}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<style>*{display:none}</style>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    '[x](https://a.b "onmouseover=alert(1)")',
    '[x](https://a.b/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,AAAA)",
    "[x]: javascript:alert(1)\n\n[x]",
    '```html"><script>alert(1)</script>\ncode\n```',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "|<b>|\n|:-:|\n|<script>|",
    r"\(<script>alert(1)</script>\)",
    "$$\n<img src=x onerror=alert(1)>\n$$",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    '<a href="https://a.b" style="position:fixed">x</a>',
)


class _Checker(HTMLParser):
    """Fails for a tag, an attribute or an address that Markdown does not have."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES
            if name == "href":
                assert re.match(r"(https?://|mailto:)", value or "", re.IGNORECASE)
            if name == "class":
                assert value in CLASSES


def check(html: str) -> None:
    checker = _Checker(convert_charrefs=True)
    checker.feed(html)
    checker.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_has_no_markup_of_the_text(text: str) -> None:
    check(markdown_html(text))


@given(
    st.lists(
        st.sampled_from((*HOSTILE, "\n", "\n\n", "- ", "> ", "    ", "**", "`", "|", "$", "\\(", "</p>"))
    )
)
def test_has_no_markup_of_any_combination(parts: list[str]) -> None:
    check(markdown_html("".join(parts)))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("# a", "<h3>a</h3>\n", id="a heading is below those of the page"),
        pytest.param("###### a", "<h6>a</h6>\n", id="the lowest heading"),
        pytest.param("a\nb", "<p>a<br>\nb</p>\n", id="a line break"),
        pytest.param("~~a~~", "<p><s>a</s></p>\n", id="strikethrough"),
        pytest.param(
            '그는 **"말"**은', "<p>그는 <strong>&quot;말&quot;</strong>은</p>\n", id="bold before a particle"
        ),
        pytest.param("*「a」*は", "<p><em>「a」</em>は</p>\n", id="emphasis before a particle"),
        pytest.param("<b>", "<p>&lt;b&gt;</p>\n", id="a tag"),
        pytest.param(
            "```py\na < b\n```",
            '<figure><figcaption>py</figcaption><pre tabindex="0"><code>a &lt; b\n</code></pre></figure>\n',
            id="code with a language",
        ),
        pytest.param(
            "    a", '<figure><pre tabindex="0"><code>a\n</code></pre></figure>\n', id="indented code"
        ),
        pytest.param(
            r"\(\x_1*b*\)", r'<p><code class="math">\(\x_1*b*\)</code></p>' + "\n", id="unknown command"
        ),
        pytest.param(
            r"$\x_1$", r'<p><code class="math">$\x_1$</code></p>' + "\n", id="unknown command in dollars"
        ),
        pytest.param("$5 to $10, or 5$", "<p>$5 to $10, or 5$</p>\n", id="amounts"),
        pytest.param(r"`\(x\)`", r"<p><code>\(x\)</code></p>" + "\n", id="code with a formula"),
        pytest.param(
            "x\n\\[\n\\x\n= b\n\\]\ny",
            '<p>x</p>\n<pre class="math" tabindex="0">\\[\n\\x\n= b\n\\]</pre>\n<p>y</p>\n',
            id="a formula of several lines",
        ),
        pytest.param("\\[\nopen", "<p>[<br>\nopen</p>\n", id="a formula without an end"),
    ],
)
def test_renders_markdown(text: str, html: str) -> None:
    assert markdown_html(text) == html


def test_renders_a_table_that_can_be_scrolled_by_keyboard() -> None:
    html = markdown_html("|a|b|\n|-|-:|\n|1|2|")

    assert html.startswith('<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>')
    assert '<td class="right">2</td>' in html


@pytest.mark.parametrize("text", [r"\(a_1*b*c\)", "$a_1*b*c$", r"\[a_1*b*c\]", "$$\na_1*b*c\n$$"])
def test_renders_a_formula_as_mathml(text: str) -> None:
    html = markdown_html(f"Look:\n{text}")

    assert "<msub><mi>a</mi><mn>1</mn></msub><mo>∗</mo><mi>b</mi>" in html
    assert "<em>" not in html
    check(html)


def test_renders_an_image_as_a_link() -> None:
    html = markdown_html("![A *chart*](https://a.b/c.png)")

    assert '<a href="https://a.b/c.png" rel="noopener noreferrer nofollow">A chart ' in html


@pytest.mark.parametrize("text", ["![", "\\[\n", "*a", "[", "\\("])
def test_takes_seconds_for_a_text_made_to_take_long(text: str) -> None:
    started = time.process_time()

    markdown_html(text * (20_000 // len(text)))

    assert time.process_time() - started < 5


def test_shows_a_very_long_text_as_it_is() -> None:
    assert markdown_html("**<b>**" * 20_000).startswith('<pre tabindex="0">**&lt;b&gt;**')
