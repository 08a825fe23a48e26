"""Vectors from features, by a random projection that every run repeats."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from core.sandbox.embeddings.text_features import FeatureWeights, extract_features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Texts, and characters of all but a single one, whose features are looked up together.
_BLOCK = 256
_CHARACTERS = 16_384
# Features whose signs are in memory at once: every character of odd text can bring some three.
_NAMES = 2_048
# After so many dimensions the later ones have half the variance of the first, and so on: most is said early,
# as in models that are trained to be shortened.
_HALF = 64
# Requests take turns: their threads could only wait for the interpreter, and would hold up everyone else.
_IN_TURN = Lock()


@dataclass(frozen=True, slots=True)
class EmbeddingModelSettings:
    """What makes one model's space differ from another's.

    *common* is the weight of a feature that every text has: the vectors of older models crowd around one
    direction, so that even unrelated texts have a high cosine.
    """

    weights: FeatureWeights
    common_weight: float = 0.0


_DEFAULT = EmbeddingModelSettings(FeatureWeights(1.1, 0.6))
_RECIPES = {
    "text-embedding-3-small": _DEFAULT,
    "text-embedding-3-large": EmbeddingModelSettings(FeatureWeights(1.4, 0.7, part=0.45)),
    "text-embedding-ada-002": EmbeddingModelSettings(FeatureWeights(0.6, 0.3), common_weight=3.5),
}


def embed(texts: Sequence[str], family: str, full_dimensions: int, dimensions: int) -> "NDArray[np.float32]":
    """Return one unit vector a text: the first *dimensions* of the *full* ones, renormalised."""
    import numpy as np

    found = np.empty((len(texts), dimensions), np.float32)
    for part in _blocks(texts):
        with _IN_TURN:
            found[part] = _embed_block(texts[part], family, full_dimensions)[:, :dimensions]
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    found[norms[:, 0] == 0, 0] = 1.0  # signs can cancel out in a handful of dimensions
    found /= np.where(norms == 0, np.float32(1), norms)
    return found


def _blocks(texts: Sequence[str]) -> Iterator[slice]:
    """Divide *texts* into blocks that share their features, and that have few enough to keep."""
    start, characters = 0, 0
    for place, text in enumerate(texts):
        if place > start and (place - start == _BLOCK or characters + len(text) > _CHARACTERS):
            yield slice(start, place)
            start, characters = place, 0
        characters += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def _embed_block(texts: Sequence[str], family: str, full: int) -> "NDArray[np.float32]":
    import numpy as np

    recipe = _RECIPES.get(family, _DEFAULT)
    weighed = [extract_features(text, recipe.weights) for text in texts]
    if recipe.common_weight:
        for one in weighed:
            one["common"] = recipe.common_weight * sum(weight**2 for weight in one.values()) ** 0.5 / 2
    names = sorted({name for one in weighed for name in one})
    rows = {name: row for row, name in enumerate(names)}
    placed = [_placed(one, rows) for one in weighed]
    found = np.zeros((len(texts), full), np.float32)
    for start in range(0, len(names), _NAMES):
        signs = _signs(names[start : start + _NAMES], family, full)
        for row, (places, weights) in enumerate(placed):
            part = slice(*np.searchsorted(places, (start, start + _NAMES)))
            found[row] += weights[part] @ signs[places[part] - start].astype(np.float32)
    found /= np.sqrt(1 + np.arange(full, dtype=np.float32) / _HALF)
    return found


def _placed(
    weighed: Mapping[str, float], rows: Mapping[str, int]
) -> "tuple[NDArray[np.intp], NDArray[np.float32]]":
    """Return the rows of a text's features in rising order, and their weights."""
    import numpy as np

    places = np.fromiter((rows[name] for name in weighed), np.intp, len(weighed))
    order = np.argsort(places)
    return places[order], np.fromiter(weighed.values(), np.float32, len(weighed))[order]


def _signs(names: Sequence[str], family: str, full: int) -> "NDArray[np.int8]":
    """Give every feature its own direction: a row of -1 and 1, drawn from a hash of its name."""
    import numpy as np

    drawn = b"".join(hashlib.shake_128(f"{family}/{name}".encode()).digest(-(-full // 8)) for name in names)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8).reshape(len(names), -1), axis=1, count=full)
    return bits.astype(np.int8) * np.int8(2) - np.int8(1)
