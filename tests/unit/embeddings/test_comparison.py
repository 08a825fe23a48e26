"""Two embeddings of the same texts compared: by published values and properties."""

import numpy as np
import pytest
from hypothesis import given

from core.embeddings.comparison import compare, overlap_at, spearman
from core.embeddings.similarity import nearest_neighbours
from core.embeddings.vectors import Matrix, normalise, truncate_dimensions
from tests.unit.embeddings.sample_vectors import UNIT_VECTORS, random_vectors

TWO_PAIRS = normalise(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], np.float32))


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, 2, 3, 4, 5], [5, 6, 7, 8, 7], 0.8207826816681233),
        ([1, 2, 3], [10, 20, 30], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        (
            [106, 100, 86, 101, 99, 103, 97, 113, 112, 110],
            [7, 27, 2, 50, 28, 29, 20, 12, 6, 17],
            -0.17575757575,
        ),
        ([1, 1, 1], [1, 2, 3], 0.0),
        ([1, 1, 1], [2, 2, 2], 1.0),
    ],
    ids=[
        "scipy's example, with a tie",
        "same",
        "reversed",
        "Wikipedia's IQ and TV",
        "a constant",
        "constants",
    ],
)
def test_computes_the_rank_correlation(a: list[float], b: list[float], expected: float) -> None:
    assert spearman(np.array(a, np.float32), np.array(b, np.float32)) == pytest.approx(expected, abs=1e-9)


@given(UNIT_VECTORS)
def test_finds_no_difference_between_equal_embeddings(vectors: Matrix) -> None:
    comparison = compare(vectors, vectors)
    assert (comparison.overlap, comparison.spearman, comparison.same_nearest) == pytest.approx((1, 1, 1))
    assert (comparison.neighbour_changes, comparison.pair_changes) == ((), ())


def test_computes_the_overlap_of_neighbours() -> None:
    neighbours, swapped = nearest_neighbours(TWO_PAIRS, 1), nearest_neighbours(TWO_PAIRS[[0, 2, 1, 3]], 1)
    assert overlap_at(neighbours, neighbours, 1) == 1
    assert overlap_at(neighbours, swapped, 1) == 0


def test_lists_changed_neighbours_with_their_new_rank() -> None:
    comparison = compare(TWO_PAIRS, TWO_PAIRS[[0, 2, 1, 3]])
    change = next(change for change in comparison.neighbour_changes if change.row == 0)
    assert (change.before, change.after, change.rank_after) == (1, 2, 3)
    assert comparison.same_nearest == 0


def test_lists_the_pairs_that_changed_most_first() -> None:
    changes = compare(TWO_PAIRS, TWO_PAIRS[[0, 2, 1, 3]]).pair_changes
    first, last = (abs(pair.percentile_after - pair.percentile_before) for pair in (changes[0], changes[-1]))
    assert first >= last


def test_finds_more_changes_with_fewer_dimensions() -> None:
    vectors = random_vectors(60, 128)
    results = [compare(vectors, truncate_dimensions(vectors, length)) for length in (96, 16, 2)]
    assert results[0].overlap > results[1].overlap > results[2].overlap
    assert results[0].spearman > results[1].spearman > results[2].spearman
