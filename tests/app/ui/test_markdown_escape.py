"""Texts of others inside Streamlit's Markdown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.ui.markdown_escape import escape_markdown
from tests.app.conftest import OpenPage

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("**b** <i>", r"\*\*b\*\* \<i\>"),
        ("$x$", r"\$x\$"),
        (":material/home:", "\\:\N{WORD JOINER}material\\/home\\:"),
        ("two\n\n# lines", r"two \# lines"),
        ("안녕하세요", "안녕하세요"),
    ],
    ids=["emphasis and HTML", "formula", "icon", "lines", "Korean"],
)
def test_escapes_markup(text: str, written: str) -> None:
    assert escape_markdown(text) == written


@given(st.text())
def test_leaves_no_sign_that_could_begin_markup(text: str) -> None:
    assert not re.search(r"[!-/:-@\[-`{-~]", _ESCAPED.sub("", escape_markdown(text)))


@given(st.text())
def test_changes_nothing_that_can_be_seen(text: str) -> None:
    seen = _ESCAPED.sub(r"\1", escape_markdown(text)).replace("\N{WORD JOINER}", "")

    assert seen == " ".join(text.split()).replace("\N{WORD JOINER}", "")


def test_draws_a_model_without_a_price_as_it_is_called() -> None:
    def costs() -> None:
        from components.tokens.costs import costs_panel
        from core.tokens.analysis import EncodingOptions, analyse

        costs_panel(analyse("text", "hello", EncodingOptions("nobody-*1*")))

    page = AppTest.from_function(costs, default_timeout=60).run()

    assert r"known for nobody\-\*1\*." in " ".join(caption.value for caption in page.caption)


def test_draws_a_model_that_sees_nothing_as_it_is_called() -> None:
    def warn() -> None:
        from components.vision.preview import warn_if_no_image_support

        warn_if_no_image_support("ft:gpt-3.5-turbo:*us*")

    page = AppTest.from_function(warn).run()

    assert r"turbo\:\*us\* does not take images" in page.warning[0].value


def test_draws_the_model_that_sees_as_it_is_called(open_page: OpenPage) -> None:
    page = open_page("vision")

    page.sidebar.selectbox(key="model").set_value("gpt-4o").run()

    assert r"for gpt\-4o. Estimated" in " ".join(caption.value for caption in page.caption)
