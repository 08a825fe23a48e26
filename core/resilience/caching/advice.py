"""Advice on a request: which part keeps the rest of it from being cached, and what moving it would save."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.json_values import json_objects
from core.models.catalog import get_model
from core.pricing.prices import price_of

# What differs from call to call: dates, times, UUIDs, long numbers such as Unix times and ids.
_CHANGING = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?|\b\d{1,2}:\d{2}(?::\d{2})?\b"
    r"|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b\d{9,}\b",
    re.IGNORECASE,
)
_STEP = 128  # tokens by which a cached prefix grows
DEFAULT_MINIMUM = 1_024
_CALLS = 1_000


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
    tokens = [count(text) for _, text in parts]
    total = sum(tokens)
    change = next(
        ((index, match) for index, (_, text) in enumerate(parts) if (match := _CHANGING.search(text))), None
    )
    after = _cacheable(total, minimum)
    if after == 0:
        text = (
            f"About {total:,} tokens come before the last message, and caching begins at {minimum:,}. "
            "Add examples or documents there only if they help the reply."
        )
        return CacheAdvice(text, 0, 0)
    if change is None:
        text = (
            f"About {after:,} tokens come before the last message and look the same in each call. "
            "Keep their order, and send them often: an unused prefix expires after 5 to 10 minutes."
        )
        return CacheAdvice(text, after, after)
    index, match = change
    name, text = parts[index]
    now = min(after, _cacheable(sum(tokens[:index]) + count(text[: match.start()]), minimum))
    advice = (
        f"“{match.group()[:40]}” in {name} probably changes from call to call, and nothing after it is "
        "cached. Move it to the last message."
    )
    return CacheAdvice(advice, now, after, _saving(after - now, model_id))


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


def _saving(tokens: int, model_id: str) -> Decimal | None:
    price = price_of(model_id, datetime.now(UTC))
    return None if price is None else tokens * (price.input - price.cached) * _CALLS / 1_000_000
