"""Texts of others inside Streamlit's Markdown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.plain import plain

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
    assert plain(text) == written


@given(st.text())
def test_leaves_no_sign_that_could_begin_markup(text: str) -> None:
    assert not re.search(r"[!-/:-@\[-`{-~]", _ESCAPED.sub("", plain(text)))


@given(st.text())
def test_changes_nothing_that_can_be_seen(text: str) -> None:
    seen = _ESCAPED.sub(r"\1", plain(text)).replace("\N{WORD JOINER}", "")

    assert seen == " ".join(text.split()).replace("\N{WORD JOINER}", "")
