"""What vectors say of each other, held to definitions, published figures and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.embeddings.clustering import even_sample, leaf_order
from core.embeddings.comparison import compare, overlap_at, spearman
from core.embeddings.similarity import (
    histogram,
    mean_knn_similarity,
    near_duplicates,
    nearest_neighbours,
    ranking,
    sample_pairs,
)
from core.embeddings.vectors import (
    Matrix,
    cosine_similarity,
    has_direction,
    normalise,
    project_pca,
    storage_gb_per_million,
    truncate_dimensions,
)

NUMBERS = st.floats(-100, 100, width=32).filter(lambda number: abs(number) > 1e-3 or number == 0)
SOME = arrays.arrays(np.float32, st.tuples(st.integers(2, 9), st.integers(2, 6)), elements=NUMBERS)
VECTORS = SOME.filter(lambda rows: bool(has_direction(rows).all())).map(normalise)


def random_rows(count: int, length: int = 32, seed: int = 1) -> Matrix:
    return normalise(np.random.default_rng(seed).standard_normal((count, length)).astype(np.float32))


def two_groups(count: int = 6) -> Matrix:
    """Rows by turns near one axis and near another."""
    rows = random_rows(count, 8) * np.float32(0.1)
    rows[::2, 0] += 1
    rows[1::2, 1] += 1
    return normalise(rows)


@given(SOME)
def test_scales_to_unit_length_and_leaves_zeros(rows: Matrix) -> None:
    norms = np.linalg.norm(normalise(rows), axis=1)
    assert np.allclose(norms, np.where((rows != 0).any(axis=1), 1, 0), atol=1e-5)


@pytest.mark.parametrize("size", [1e-45, 1e-30, 1e30, 3e38])
def test_scales_numbers_whose_squares_no_float32_can_hold(size: float) -> None:
    assert normalise(np.array([[size, -size]], np.float32))[0] == pytest.approx([0.5**0.5, -(0.5**0.5)])


@given(VECTORS)
def test_finds_each_vector_like_itself_and_the_matrix_symmetric(rows: Matrix) -> None:
    found = cosine_similarity(rows)
    assert np.allclose(np.diag(found), 1, atol=1e-5)
    assert np.allclose(found, found.T, atol=1e-6)
    assert np.abs(found).max() <= 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((1, 0), (0, 1), 0.0), ((1, 0), (-1, 0), -1.0), ((3, 4), (4, 3), 0.96), ((1, 1), (2, 2), 1.0)],
    ids=["right angle", "opposite", "3-4-5", "same direction"],
)
def test_measures_the_angle(one: tuple[int, int], other: tuple[int, int], expected: float) -> None:
    found = cosine_similarity(
        normalise(np.array([one], np.float32)), normalise(np.array([other], np.float32))
    )
    assert found[0, 0] == pytest.approx(expected, abs=1e-6)


def test_shortens_to_the_renormalised_prefix() -> None:
    assert truncate_dimensions(np.array([[0.48, 0.64, 0.6]], np.float32), 2)[0] == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize(("dimensions", "size"), [(1536, 6.144), (3072, 12.288), (256, 1.024)], ids=str)
def test_says_what_a_million_vectors_take(dimensions: int, size: float) -> None:
    assert storage_gb_per_million(dimensions) == pytest.approx(size)


def test_knows_vectors_without_a_direction() -> None:
    rows = np.array([[1, 0], [0, 0], [np.nan, 1], [np.inf, 1]], np.float32)
    assert has_direction(rows).tolist() == [True, False, False, False]


@pytest.mark.parametrize("shape", [(40, 12), (5, 40), (200, 64)], ids=str)
def test_maps_as_a_full_decomposition_does(shape: tuple[int, int]) -> None:
    rows = random_rows(*shape) * np.float32(0.8) ** np.arange(shape[1], dtype=np.float32)
    centred = rows - rows.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    found = project_pca(rows)
    assert np.allclose(np.abs(found.points), np.abs(left[:, :2] * sizes[:2]), atol=1e-3)
    assert found.explained_variance == pytest.approx(tuple(sizes[:2] ** 2 / (sizes**2).sum()), abs=1e-3)


@given(VECTORS)
def test_maps_any_vectors_to_finite_places(rows: Matrix) -> None:
    found = project_pca(rows)
    assert found.points.shape == (len(rows), 2)
    assert np.isfinite(found.points).all()
    assert 0 <= found.explained_variance[1] <= found.explained_variance[0] + 1e-5 <= 1.00002


@given(VECTORS, st.integers(1, 4))
def test_finds_the_neighbours_that_sorting_finds(rows: Matrix, k: int) -> None:
    similar = cosine_similarity(rows)
    np.fill_diagonal(similar, -np.inf)
    found = nearest_neighbours(rows, k)
    assert np.allclose(found.scores, -np.sort(-similar, axis=1)[:, : found.k], atol=1e-6)
    assert all(row not in places for row, places in enumerate(found.indices.tolist()))


def test_finds_neighbours_across_blocks() -> None:
    rows = np.concatenate([random_rows(700), random_rows(700)])
    assert (nearest_neighbours(rows, 1).indices[:, 0] == (np.arange(1400) + 700) % 1400).all()


@pytest.mark.parametrize("count", [0, 1])
def test_finds_nobody_near_one_alone(count: int) -> None:
    assert nearest_neighbours(random_rows(count)).k <= 0
    assert mean_knn_similarity(nearest_neighbours(random_rows(count))).tolist() == [0.0] * count


def test_lists_each_duplicate_once() -> None:
    rows = random_rows(5)[[0, 1, 0, 2, 1, 0]]
    found = near_duplicates(nearest_neighbours(rows), 0.99)
    assert {(pair.first, pair.second) for pair in found} == {(0, 2), (0, 5), (2, 5), (1, 4)}
    assert found[0].score == pytest.approx(1, abs=1e-5)


def test_finds_the_outlier_loneliest() -> None:
    rows = np.vstack([two_groups(8), normalise(np.eye(8, dtype=np.float32)[5:6])])
    assert mean_knn_similarity(nearest_neighbours(rows)).argmin() == 8


@given(VECTORS)
def test_ranks_by_likeness_to_the_query(rows: Matrix) -> None:
    order, scores = ranking(rows[0], rows)
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert (np.diff(scores) <= 0).all()
    assert scores[0] == pytest.approx(1, abs=1e-5)


@given(st.integers(0, 60))
def test_pairs_every_two_rows_once(count: int) -> None:
    pairs = sample_pairs(count)
    one, other = pairs.indices
    assert not pairs.sampled
    assert len({*zip(one.tolist(), other.tolist(), strict=True)}) == count * (count - 1) // 2


def test_samples_pairs_of_many_rows() -> None:
    pairs = sample_pairs(10_000)
    one, other = pairs.indices
    assert pairs.sampled
    assert len(one) == 640 * 639 // 2
    assert (one < other).all()


@given(VECTORS)
def test_counts_every_pair_in_the_histogram(rows: Matrix) -> None:
    found = histogram(rows)
    assert sum(found.counts) == len(rows) * (len(rows) - 1) // 2
    assert found.edges[0] <= found.mean <= found.edges[-1]


def test_orders_the_alike_together() -> None:
    order = leaf_order(cosine_similarity(two_groups(10)))
    sides = [place % 2 for place in order]
    assert sides in ([0] * 5 + [1] * 5, [1] * 5 + [0] * 5)


@given(VECTORS)
def test_orders_every_row_once(rows: Matrix) -> None:
    assert sorted(leaf_order(cosine_similarity(rows))) == list(range(len(rows)))


@given(st.integers(0, 500), st.integers(1, 80))
def test_spreads_a_sample_over_all_rows(rows: int, most: int) -> None:
    found = even_sample(rows, most)
    assert len(set(found)) == len(found) == min(rows, most)
    assert all(0 <= place < rows for place in found)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
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
    ids=["scipy's example, with a tie", "same", "reversed", "Wikipedia's IQ and TV", "one constant", "both"],
)
def test_correlates_ranks(one: list[float], other: list[float], expected: float) -> None:
    found = spearman(np.array(one, np.float32), np.array(other, np.float32))
    assert found == pytest.approx(expected, abs=1e-9)


@given(VECTORS)
def test_finds_no_difference_to_itself(rows: Matrix) -> None:
    found = compare(rows, rows)
    assert (found.overlap, found.spearman, found.same_nearest) == pytest.approx((1, 1, 1))
    assert (found.neighbour_changes, found.pair_changes) == ((), ())


def test_counts_the_neighbours_two_spaces_share() -> None:
    rows = normalise(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], np.float32))
    swapped = rows[[0, 2, 1, 3]]
    assert overlap_at(nearest_neighbours(rows, 1), nearest_neighbours(rows, 1), 1) == 1
    assert overlap_at(nearest_neighbours(rows, 1), nearest_neighbours(swapped, 1), 1) == 0


def test_names_who_lost_the_nearest_and_where_it_went() -> None:
    rows = normalise(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1]], np.float32))
    found = compare(rows, rows[[0, 2, 1, 3]])
    flip = next(flip for flip in found.neighbour_changes if flip.row == 0)
    assert (flip.before, flip.after, flip.rank_after) == (1, 2, 3)
    assert found.same_nearest == 0
    assert abs(found.pair_changes[0].percentile_after - found.pair_changes[0].percentile_before) >= abs(
        found.pair_changes[-1].percentile_after - found.pair_changes[-1].percentile_before
    )


def test_finds_fewer_dimensions_to_change_more() -> None:
    rows = random_rows(60, 128)
    near = [compare(rows, truncate_dimensions(rows, length)) for length in (96, 16, 2)]
    assert near[0].overlap > near[1].overlap > near[2].overlap
    assert near[0].spearman > near[1].spearman > near[2].spearman
