"""Compare two embeddings of the same texts: nearest neighbours and the similarity ranking of all pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embeddings.similarity import Neighbours, PairSample, nearest_neighbours, sample_pairs
from core.embeddings.vectors import Matrix

Ranks = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairChange:
    """A pair whose similarity rank differs; a percentile is the share of pairs that are less similar."""

    first: int
    second: int
    percentile_before: float
    percentile_after: float
    score_before: float
    score_after: float


@dataclass(frozen=True, slots=True)
class NeighbourChange:
    """A row whose nearest neighbour differs.

    `rank_after` is the new rank of the neighbour `before`: 1 is nearest, 0 is beyond the known neighbours.
    """

    row: int
    before: int
    after: int
    rank_after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How similarly two embeddings order the same rows; `overlap` is the mean share of common *k* neighbours.

    `sampled` if the rank correlation is that of a sample of pairs.
    """

    k: int
    overlap: float
    spearman: float
    same_nearest: float
    neighbour_changes: tuple[NeighbourChange, ...]
    pair_changes: tuple[PairChange, ...]
    sampled: bool


def compare(before: Matrix, after: Matrix, k: int = 5, max_changes: int = 200) -> Comparison:
    """Compare two matrices of unit vectors, each with the same rows, at least two."""
    neighbour_count = max(k, 10)
    return compare_neighbours(
        (before, nearest_neighbours(before, neighbour_count)),
        (after, nearest_neighbours(after, neighbour_count)),
        k,
        max_changes,
    )


def compare_neighbours(
    before: tuple[Matrix, Neighbours], after: tuple[Matrix, Neighbours], k: int = 5, max_changes: int = 200
) -> Comparison:
    """Compare as `compare` does, with nearest neighbours that are already computed."""
    k = min(k, before[1].k)
    neighbour_changes = _neighbour_changes(before[1], after[1])
    pairs = sample_pairs(len(before[0]))
    scores = pairs.scores(before[0]), pairs.scores(after[0])
    ranks = _ranks(scores[0]), _ranks(scores[1])
    return Comparison(
        k,
        overlap_at(before[1], after[1], k),
        _correlation(*ranks),
        1 - len(neighbour_changes) / len(before[0]),
        tuple(neighbour_changes[:max_changes]),
        _pair_changes(pairs, scores, ranks),
        pairs.sampled,
    )


def overlap_at(a: Neighbours, b: Neighbours, k: int) -> float:
    """Return the mean share of each row's *k* neighbours that are the same in *a* and *b*."""
    common = (a.indices[:, :k, None] == b.indices[:, None, :k]).any(axis=2)
    return float(common.mean())


def spearman(a: Matrix, b: Matrix) -> float:
    """Return Spearman's rank correlation, with the mean rank for ties.

    It is undefined for constant values: the result is 0 if one side is constant, 1 if both are.
    """
    return _correlation(_ranks(a), _ranks(b))


def _correlation(a: Ranks, b: Ranks) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    if scale == 0:
        return float(a.any() == b.any())
    return float(np.clip((a * b).sum() / scale, -1, 1))


def _ranks(values: Matrix) -> Ranks:
    """Return ranks from 1, the mean rank for ties."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def _neighbour_changes(before: Neighbours, after: Neighbours) -> list[NeighbourChange]:
    """Return the rows whose nearest neighbour differs, those whose neighbour lost most ranks first."""
    changes = []
    for row in np.flatnonzero(before.indices[:, 0] != after.indices[:, 0]).tolist():
        nearest = int(before.indices[row, 0])
        ranks = np.flatnonzero(after.indices[row] == nearest)
        rank_after = int(ranks[0]) + 1 if len(ranks) else 0
        changes.append(NeighbourChange(row, nearest, int(after.indices[row, 0]), rank_after))
    return sorted(changes, key=lambda change: (change.rank_after != 0, -change.rank_after, change.row))


def _pair_changes(
    pairs: PairSample, scores: tuple[Matrix, Matrix], ranks: tuple[Ranks, Ranks], max_changes: int = 20
) -> tuple[PairChange, ...]:
    """Return the pairs whose percentile changed most."""
    # Percentiles are comparable across models, scores are not.
    before, after = ((values - 1) / max(len(values) - 1, 1) for values in ranks)
    order = np.argsort(-np.abs(after - before), kind="stable")[:max_changes]
    first, second = pairs.indices
    return tuple(
        PairChange(
            int(first[pair]),
            int(second[pair]),
            float(before[pair]),
            float(after[pair]),
            float(scores[0][pair]),
            float(scores[1][pair]),
        )
        for pair in order
        if before[pair] != after[pair]
    )
