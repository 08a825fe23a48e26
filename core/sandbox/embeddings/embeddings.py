"""Embedding vectors from text features, by a deterministic random projection."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from core.sandbox.embeddings.text_features import FeatureWeights, extract_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Limits of a batch, whose texts share the random directions of their features.
_MAX_BATCH_TEXTS = 256
_MAX_BATCH_CHARACTERS = 16_384
# Features whose directions are in memory at once: text without known words has about three features a
# character.
_MAX_DIRECTIONS = 2_048
# The variance of dimension 64 is half that of the first one. Thus the first dimensions have most of the
# information, as in models that are trained for truncated vectors.
_HALF_VARIANCE_DIMENSION = 64
# One request at a time: the work holds the interpreter lock, so parallel threads would only block the others.
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class EmbeddingModelSettings:
    """What distinguishes the vectors of one model from those of another.

    *common_weight* is the weight of a feature that every text has. The vectors of older models are close to
    one direction, so that even unrelated texts have a high cosine similarity.
    """

    weights: FeatureWeights
    common_weight: float = 0.0


_DEFAULT_SETTINGS = EmbeddingModelSettings(FeatureWeights(1.1, 0.6))
_SETTINGS = {
    "text-embedding-3-small": _DEFAULT_SETTINGS,
    "text-embedding-3-large": EmbeddingModelSettings(FeatureWeights(1.4, 0.7, ngram=0.45)),
    "text-embedding-ada-002": EmbeddingModelSettings(FeatureWeights(0.6, 0.3), common_weight=3.5),
}


def embed(texts: Sequence[str], family: str, full_dimensions: int, dimensions: int) -> "NDArray[np.float32]":
    """Return a unit vector for each text: the first of the *full_dimensions*, normalised again."""
    import numpy as np

    vectors = np.empty((len(texts), dimensions), np.float32)
    for batch in _batches(texts):
        with _LOCK:
            vectors[batch] = _embed_batch(texts[batch], family, full_dimensions)[:, :dimensions]
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    # With few dimensions, the features of a text can cancel out.
    vectors[norms[:, 0] == 0, 0] = 1.0
    vectors /= np.where(norms == 0, np.float32(1), norms)
    return vectors


def _batches(texts: Sequence[str]) -> Iterator[slice]:
    start, characters = 0, 0
    for index, text in enumerate(texts):
        is_full = index - start == _MAX_BATCH_TEXTS or characters + len(text) > _MAX_BATCH_CHARACTERS
        if index > start and is_full:
            yield slice(start, index)
            start, characters = index, 0
        characters += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def _embed_batch(texts: Sequence[str], family: str, full_dimensions: int) -> "NDArray[np.float32]":
    import numpy as np

    settings = _SETTINGS.get(family, _DEFAULT_SETTINGS)
    features_by_text = [extract_features(text, settings.weights) for text in texts]
    if settings.common_weight:
        for features in features_by_text:
            norm = sum(weight**2 for weight in features.values()) ** 0.5
            features["common"] = settings.common_weight * norm / 2
    names = sorted({name for features in features_by_text for name in features})
    rows = {name: row for row, name in enumerate(names)}
    sorted_features = []
    for features in features_by_text:
        feature_rows = np.fromiter((rows[name] for name in features), np.intp, len(features))
        weights = np.fromiter(features.values(), np.float32, len(features))
        order = np.argsort(feature_rows)
        sorted_features.append((feature_rows[order], weights[order]))
    vectors = np.zeros((len(texts), full_dimensions), np.float32)
    for start in range(0, len(names), _MAX_DIRECTIONS):
        directions = _random_directions(names[start : start + _MAX_DIRECTIONS], family, full_dimensions)
        for vector, (feature_rows, weights) in zip(vectors, sorted_features, strict=True):
            part = slice(*np.searchsorted(feature_rows, (start, start + _MAX_DIRECTIONS)))
            vector += weights[part] @ directions[feature_rows[part] - start].astype(np.float32)
    vectors /= np.sqrt(1 + np.arange(full_dimensions, dtype=np.float32) / _HALF_VARIANCE_DIMENSION)
    return vectors


def _random_directions(names: Sequence[str], family: str, full_dimensions: int) -> "NDArray[np.int8]":
    """Return a row of -1 and 1 for each feature, from a hash of its name: the same in every process."""
    import numpy as np

    size = -(-full_dimensions // 8)
    digests = b"".join(hashlib.shake_128(f"{family}/{name}".encode()).digest(size) for name in names)
    digest_rows = np.frombuffer(digests, np.uint8).reshape(len(names), -1)
    bits = np.unpackbits(digest_rows, axis=1, count=full_dimensions)
    return bits.astype(np.int8) * np.int8(2) - np.int8(1)
