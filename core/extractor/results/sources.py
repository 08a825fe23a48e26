"""Where the values of an extraction occur in its text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_QUOTE_START = re.compile(r"(?<=[.!?。！？:：])\s+|\n+")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MAX_VALUES = 500
_MAX_TEXT = 200_000
_MIN_QUOTED = 12
_MAX_FORMS = 5  # of a text, each of which is a search in the whole document


@dataclass(frozen=True, slots=True)
class ValueSource:
    """A value with the sentence that contains it, and its place in the sentence.

    *sentence* is empty if the text does not contain the value, so it is derived or invented.
    """

    path: tuple[str | int, ...]
    value: Any
    sentence: str = ""
    start: int = 0
    end: int = 0


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield each single value inside *value* with its path; an empty list or object is a single value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list) or not value:
        yield path, value
    for step, item in items:
        yield from leaves(item, (*path, step))


def find_sources(value: Any, text: str) -> list[ValueSource]:
    """Return the single values inside *value* with the first sentence of *text* that contains each.

    The sentences are composed (NFC): a text of macOS can consist of the parts of the Hangul syllables.
    """
    index = _TextIndex(normalize("NFC", text[:_MAX_TEXT]))
    sources = []
    for number, (path, leaf) in enumerate(leaves(value)):
        place = index.find(leaf) if number < _MAX_VALUES else None
        sources.append(ValueSource(path, leaf, *place) if place else ValueSource(path, leaf))
    return sources


@dataclass(slots=True)
class _TextIndex:
    """A text that is searched for many values: its sentences and numbers by position."""

    text: str
    folded: str = field(init=False)
    starts: list[int] = field(init=False)
    ends: list[int] = field(init=False)
    numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.folded = _fold(self.text)
        separators = [match.span() for match in _SENTENCE_END.finditer(self.text)]
        self.starts = [0, *(end for _start, end in separators)]
        self.ends = [*(start for start, _end in separators), len(self.text)]
        self.numbers = {}
        for match in _NUMBER.finditer(self.text):
            self.numbers.setdefault(match.group(), match.start())

    def find(self, value: Any) -> tuple[str, int, int] | None:
        """Return the first sentence that contains *value*, and the place of the value in it."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        for form in _written_numbers(value) if is_number else _quoted_forms(value):
            # A number must not be a part of a longer one.
            position = self.numbers.get(form, -1) if is_number else self.folded.find(_fold(form))
            if position >= 0:
                number = bisect_right(self.starts, position) - 1
                start, end = self.starts[number], self.ends[number]
                # A long value spans several sentences; the first of them is shown.
                return self.text[start:end], position - start, min(position + len(form), end) - start
        return None


def _fold(text: str) -> str:
    """Return *text* without case, in the same length, so that positions are the same."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(lower if len(lower := character.casefold()) == 1 else character for character in text)


def _quoted_forms(value: Any) -> list[str]:
    """Return how a document can contain a text: only some of its sentences, or a date written in Korean."""
    if not isinstance(value, str) or not value.strip():
        return []
    text = normalize("NFC", value.strip())
    if date := _ISO_DATE.fullmatch(text):
        year, month, day = map(int, date.groups())
        dates = f"{year}년 {month}월 {day}일", f"{year}년 {month:02}월 {day:02}일"
        # Texts write dates with and without leading zeros, and with and without spaces.
        forms = [form for date in dates for form in (date, date.replace(" ", ""))]
        return [text, *dict.fromkeys(forms)]
    first = _SENTENCE_END.split(text, maxsplit=1)[0]
    # A part that is short can occur by chance.
    quotes = [part for part in _QUOTE_START.split(text)[1:] if len(part) >= _MIN_QUOTED]
    return list(dict.fromkeys((text, first, *quotes)))[:_MAX_FORMS]


def _written_numbers(value: int | float) -> list[str]:
    """Return how a text can write *value*, without its sign."""
    value = abs(value)
    if isinstance(value, float) and not value.is_integer():
        return list(dict.fromkeys((f"{value}", f"{value:.2f}", f"{value:,.2f}")))
    number = int(value) if value < 1e15 else value
    return list(
        dict.fromkeys((f"{number}", f"{number:,}", f"{number:,}.00", f"{number}.00", f"{number:.1f}"))
    )
