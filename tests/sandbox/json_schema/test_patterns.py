"""The regular expressions of `pattern`: the same matches as Python's, in bounded time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.json_schema.pattern_parser import UnsupportedPattern
from core.sandbox.json_schema.patterns import parse_pattern

PATTERNS = [
    "",
    "a",
    "^a$",
    "a|b|",
    "(ab)+c?",
    "^(?:a|bc){2,3}$",
    "[a-c]*b",
    "[^a]b",
    r"^\d{3}-\d{4}$",
    r"\w+\s\w+",
    r"^[\w.+-]+@[a-z]+\.com$",
    "a{2,}b",
    r"^\S*$",
    "[]a]",
    r"[\d-]+",
    "(?P<name>a)b*?",
    r"\u0061\x62",
    "가|나+",
    "^.{2}$",
    r"\D\W",
]


@pytest.mark.parametrize("source", PATTERNS)
def test_matches_its_own_sample(source: str) -> None:
    assert re.search(source, parse_pattern(source).sample())


@given(
    source=st.sampled_from(PATTERNS),
    text=st.text("abc01-@. 가나m", max_size=8),
)
def test_matches_what_re_matches(source: str, text: str) -> None:
    pattern = parse_pattern(source)
    assert pattern.matches(text) == bool(re.search(source, text))
    assert pattern.fullmatches(text) == bool(re.fullmatch(source, text))


@pytest.mark.parametrize(
    "source",
    [
        "(",
        ")",
        "[",
        "*a",
        "a{3,1}",
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        r"(a)\1",
        r"\p{L}",
        "\\",
        "a^b",
        "[z-a]",
        "^*",
        "a" * 3_000,
        "(" * 100 + ")" * 100,
        "(a{1000}){1000}",
    ],
)
def test_rejects(source: str) -> None:
    with pytest.raises(UnsupportedPattern):
        parse_pattern(source)


@given(st.text("ab()[]{}|*+?^$\\.-,0123456789dws", max_size=12))
def test_parses_or_rejects_any_text(source: str) -> None:
    try:
        pattern = parse_pattern(source)
    except UnsupportedPattern:
        return
    assert pattern.matches(pattern.sample())


def test_has_no_exponential_time() -> None:
    # Python's re takes longer than the age of the universe for this.
    assert not parse_pattern("^(a+)+$").matches("a" * 100 + "b")
    assert not parse_pattern("^(a|a)*$").matches("a" * 300 + "b")
