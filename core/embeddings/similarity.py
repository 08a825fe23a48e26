"""Who is near whom: neighbours, duplicates, outliers, rankings and the spread of similarities."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embeddings.vectors import Matrix, cosine_similarity

Indices = NDArray[np.int32]

_BLOCK = 512
_MOST_PAIRED = 640


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each row the places of its nearest other rows and their similarities, the nearest first."""

    indices: Indices
    scores: Matrix

    @property
    def k(self) -> int:
        return int(self.indices.shape[1])


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows and their similarity."""

    first: int
    second: int
    score: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many pairs are as similar as from one of `edges` to the next; `sampled` if not all were counted."""

    counts: tuple[int, ...]
    edges: tuple[float, ...]
    mean: float
    sampled: bool


def nearest_neighbours(rows: Matrix, k: int = 10) -> Neighbours:
    """Find the *k* nearest others of every unit vector, in the space itself. Memory grows with n, not n²."""
    k = min(k, len(rows) - 1)
    places = np.empty((len(rows), max(k, 0)), np.int32)
    scores = np.empty(places.shape, np.float32)
    for block in _blocks(len(rows)) if k > 0 else ():
        similar = cosine_similarity(rows[block], rows)
        similar[np.arange(block.stop - block.start), np.arange(block.start, block.stop)] = -np.inf
        places[block], scores[block] = _largest(similar, k)
    return Neighbours(places, scores)


def _blocks(rows: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, rows)) for start in range(0, rows, _BLOCK))


def _largest(similar: Matrix, k: int) -> tuple[Indices, Matrix]:
    """Return places and values of the *k* largest of each row; of equals the earlier comes first."""
    found = np.sort(np.argpartition(similar, similar.shape[1] - k, axis=1)[:, -k:], axis=1)
    values = np.take_along_axis(similar, found, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    places = np.take_along_axis(found, order, axis=1).astype(np.int32)
    return places, np.take_along_axis(values, order, axis=1)


def near_duplicates(near: Neighbours, threshold: float) -> list[Pair]:
    """List the pairs at least *threshold* similar, the most similar first, as far as the neighbours reach."""
    ones, ranks = np.nonzero(near.scores >= threshold)
    others = near.indices[ones, ranks]
    found = {
        (min(one, other), max(one, other)): score
        for one, other, score in zip(
            ones.tolist(), others.tolist(), near.scores[ones, ranks].tolist(), strict=True
        )
    }
    return [
        Pair(one, other, score)
        for (one, other), score in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def mean_knn_similarity(near: Neighbours, k: int = 3) -> Matrix:
    """Return the mean similarity of each row to its *of* nearest: the lower, the more of an outlier."""
    if not near.k:
        return np.zeros(len(near.indices), np.float32)
    found: Matrix = near.scores[:, :k].mean(axis=1)
    return found


def ranking(query: Matrix, rows: Matrix) -> tuple[Indices, Matrix]:
    """Order *rows* by their similarity to the unit vector *query*: places and scores, the nearest first."""
    scores = cosine_similarity(query.reshape(1, -1), rows)[0]
    order = np.argsort(-scores, kind="stable").astype(np.int32)
    return order, scores[order]


@dataclass(frozen=True, slots=True)
class PairSample:
    """All pairs among `rows`, which are places; `sampled` if those are only some of the rows there are."""

    rows: Indices
    sampled: bool

    @property
    def indices(self) -> tuple[Indices, Indices]:
        one, other = np.triu_indices(len(self.rows), 1)
        return self.rows[one], self.rows[other]

    def scores(self, rows: Matrix) -> Matrix:
        """Return the similarity of each pair in the order of `places`."""
        chosen = rows[self.rows]
        found: Matrix = cosine_similarity(chosen)[np.triu_indices(len(chosen), 1)]
        return found


def sample_pairs(rows: int) -> PairSample:
    """Take all pairs of so many rows, or those among 640 drawn ones: 200,000 pairs tell as much."""
    if rows <= _MOST_PAIRED:
        return PairSample(np.arange(rows, dtype=np.int32), False)
    drawn = np.random.default_rng(0).choice(rows, _MOST_PAIRED, replace=False)
    return PairSample(np.sort(drawn).astype(np.int32), True)


def histogram(rows: Matrix, bins: int = 40) -> Histogram:
    """Count the similarities of pairs in *bins* steps between the lowest and the highest."""
    pairs = sample_pairs(len(rows))
    scores = pairs.scores(rows)
    if not len(scores):
        return Histogram((), (), 0.0, False)
    low, high = float(scores.min()), float(scores.max())
    counts, edges = np.histogram(scores, bins, (low - 1e-4, high + 1e-4))
    return Histogram(tuple(counts.tolist()), tuple(edges.tolist()), float(scores.mean()), pairs.sampled)
