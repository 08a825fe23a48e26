"""Parse the response of an embeddings endpoint, including what servers do differently from OpenAI's."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.embeddings.vectors import Matrix
from core.errors.response import describe_body
from core.errors.types import NotOpenAICompatible, PlaygroundError, StreamError
from core.json_values import parse_json, storable_json, storable_text
from core.pricing.usage import Usage

_PREVIEW_NUMBERS = 8
_PREVIEW_VECTORS = 3


@dataclass(frozen=True, slots=True)
class EmbeddingResponse:
    """The vectors in the order of the inputs, the usage if reported, and the body with truncated vectors."""

    vectors: Matrix
    usage: Usage | None
    model: str
    preview: dict[str, Any]


def parse_response(body: bytes, input_count: int) -> EmbeddingResponse:
    """Parse the response to *input_count* inputs. Raises PlaygroundError if it is invalid."""
    response = _parse_json(body)
    data = response["data"]
    if len(data) != input_count:
        raise PlaygroundError(
            f"The server returned {len(data):,} embeddings for {input_count:,} texts",
            "They cannot be matched to the texts. Try fewer texts, or another server.",
        )
    vectors = [_parse_vector(entry) for entry in _sort_by_index(data)]
    lengths = sorted({len(vector) for vector in vectors})
    if len(lengths) > 1:
        raise PlaygroundError(
            f"The server returned embeddings of different lengths: {', '.join(map(str, lengths[:4]))}",
            "Embeddings can be compared only if they have the same length. Try another model.",
        )
    return EmbeddingResponse(
        np.stack(vectors).astype(np.float32),
        Usage.of(response.get("usage")),
        storable_text(str(response.get("model") or "")),
        storable_json({**response, "data": _preview(data, lengths[0])}),
    )


def _parse_json(body: bytes) -> dict[str, Any]:
    try:
        response = parse_json(body)
    except ValueError:
        message = "The server returned HTML or text instead of JSON"
        detail = describe_body(body[:4_000].decode("utf-8", "replace"))
        raise NotOpenAICompatible(message, detail=detail) from None
    # Some servers report an error with status 200.
    if isinstance(response, dict) and response.get("error"):
        error = response["error"]
        raise StreamError(str(error.get("message") if isinstance(error, dict) else error)[:300])
    if not isinstance(response, dict) or not isinstance(response.get("data"), list):
        raise NotOpenAICompatible("The server answered with JSON that is not a list of embeddings")
    return response


def _sort_by_index(data: Sequence[Any]) -> list[Any]:
    if not all(isinstance(entry, Mapping) for entry in data):
        raise NotOpenAICompatible("The server answered with entries that are not embeddings")
    indices = [entry.get("index") for entry in data]
    # Servers that omit the index, or always send 0, return the embeddings in the order of the inputs.
    if len(data) > 1 and all(index in (None, 0) for index in indices):
        return list(data)
    if sorted(index for index in indices if isinstance(index, int)) != list(range(len(data))):
        raise PlaygroundError(
            "The server returned embeddings with invalid indices",
            "They must be 0, 1, 2 and so on, each once, to match the embeddings to the texts.",
        )
    return sorted(data, key=lambda entry: int(entry["index"]))


def _parse_vector(entry: Mapping[str, Any]) -> Matrix:
    value = entry.get("embedding")
    # Some servers nest the vector; without pooling, llama.cpp returns one for each token.
    if isinstance(value, list) and value and isinstance(value[0], list):
        if len(value) > 1:
            raise PlaygroundError(
                "The server returned one embedding per token instead of one per text",
                "Turn on pooling where the model is served (llama.cpp: --pooling mean).",
            )
        value = value[0]
    if not isinstance(value, list | str) or not value:
        raise PlaygroundError(
            "The server returned an empty embedding", "Check that this is an embedding model."
        )
    if isinstance(value, str):
        return _decode_base64(value)
    try:
        # Servers written in JavaScript send NaN as null.
        return np.array([np.nan if number is None else number for number in value], np.float32)
    except (TypeError, ValueError):
        raise PlaygroundError("The server returned an embedding that is not a list of numbers") from None


def _decode_base64(text: str) -> Matrix:
    """Decode little-endian float32, the format that the SDK requests."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
    except (binascii.Error, ValueError):
        raise PlaygroundError(
            "The server returned an embedding that is not base64 of 32-bit floats", "Try another server."
        ) from None


def _preview(data: Sequence[Mapping[str, Any]], length: int) -> list[Any]:
    """Return the first entries with truncated vectors: all the numbers would be hundreds of megabytes."""
    preview: list[Any] = []
    for entry in data[:_PREVIEW_VECTORS]:
        value = entry.get("embedding")
        if isinstance(value, str):
            value = f"{value[:64]}… ({len(value):,} characters of base64, {length:,} numbers)"
        elif isinstance(value, list) and len(value) > _PREVIEW_NUMBERS:
            value = [*value[:_PREVIEW_NUMBERS], f"… ({length:,} numbers)"]
        preview.append({**entry, "embedding": value})
    if len(data) > len(preview):
        preview.append(f"… and {len(data) - len(preview):,} more embeddings")
    return preview
