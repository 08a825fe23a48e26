"""Untrusted text inside Streamlit's Markdown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.ui.markdown_escape import escape_markdown
from tests.app.conftest import OpenPage, select_model

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("**b** <i>", r"\*\*b\*\* \<i\>"),
        ("$x$", r"\$x\$"),
        (":material/home:", "\\:\N{WORD JOINER}material\\/home\\:"),
        ("two\n\n# lines", r"two \# lines"),
        ("안녕하세요", "안녕하세요"),
    ],
    ids=["emphasis and HTML", "formula", "icon", "lines", "Korean"],
)
def test_escapes_markup(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


@given(st.text())
def test_leaves_no_unescaped_punctuation(text: str) -> None:
    assert not re.search(r"[!-/:-@\[-`{-~]", _ESCAPED.sub("", escape_markdown(text)))


@given(st.text())
def test_keeps_the_visible_text(text: str) -> None:
    visible = _ESCAPED.sub(r"\1", escape_markdown(text)).replace("\N{WORD JOINER}", "")

    assert visible == " ".join(text.split()).replace("\N{WORD JOINER}", "")


def test_escapes_a_model_id_without_a_price() -> None:
    def costs() -> None:
        from components.tokens.costs import costs_panel
        from core.token_analysis.analysis import EncodingOptions, analyse

        costs_panel(analyse("text", "hello", EncodingOptions("nobody-*1*")))

    page = AppTest.from_function(costs, default_timeout=60).run()

    assert r"known for nobody\-\*1\*." in " ".join(caption.value for caption in page.caption)


def test_escapes_a_model_id_without_image_support() -> None:
    def warn() -> None:
        from components.vision.preview import warn_if_no_image_support

        warn_if_no_image_support("ft:gpt-3.5-turbo:*us*")

    page = AppTest.from_function(warn, default_timeout=30).run()

    assert r"turbo\:\*us\* does not support images" in page.warning[0].value


def test_escapes_a_model_id_with_image_support(open_page: OpenPage) -> None:
    page = open_page("vision")

    select_model(page, "gpt-4o")

    assert r"Estimate for gpt\-4o, at the list price" in " ".join(caption.value for caption in page.caption)
