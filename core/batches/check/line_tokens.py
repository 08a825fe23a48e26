"""Estimate the prompt tokens of a line, whatever its endpoint."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import orjson

from core.batches.check.body_rules import embedding_inputs
from core.batches.limits import CHAT_URL, EMBEDDINGS_URL, RESPONSES_URL
from core.json_values import json_objects
from core.responses.request import chat_params
from core.tokens.context_window import ApiMessage
from core.tokens.encodings import count_tokens, encoding_for_model
from core.tokens.estimate import estimate_tokens, message_counter

_EMPTY_MESSAGE = {"role": "user"}


def line_tokens(body: Mapping[str, Any], url: str) -> int:
    """Return the estimated prompt tokens of a valid *body*. Raises PlaygroundError without a vocabulary."""
    model = str(body.get("model", ""))
    if url == EMBEDDINGS_URL:
        return sum(input_tokens(body))
    if url == CHAT_URL:
        return _chat_tokens(model, json_objects(body.get("messages")), body)
    if url == RESPONSES_URL:
        chat = chat_params(body)
        return _chat_tokens(model, chat["messages"], chat)
    texts = (body.get(name) for name in ("prompt", "input"))
    encoding = encoding_for_model(model).name
    return sum(
        count_tokens(item, encoding)
        for value in texts
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, str)
    )


def input_tokens(body: Mapping[str, Any]) -> list[int]:
    """Return the tokens of each input of an embeddings request."""
    encoding = encoding_for_model(str(body.get("model", ""))).name
    return [
        count_tokens(item, encoding) if isinstance(item, str) else len(item)
        for item in embedding_inputs(body.get("input"))
    ]


def _chat_tokens(model: str, messages: list[ApiMessage], body: Mapping[str, Any]) -> int:
    counter = _cached_counter(model)
    fixed = {name: body[name] for name in ("tools", "response_format") if body.get(name)}
    return _fixed_tokens(model, orjson.dumps(fixed)) + sum(map(counter, messages))


@cache
def _cached_counter(model: str) -> Callable[[ApiMessage], int]:
    return message_counter(model)


@lru_cache(maxsize=16)
def _fixed_tokens(model: str, fixed: bytes) -> int:
    """Count what most lines have in common: tools, schema and reply priming."""
    request = {"model": model, "messages": [_EMPTY_MESSAGE], **orjson.loads(fixed)}
    return estimate_tokens(request).tokens - _cached_counter(model)(_EMPTY_MESSAGE)
