"""Advice on a request: which parts keep the rest of it from being cached, and what moving them would save."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.json_values import json_objects
from core.models.catalog import get_model
from core.pricing.prices import price_of

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
# What differs from call to call: dates and times in English and Korean, UUIDs, hashes and other hexadecimal
# ids, long numbers such as Unix times.
_CHANGING = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?|\d{4}년 ?\d{1,2}월 ?\d{1,2}일"
    rf"|\b{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b|\b\d{{1,2}} {_MONTHS} \d{{4}}\b)"
    r"|(?P<time>\b\d{1,2}:\d{2}(?::\d{2})?\b|\d{1,2}시(?: ?\d{1,2}분)?)"
    r"|(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
    r"|(?P<number>\b\d{9,}\b)|(?P<hex>\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{12,}\b)",
    re.IGNORECASE,
)
# More of a kind in one part are its content, such as a timetable, except after a word for the present.
_MAX_OF_A_KIND = 3
_PRESENT = re.compile(
    r"(?:\b(?:today|now|current|it is|date|time|timestamp)|오늘|현재|지금|시각|날짜)\w{0,2}\W+(?:\w+\W+)?$",
    re.IGNORECASE,
)
_MAX_PRESENT_WORDS = 40
_STEP = 128  # tokens by which a cached prefix grows
DEFAULT_MINIMUM = 1_024
_CALLS = 1_000
_MAX_NAMED = 2


@dataclass(frozen=True, slots=True)
class CacheAdvice:
    """The input tokens of a request that its calls could share, before and after the advice.

    *saving* is in dollars for 1,000 calls at list price; None if there is nothing to save, or no known price.
    """

    text: str
    cached_now: int
    cached_after: int
    saving: Decimal | None = None


def advise(params: Mapping[str, Any], model_id: str, count: Callable[[str], int]) -> CacheAdvice:
    """Say what to change in the request *params* so that the cache takes more of it.

    The last message is assumed to be new in each call. *count* returns the tokens of a text.
    """
    minimum = get_model(model_id).cache_minimum or DEFAULT_MINIMUM
    parts = list(_parts(params))
    total = sum(count(text) for _, text in parts)
    changes = list(_changes(parts, count))
    if _cacheable(total, minimum) == 0:
        text = (
            f"About {total:,} tokens come before the last message, and caching begins at {minimum:,}. "
            "Add examples or documents there only if they help the reply."
        )
        return CacheAdvice(text, 0, 0)
    if not changes:
        after = _cacheable(total, minimum)
        text = (
            f"About {after:,} tokens come before the last message and look the same in each call. "
            "Keep their order, and send them often: an unused prefix expires after 5 to 10 minutes."
        )
        return CacheAdvice(text, after, after)
    now = _cacheable(changes[0].tokens_before, minimum)
    after = max(now, _cacheable(total - sum(change.tokens for change in changes), minimum))
    alone = _cacheable(changes[1].tokens_before - changes[0].tokens, minimum) if len(changes) > 1 else after
    text = f"{_what_changes(changes)} {_what_to_move(len(changes), now, max(now, alone), after)}"
    return CacheAdvice(text, now, after, _saving(after - now, total, model_id))


@dataclass(frozen=True, slots=True)
class _Change:
    """A text in *part* that looks as if it differed from call to call, and the tokens before it."""

    text: str
    part: str
    tokens: int
    tokens_before: int


def _changes(parts: Iterable[tuple[str, str]], count: Callable[[str], int]) -> Iterator[_Change]:
    before = 0
    for part, text in parts:
        position = 0
        matches = list(_CHANGING.finditer(text))
        kinds = Counter(match.lastgroup for match in matches)
        for match in matches:
            preceding = text[max(0, match.start() - _MAX_PRESENT_WORDS) : match.start()]
            if kinds[match.lastgroup] > _MAX_OF_A_KIND and not _PRESENT.search(preceding):
                continue
            # Of the text between two matches only: a long one would otherwise be counted again and again.
            before += count(text[position : match.start()])
            tokens, position = count(match.group()), match.end()
            yield _Change(match.group(), part, tokens, before)
            before += tokens
        before += count(text[position:])


def _what_changes(changes: Sequence[_Change]) -> str:
    names = [f"“{change.text[:40]}” in {change.part}" for change in changes[:_MAX_NAMED]]
    if len(changes) == 1:
        return f"{names[0]} looks as if it changes from call to call: then nothing after it is cached."
    others = len(changes) - len(names)
    listed = ", ".join(names) + f" and {others} more" if others else " and ".join(names)
    return f"{listed} look as if they change from call to call: then nothing after the first is cached."


def _what_to_move(changes: int, now: int, alone: int, after: int) -> str:
    """Say what helps, by the tokens cached now, with the first change moved *alone*, and with all of them."""
    if after == now:
        return "It comes so late that moving it would not let the cache take more."
    if changes == 1:
        return "Move it to the last message."
    if alone == after:
        return "It is enough to move the first to the last message."
    return (
        f"Move all of them to the last message: with only the first moved, the cache takes {alone:,} tokens."
    )


def _cacheable(tokens: int, minimum: int) -> int:
    return tokens // _STEP * _STEP if tokens >= minimum else 0


def _parts(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parts before the last message, in the order of the prompt: tools, schema, messages."""
    for name in ("tools", "response_format"):
        if params.get(name):
            yield name, json.dumps(params[name], ensure_ascii=False)
    for number, message in enumerate(json_objects(params.get("messages"))[:-1], 1):
        content = message.get("content")
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        yield f"message {number}", text


def _saving(tokens: int, total: int, model_id: str) -> Decimal | None:
    price = price_of(model_id, datetime.now(UTC))
    if price is None:
        return None
    rates = price.rates_for(total)
    return tokens * (rates.input - rates.cached) * _CALLS / 1_000_000
