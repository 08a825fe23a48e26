"""The reply of an embeddings endpoint as a matrix, whatever form the server gave it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from core.embeddings.vectors import Matrix
from core.errors.types import NotOpenAICompatible, PlaygroundError, StreamError
from core.pricing.usage import Usage

_SHOWN_NUMBERS = 8
_SHOWN_VECTORS = 3


@dataclass(frozen=True, slots=True)
class EmbeddingResponse:
    """The vectors in the order of the inputs, the usage if told, and the body cut to what a person reads."""

    vectors: Matrix
    usage: Usage | None
    model: str
    preview: dict[str, Any]


def parse_response(body: bytes, inputs: int) -> EmbeddingResponse:
    """Read *body*, the reply to so many *inputs*. Raises PlaygroundError that says what is odd about it."""
    reply = _parsed(body)
    rows = _rows(reply["data"], inputs)
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise PlaygroundError(
            f"The server sent vectors of different lengths: {_listed(lengths)}",
            "Vectors can be compared only if they are equally long. Try another model.",
        )
    return EmbeddingResponse(
        np.stack(rows).astype(np.float32),
        Usage.of(reply.get("usage")),
        str(reply.get("model") or ""),
        _outline(reply, lengths.pop()),
    )


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotOpenAICompatible("The server answered with a page, not with JSON") from None
    if isinstance(reply, dict) and reply.get("error"):
        error = reply["error"]
        raise StreamError(str(error.get("message") if isinstance(error, dict) else error)[:300])
    if not isinstance(reply, dict) or not isinstance(reply.get("data"), list):
        raise NotOpenAICompatible("The server answered with JSON that is not a list of embeddings")
    return reply


def _rows(data: Sequence[Any], inputs: int) -> list[Matrix]:
    if len(data) != inputs:
        raise PlaygroundError(
            f"The server sent {len(data):,} vectors for {inputs:,} texts",
            "Which vector belongs to which text cannot be told. Try fewer texts, or another server.",
        )
    return [_vector(entry) for entry in _in_order(data)]


def _in_order(data: Sequence[Any]) -> list[Any]:
    """Sort by `index`; a server that leaves it out, or always says 0, is taken to keep the order."""
    if not all(isinstance(entry, Mapping) for entry in data):
        raise NotOpenAICompatible("The server answered with entries that are not embeddings")
    places = [entry.get("index") for entry in data]
    if len(data) > 1 and all(place in (None, 0) for place in places):
        return list(data)
    if sorted(place for place in places if isinstance(place, int)) != list(range(len(data))):
        raise PlaygroundError(
            "The server numbered its vectors wrongly",
            "Each index from 0 on must come once; which vector belongs to which text cannot be told.",
        )
    return sorted(data, key=lambda entry: int(entry["index"]))


def _vector(entry: Mapping[str, Any]) -> Matrix:
    value = entry.get("embedding")
    if isinstance(value, str):
        return _from_base64(value)
    if isinstance(value, list) and value and isinstance(value[0], list):
        if len(value) > 1:
            raise PlaygroundError(
                "The server sent a vector for every token instead of one for the text",
                "Turn on pooling where the model is served (llama.cpp: --pooling mean).",
            )
        value = value[0]
    if not isinstance(value, list) or not value:
        raise PlaygroundError("The server sent an empty embedding", "Is this a model that embeds?")
    try:
        # Servers written in JavaScript send what is no number as null.
        return np.array([np.nan if number is None else number for number in value], np.float32)
    except (TypeError, ValueError):
        raise PlaygroundError("The server sent an embedding that is not made of numbers") from None


def _from_base64(text: str) -> Matrix:
    """Decode little-endian float32, the form that the SDK asks for."""
    try:
        found = np.frombuffer(base64.b64decode(text, validate=True), "<f4")
    except (binascii.Error, ValueError):
        raise PlaygroundError(
            "An embedding came as text that is not base64 of 32-bit numbers", "Try another server."
        ) from None
    if not len(found):
        raise PlaygroundError("The server sent an empty embedding", "Is this a model that embeds?")
    return found.astype(np.float32)


def _outline(reply: Mapping[str, Any], length: int) -> dict[str, Any]:
    """Keep the reply without its numbers, save the first few of the first vectors."""
    shown = [_shown(entry, length) for entry in reply["data"][:_SHOWN_VECTORS]]
    left = len(reply["data"]) - len(shown)
    return {**reply, "data": [*shown, f"… and {left:,} more vectors"] if left else shown}


def _shown(entry: Mapping[str, Any], length: int) -> dict[str, Any]:
    value = entry.get("embedding")
    if isinstance(value, str):
        return {
            **entry,
            "embedding": f"{value[:64]}… ({len(value):,} characters of base64, {length:,} numbers)",
        }
    if isinstance(value, list) and len(value) > _SHOWN_NUMBERS:
        return {**entry, "embedding": [*value[:_SHOWN_NUMBERS], f"… ({length:,} numbers)"]}
    return dict(entry)


def _listed(lengths: set[int]) -> str:
    return ", ".join(str(length) for length in sorted(lengths)[:4])
