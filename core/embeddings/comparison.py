"""Two embeddings of the same texts: what keeps its neighbours, and what moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embeddings.similarity import Neighbours, PairSample, nearest_neighbours, sample_pairs
from core.embeddings.vectors import Matrix

Ranks = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairChange:
    """A pair whose place among all pairs differs: `before` and `after` are shares of pairs less similar."""

    first: int
    second: int
    percentile_before: float
    percentile_after: float
    score_before: float
    score_after: float


@dataclass(frozen=True, slots=True)
class NeighbourChange:
    """A row that has another nearest neighbour: `was` has the rank `now_at` (1 is nearest, 0 beyond `k`)."""

    row: int
    before: int
    after: int
    rank_after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two spaces order the same rows; `overlap` is the mean share of common *k* neighbours."""

    k: int
    overlap: float
    spearman: float
    same_nearest: float
    neighbour_changes: tuple[NeighbourChange, ...]
    pair_changes: tuple[PairChange, ...]
    sampled: bool


def compare(one: Matrix, other: Matrix, k: int = 5, most: int = 200) -> Comparison:
    """Compare unit vectors of the same rows in two spaces. Needs two rows at least."""
    reach = max(k, 10)
    return compare_neighbours(
        (one, nearest_neighbours(one, reach)), (other, nearest_neighbours(other, reach)), k, most
    )


def compare_neighbours(
    one: tuple[Matrix, Neighbours], other: tuple[Matrix, Neighbours], k: int = 5, most: int = 200
) -> Comparison:
    """Do as `compare` with neighbours that are known already; only the *most* telling flips are listed."""
    k = min(k, one[1].k)
    flips = _flips(one[1], other[1])
    pairs = sample_pairs(len(one[0]))
    before, after = pairs.scores(one[0]), pairs.scores(other[0])
    ranks = _ranks(before), _ranks(after)
    return Comparison(
        k,
        overlap_at(one[1], other[1], k),
        _correlation(*ranks),
        1 - len(flips) / len(one[0]),
        tuple(flips[:most]),
        _moved(pairs, (before, after), ranks),
        pairs.sampled,
    )


def overlap_at(one: Neighbours, other: Neighbours, k: int) -> float:
    """Return the mean share of each row's *k* neighbours that it has in both."""
    common = (one.indices[:, :k, None] == other.indices[:, None, :k]).any(axis=2)
    return float(common.mean())


def spearman(one: Matrix, other: Matrix) -> float:
    """Return Spearman's rank correlation, with the mean rank for ties.

    Where one side never varies it is undefined, and 0 is returned; where neither does, 1.
    """
    return _correlation(_ranks(one), _ranks(other))


def _correlation(one: Ranks, other: Ranks) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    if scale == 0:
        return float(one.any() == other.any())
    return float(np.clip((one * other).sum() / scale, -1, 1))


def _ranks(values: Matrix) -> Ranks:
    """Rank from 1, the mean rank for equals."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: Ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return found


def _flips(one: Neighbours, other: Neighbours) -> list[NeighbourChange]:
    """List the rows whose nearest differs, those whose nearest fell furthest first."""
    differing = np.flatnonzero(one.indices[:, 0] != other.indices[:, 0]).tolist()
    found = []
    for row in differing:
        was = int(one.indices[row, 0])
        at = np.flatnonzero(other.indices[row] == was)
        found.append(NeighbourChange(row, was, int(other.indices[row, 0]), int(at[0]) + 1 if len(at) else 0))
    return sorted(found, key=lambda flip: (flip.rank_after != 0, -flip.rank_after, flip.row))


def _moved(
    pairs: PairSample, scores: tuple[Matrix, Matrix], ranks: tuple[Ranks, Ranks], most: int = 20
) -> tuple[PairChange, ...]:
    """List the pairs whose place changed most; places can be compared across models, scores cannot."""
    shares = [(found - 1) / max(len(found) - 1, 1) for found in ranks]
    order = np.argsort(-np.abs(shares[1] - shares[0]), kind="stable")[:most]
    firsts, seconds = pairs.indices
    return tuple(
        PairChange(
            int(firsts[at]),
            int(seconds[at]),
            float(shares[0][at]),
            float(shares[1][at]),
            float(scores[0][at]),
            float(scores[1][at]),
        )
        for at in order
        if shares[0][at] != shares[1][at]
    )
