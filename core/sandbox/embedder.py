"""Vectors from features, by a random projection that every run repeats."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from core.sandbox.meaning import Emphasis, features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 256
# After so many dimensions the later ones have half the variance of the first, and so on: most is said early,
# as in models that are trained to be shortened.
_HALF = 64
# Requests take turns: their threads could only wait for the interpreter, and would hold up everyone else.
_IN_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes one model's space differ from another's.

    *common* is the weight of a feature that every text has: the vectors of older models crowd around one
    direction, so that even unrelated texts have a high cosine.
    """

    emphasis: Emphasis
    common: float = 0.0


_DEFAULT = Recipe(Emphasis(1.1, 0.6))
_RECIPES = {
    "text-embedding-3-small": _DEFAULT,
    "text-embedding-3-large": Recipe(Emphasis(1.4, 0.7, part=0.45)),
    "text-embedding-ada-002": Recipe(Emphasis(0.6, 0.3), common=3.5),
}


def embed(texts: Sequence[str], family: str, full: int, dimensions: int) -> "NDArray[np.float32]":
    """Return one unit vector a text: the first *dimensions* of the *full* ones, renormalised."""
    import numpy as np

    found = np.empty((len(texts), dimensions), np.float32)
    for start in range(0, len(texts), _BLOCK):
        part = slice(start, start + _BLOCK)
        with _IN_TURN:
            found[part] = _embed_block(texts[part], family, full)[:, :dimensions]
    norms = np.linalg.norm(found, axis=1, keepdims=True)
    found[norms[:, 0] == 0, 0] = 1.0  # signs can cancel out in a handful of dimensions
    found /= np.where(norms == 0, np.float32(1), norms)
    return found


def _embed_block(texts: Sequence[str], family: str, full: int) -> "NDArray[np.float32]":
    import numpy as np

    recipe = _RECIPES.get(family, _DEFAULT)
    weighed = [features(text, recipe.emphasis) for text in texts]
    if recipe.common:
        for one in weighed:
            one["common"] = recipe.common * sum(weight**2 for weight in one.values()) ** 0.5 / 2
    names = sorted({name for one in weighed for name in one})
    rows = {name: row for row, name in enumerate(names)}
    signs = _signs(names, family, full)
    fading = 1 / np.sqrt(1 + np.arange(full, dtype=np.float32) / _HALF)
    found = np.empty((len(texts), full), np.float32)
    for row, one in enumerate(weighed):
        weights = np.fromiter(one.values(), np.float32, len(one))
        found[row] = weights @ signs[[rows[name] for name in one]].astype(np.float32) * fading
    return found


def _signs(names: Sequence[str], family: str, full: int) -> "NDArray[np.int8]":
    """Give every feature its own direction: a row of -1 and 1, drawn from a hash of its name."""
    import numpy as np

    drawn = b"".join(hashlib.shake_128(f"{family}/{name}".encode()).digest(-(-full // 8)) for name in names)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8).reshape(len(names), -1), axis=1, count=full)
    return bits.astype(np.int8) * np.int8(2) - np.int8(1)
