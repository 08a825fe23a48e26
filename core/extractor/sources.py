"""Where the values of an extraction occur in its text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_MAX_VALUES = 500
_MAX_TEXT = 200_000
_MIN_QUOTED = 12


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
    """Return the single values inside *value* with the first sentence of *text* that contains each."""
    sentences = [sentence for sentence in _SENTENCE_END.split(text[:_MAX_TEXT]) if sentence.strip()]
    sources = []
    for number, (path, leaf) in enumerate(leaves(value)):
        source = _find(path, leaf, sentences) if number < _MAX_VALUES else None
        sources.append(source or ValueSource(path, leaf))
    return sources


def _find(path: tuple[str | int, ...], value: Any, sentences: list[str]) -> ValueSource | None:
    for form in _written_forms(value):
        for sentence in sentences:
            start = _position(form, sentence, whole=not isinstance(value, str))
            if start >= 0:
                # A long value spans several sentences; its beginning is what was found.
                return ValueSource(path, value, sentence, start, min(start + len(form), len(sentence)))
    quoted = (sentence for sentence in sentences if isinstance(value, str) and sentence.strip() in value)
    # A value of several sentences: the first of them, unless it is so short that it occurs by chance.
    first = next((sentence for sentence in quoted if len(sentence) >= _MIN_QUOTED), None)
    return ValueSource(path, value, first, 0, len(first)) if first else None


def _position(form: str, sentence: str, whole: bool) -> int:
    """Return where *form* begins in *sentence*, -1 if nowhere; a number must not be part of a longer one."""
    start = sentence.casefold().find(form.casefold())
    while start >= 0 and whole and _is_part_of_number(sentence, start, start + len(form)):
        start = sentence.find(form, start + 1)
    return start if len(sentence.casefold()) == len(sentence) else (0 if start >= 0 else -1)


def _is_part_of_number(sentence: str, start: int, end: int) -> bool:
    before, after = sentence[max(0, start - 2) : start], sentence[end : end + 2]
    return bool(re.search(r"\d[.,]?$", before) or re.match(r"[.,]?\d", after))


def _written_forms(value: Any) -> list[str]:
    """Return how a text can write *value*."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return []
    if isinstance(value, str):
        text = value.strip()
        first_sentence = _SENTENCE_END.split(text)[0]
        return list(dict.fromkeys(form for form in (text, first_sentence) if form))
    if isinstance(value, float) and not value.is_integer():
        return list(dict.fromkeys((f"{value}", f"{value:.2f}", f"{value:,.2f}")))
    number = int(value) if abs(value) < 1e15 else value
    return list(
        dict.fromkeys((f"{number}", f"{number:,}", f"{number:,}.00", f"{number}.00", f"{number:.1f}"))
    )
