"""Neighbours, duplicates, outliers, rankings and histograms: by definition and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.similarity import (
    histogram,
    mean_knn_similarity,
    near_duplicates,
    nearest_neighbours,
    ranking,
    sample_pairs,
)
from core.embeddings.vectors import Matrix, cosine_similarity, normalise
from tests.unit.embeddings.sample_vectors import UNIT_VECTORS, random_vectors, two_groups


@given(UNIT_VECTORS, st.integers(1, 4))
def test_finds_the_neighbours_that_sorting_finds(vectors: Matrix, k: int) -> None:
    similarity = cosine_similarity(vectors)
    np.fill_diagonal(similarity, -np.inf)
    neighbours = nearest_neighbours(vectors, k)
    assert np.allclose(neighbours.scores, -np.sort(-similarity, axis=1)[:, : neighbours.k], atol=1e-6)
    assert all(row not in indices for row, indices in enumerate(neighbours.indices.tolist()))


def test_finds_neighbours_across_blocks() -> None:
    vectors = np.concatenate([random_vectors(700), random_vectors(700)])
    assert (nearest_neighbours(vectors, 1).indices[:, 0] == (np.arange(1400) + 700) % 1400).all()


@pytest.mark.parametrize("count", [0, 1])
def test_finds_no_neighbours_of_a_single_row(count: int) -> None:
    neighbours = nearest_neighbours(random_vectors(count))
    assert neighbours.k <= 0
    assert mean_knn_similarity(neighbours).tolist() == [0.0] * count


def test_lists_each_duplicate_once() -> None:
    vectors = random_vectors(5)[[0, 1, 0, 2, 1, 0]]
    pairs = near_duplicates(nearest_neighbours(vectors), 0.99)
    assert {(pair.first, pair.second) for pair in pairs} == {(0, 2), (0, 5), (2, 5), (1, 4)}
    assert pairs[0].score == pytest.approx(1, abs=1e-5)


def test_gives_an_outlier_the_lowest_mean_similarity() -> None:
    vectors = np.vstack([two_groups(8), normalise(np.eye(8, dtype=np.float32)[5:6])])
    assert mean_knn_similarity(nearest_neighbours(vectors)).argmin() == 8


@given(UNIT_VECTORS)
def test_ranks_by_similarity_to_the_query(vectors: Matrix) -> None:
    order, scores = ranking(vectors[0], vectors)
    assert sorted(order.tolist()) == list(range(len(vectors)))
    assert (np.diff(scores) <= 0).all()
    assert scores[0] == pytest.approx(1, abs=1e-5)


@given(st.integers(0, 60))
def test_pairs_every_two_rows_once(count: int) -> None:
    pairs = sample_pairs(count)
    first, second = pairs.indices
    assert not pairs.sampled
    assert len({*zip(first.tolist(), second.tolist(), strict=True)}) == count * (count - 1) // 2


def test_samples_pairs_of_many_rows() -> None:
    pairs = sample_pairs(10_000)
    first, second = pairs.indices
    assert pairs.sampled
    assert len(first) == 640 * 639 // 2
    assert (first < second).all()


@given(UNIT_VECTORS)
def test_counts_every_pair_in_the_histogram(vectors: Matrix) -> None:
    result = histogram(vectors)
    assert sum(result.counts) == len(vectors) * (len(vectors) - 1) // 2
    assert result.edges[0] <= result.mean <= result.edges[-1]
