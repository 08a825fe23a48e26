"""What differs between two texts, word by word, whatever the language and the layout."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Korean words are separated by spaces, as English ones are; Chinese and Japanese are compared by character.
_CHARACTER = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CHARACTER}]|[^\W{_CHARACTER}]+|[^\w\s]")
# Comparing words takes time with the square of their number, so long texts are compared by paragraph first.
_MAX_WORDS = 1_500

Ranges = Iterator[tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class DiffSpan:
    """A part of a text, and whether the other text has something else in its place."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class TextDiff:
    """The two texts as spans, and the share of their words that is equal, from 0 to 1."""

    before: tuple[DiffSpan, ...]
    after: tuple[DiffSpan, ...]
    equal_share: float


def diff_words(before: str, after: str) -> TextDiff:
    """Compare the words of two texts. White space is never a change."""
    a, b = list(_WORD.finditer(before)), list(_WORD.finditer(after))
    a_words, b_words = [word[0] for word in a], [word[0] for word in b]
    if len(a) + len(b) > 2 * _MAX_WORDS:
        ranges = _changes_by_paragraph(before, after, a, b)
    else:
        ranges = _changes(a_words, b_words)
    changes = list(ranges)
    changed = sum(a_end - a_start + b_end - b_start for a_start, a_end, b_start, b_end in changes)
    words = len(a) + len(b)
    return TextDiff(
        _spans(before, [(a[start].start(), a[end - 1].end()) for start, end, _, _ in changes if end > start]),
        _spans(after, [(b[start].start(), b[end - 1].end()) for _, _, start, end in changes if end > start]),
        1 - changed / words if words else 1.0,
    )


def _changes(a: Sequence[str], b: Sequence[str]) -> Ranges:
    """Yield the ranges of *a* and *b* that differ."""
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    for tag, a_start, a_end, b_start, b_end in matcher.get_opcodes():
        if tag != "equal":
            yield a_start, a_end, b_start, b_end


def _changes_by_paragraph(
    before: str, after: str, a: Sequence[re.Match[str]], b: Sequence[re.Match[str]]
) -> Ranges:
    """Yield the ranges of words that differ, of paragraphs that differ."""
    a_lines, b_lines = _lines(before, a), _lines(after, b)
    for a_start, a_end, b_start, b_end in _changes(
        [" ".join(word[0] for word in line) for line in a_lines],
        [" ".join(word[0] for word in line) for line in b_lines],
    ):
        a_offset, b_offset = (
            sum(len(line) for line in a_lines[:a_start]),
            sum(len(line) for line in b_lines[:b_start]),
        )
        a_words = [word[0] for line in a_lines[a_start:a_end] for word in line]
        b_words = [word[0] for line in b_lines[b_start:b_end] for word in line]
        if len(a_words) + len(b_words) > 2 * _MAX_WORDS:
            yield a_offset, a_offset + len(a_words), b_offset, b_offset + len(b_words)
            continue
        for first, last, other_first, other_last in _changes(a_words, b_words):
            yield a_offset + first, a_offset + last, b_offset + other_first, b_offset + other_last


def _lines(text: str, words: Sequence[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Return the *words* of each line of *text* that has some."""
    lines: list[list[re.Match[str]]] = []
    end = -1
    for word in words:
        if word.start() > end:
            lines.append([])
            end = text.find("\n", word.start())
            end = len(text) if end < 0 else end
        lines[-1].append(word)
    return lines


def _spans(text: str, changed: Sequence[tuple[int, int]]) -> tuple[DiffSpan, ...]:
    """Return *text* as spans, of which those at *changed* are."""
    spans = []
    position = 0
    for start, end in changed:
        spans += [DiffSpan(text[position:start], False), DiffSpan(text[start:end], True)]
        position = end
    spans.append(DiffSpan(text[position:], False))
    return tuple(span for span in spans if span.text)
