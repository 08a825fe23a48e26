"""Differences of texts, word by word."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.text_diff import TextDiff, diff_words


def changed(diff: TextDiff) -> tuple[list[str], list[str]]:
    return (
        [span.text for span in diff.before if span.changed],
        [span.text for span in diff.after if span.changed],
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("The cat sat.", "The dog sat.", (["cat"], ["dog"])),
        ("The cat sat.", "The  cat\nsat.", ([], [])),
        ("The cat", "The cat sat.", ([], ["sat."])),
        ("서울은 큰 도시입니다.", "부산은 큰 항구 도시입니다.", (["서울은"], ["부산은", "항구"])),
        ("東京は大きい", "京都は大きい", (["東"], ["都"])),
        ("It costs $5.", "It costs $7.", (["5"], ["7"])),
        ("", "All new", ([], ["All new"])),
        ("", "", ([], [])),
    ],
)
def test_marks_the_words_that_changed(before: str, after: str, expected: tuple[list[str], list[str]]) -> None:
    assert changed(diff_words(before, after)) == expected


@given(st.text(max_size=300), st.text(max_size=300))
def test_contains_both_texts_whole(before: str, after: str) -> None:
    diff = diff_words(before, after)

    assert "".join(span.text for span in diff.before) == before
    assert "".join(span.text for span in diff.after) == after
    assert 0 <= diff.equal_share <= 1


@given(st.text())
def test_finds_no_difference_between_equal_texts(text: str) -> None:
    diff = diff_words(text, text)

    assert changed(diff) == ([], [])
    assert diff.equal_share == 1


def test_compares_long_texts_by_paragraph_in_time() -> None:
    lines = [f"Line {number} has some words, and the number {number * 7}." for number in range(2_000)]
    edited = [*lines[:1_000], "Line 1000 has other words, and the number 7000.", *lines[1_001:]]
    started = time.process_time()

    diff = diff_words("\n".join(lines), "\n".join(edited))

    assert changed(diff) == (["some"], ["other"])
    assert time.process_time() - started < 5


def test_gives_up_on_words_of_a_paragraph_that_is_too_long() -> None:
    diff = diff_words("a " * 5_000, "b " * 5_000)

    assert diff.equal_share == 0
