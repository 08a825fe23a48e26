"""Patterns from anyone: what they match, and the bounds of their time and memory."""

import pytest

from core.json_schema.patterns import PatternNotChecked, matches

UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        (r"^\p{Hangul}+$", "한국어", True),
        (UUID, "123e4567-e89b-12d3-a456-426614174000", True),
        ("^.{1,10000}$", "a", True),
        ("^([0-9a-f]{64}[,;]){3}$", f"{'a' * 64};" * 3, True),
        (f"^urn:uuid:{UUID[1:]}", "urn:uuid:123e4567-e89b-12d3-a456-426614174000", True),
        (r"^[(]{2}\(a[]()]{0,3}$", "(((a])", True),
    ],
)
def test_searches_the_text(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text, 5.0) is expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("^(a|a)*$", "takes too long"),
        ("((((a{100}){100}){100}){100}){100}", "too complex"),
        ("a{100000000000}", "too complex"),
        ("(a{1000}[(]){1000}", "too complex"),
        ("(a{1000}(?#()){1000}", "too complex"),
        ("(a{1000}[[:alpha:](]){1000}", "too complex"),
        ("(?V1)(a{1000}[[a](]){1000}", "too complex"),
        (r"(a{1000}\)){1000}", "too complex"),
        (r"((a{1000}b\(|(c[)])){1000}){10}", "too complex"),
        ("(?x)a{1 000 # times\n 000 000}", "too complex"),
        ("(" * 3_000 + ")" * 3_000, "not valid"),
        ("(", "not valid"),
    ],
)
@pytest.mark.parametrize("seconds", [0.1, 0.0, -1.0])
def test_explains_a_pattern_that_cannot_be_applied(pattern: str, reason: str, seconds: float) -> None:
    with pytest.raises(PatternNotChecked, match=reason):
        matches(pattern, "a" * 60 + "!", seconds)
