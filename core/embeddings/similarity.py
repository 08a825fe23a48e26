"""Nearest neighbours, near duplicates, outliers, rankings and the distribution of similarities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embeddings.vectors import Matrix, cosine_similarity

Indices = NDArray[np.int32]

# Rows of the similarity matrix at a time: for 10,000 vectors 20 MB instead of 400 MB.
_BLOCK_SIZE = 512
# 204,480 pairs: more do not change the shape of the distribution.
MAX_SAMPLED_ROWS = 640


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The indices and similarities of each row's nearest other rows, nearest first."""

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
    """The number of pairs between two `edges` of similarity each; `sampled` if only some are counted."""

    counts: tuple[int, ...]
    edges: tuple[float, ...]
    mean: float
    sampled: bool


def nearest_neighbours(vectors: Matrix, k: int = 10) -> Neighbours:
    """Return the *k* nearest other rows of every unit vector."""
    k = max(min(k, len(vectors) - 1), 0)
    indices = np.empty((len(vectors), k), np.int32)
    scores = np.empty(indices.shape, np.float32)
    for start in range(0, len(vectors), _BLOCK_SIZE) if k else ():
        rows = np.arange(start, min(start + _BLOCK_SIZE, len(vectors)))
        similarity = cosine_similarity(vectors[rows], vectors)
        similarity[rows - start, rows] = -np.inf  # a row is not its own neighbour
        # Sorted by index before the stable sort by score: of equally similar rows, the first comes first.
        nearest = np.sort(np.argpartition(similarity, len(vectors) - k, axis=1)[:, -k:], axis=1)
        values = np.take_along_axis(similarity, nearest, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        indices[rows] = np.take_along_axis(nearest, order, axis=1)
        scores[rows] = np.take_along_axis(values, order, axis=1)
    return Neighbours(indices, scores)


def near_duplicates(neighbours: Neighbours, threshold: float) -> list[Pair]:
    """Return the pairs at least *threshold* similar, most similar first, among each row's neighbours."""
    rows, ranks = np.nonzero(neighbours.scores >= threshold)
    others = neighbours.indices[rows, ranks]
    scores = neighbours.scores[rows, ranks]
    pairs = {
        (min(row, other), max(row, other)): score
        for row, other, score in zip(rows.tolist(), others.tolist(), scores.tolist(), strict=True)
    }
    return [
        Pair(first, second, score)
        for (first, second), score in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def mean_knn_similarity(neighbours: Neighbours, k: int = 3) -> Matrix:
    """Return each row's mean similarity to its *k* nearest neighbours: the lower, the more of an outlier."""
    if not neighbours.k:
        return np.zeros(len(neighbours.indices), np.float32)
    means: Matrix = neighbours.scores[:, :k].mean(axis=1)
    return means


def ranking(query: Matrix, vectors: Matrix) -> tuple[Indices, Matrix]:
    """Return the indices and similarities of *vectors*, most similar to the unit vector *query* first."""
    scores = cosine_similarity(query.reshape(1, -1), vectors)[0]
    order = np.argsort(-scores, kind="stable").astype(np.int32)
    return order, scores[order]


@dataclass(frozen=True, slots=True)
class PairSample:
    """All pairs of the row indices `rows`; `sampled` if `rows` are only some of the rows."""

    rows: Indices
    sampled: bool

    @property
    def indices(self) -> tuple[Indices, Indices]:
        first, second = np.triu_indices(len(self.rows), 1)
        return self.rows[first], self.rows[second]

    def scores(self, vectors: Matrix) -> Matrix:
        """Return the similarity of each pair, in the order of `indices`."""
        similarity = cosine_similarity(vectors[self.rows])
        scores: Matrix = similarity[np.triu_indices(len(similarity), 1)]
        return scores


def sample_pairs(count: int) -> PairSample:
    """Return all pairs of *count* rows, or those of `MAX_SAMPLED_ROWS` random rows."""
    if count <= MAX_SAMPLED_ROWS:
        return PairSample(np.arange(count, dtype=np.int32), False)
    rows = np.random.default_rng(0).choice(count, MAX_SAMPLED_ROWS, replace=False)
    return PairSample(np.sort(rows).astype(np.int32), True)


def histogram(vectors: Matrix, bins: int = 40) -> Histogram:
    """Count the similarities of pairs in *bins* intervals between the lowest and the highest."""
    pairs = sample_pairs(len(vectors))
    scores = pairs.scores(vectors)
    if not len(scores):
        return Histogram((), (), 0.0, False)
    low, high = float(scores.min()), float(scores.max())
    # The margin gives the bins a width if all pairs are equally similar.
    counts, edges = np.histogram(scores, bins, (low - 1e-4, high + 1e-4))
    return Histogram(tuple(counts.tolist()), tuple(edges.tolist()), float(scores.mean()), pairs.sampled)
