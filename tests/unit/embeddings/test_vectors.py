"""Normalisation, cosine similarity, dimensions and PCA: by definition, published values and properties."""

import numpy as np
import pytest
from hypothesis import given

from core.embeddings.vectors import (
    Matrix,
    cosine_similarity,
    has_direction,
    normalise,
    project_pca,
    storage_gb_per_million,
    truncate_dimensions,
)
from tests.unit.embeddings.sample_vectors import MATRICES, UNIT_VECTORS, random_vectors


@given(MATRICES)
def test_normalises_to_length_one_and_leaves_zeros(rows: Matrix) -> None:
    norms = np.linalg.norm(normalise(rows), axis=1)
    assert np.allclose(norms, np.where((rows != 0).any(axis=1), 1, 0), atol=1e-5)


@pytest.mark.parametrize("size", [1e-45, 1e-30, 1e30, 3e38])
def test_normalises_numbers_whose_squares_exceed_float32(size: float) -> None:
    assert normalise(np.array([[size, -size]], np.float32))[0] == pytest.approx([0.5**0.5, -(0.5**0.5)])


@given(UNIT_VECTORS)
def test_computes_a_symmetric_similarity_matrix_with_ones_on_the_diagonal(rows: Matrix) -> None:
    similarity = cosine_similarity(rows)
    assert np.allclose(np.diag(similarity), 1, atol=1e-5)
    assert np.allclose(similarity, similarity.T, atol=1e-6)
    assert np.abs(similarity).max() <= 1


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [((1, 0), (0, 1), 0.0), ((1, 0), (-1, 0), -1.0), ((3, 4), (4, 3), 0.96), ((1, 1), (2, 2), 1.0)],
    ids=["right angle", "opposite", "3-4-5", "same direction"],
)
def test_computes_the_cosine_of_the_angle(a: tuple[int, int], b: tuple[int, int], expected: float) -> None:
    similarity = cosine_similarity(normalise(np.array([a], np.float32)), normalise(np.array([b], np.float32)))
    assert similarity[0, 0] == pytest.approx(expected, abs=1e-6)


def test_truncates_dimensions_to_the_normalised_prefix() -> None:
    assert truncate_dimensions(np.array([[0.48, 0.64, 0.6]], np.float32), 2)[0] == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize(("dimensions", "size"), [(1536, 6.144), (3072, 12.288), (256, 1.024)], ids=str)
def test_computes_the_storage_of_a_million_vectors(dimensions: int, size: float) -> None:
    assert storage_gb_per_million(dimensions) == pytest.approx(size)


def test_detects_vectors_without_a_direction() -> None:
    rows = np.array([[1, 0], [0, 0], [np.nan, 1], [np.inf, 1]], np.float32)
    assert has_direction(rows).tolist() == [True, False, False, False]


@pytest.mark.parametrize("shape", [(40, 12), (5, 40), (200, 64)], ids=str)
def test_projects_as_a_full_singular_value_decomposition_does(shape: tuple[int, int]) -> None:
    rows = random_vectors(*shape) * np.float32(0.8) ** np.arange(shape[1], dtype=np.float32)
    centred = rows - rows.mean(axis=0)
    left, singular_values, _ = np.linalg.svd(centred, full_matrices=False)
    projection = project_pca(rows)
    assert np.allclose(np.abs(projection.points), np.abs(left[:, :2] * singular_values[:2]), atol=1e-3)
    shares = singular_values**2 / (singular_values**2).sum()
    assert projection.explained_variance == pytest.approx(tuple(shares[:2]), abs=1e-3)


@given(UNIT_VECTORS)
def test_projects_any_vectors_to_finite_points(rows: Matrix) -> None:
    projection = project_pca(rows)
    assert projection.points.shape == (len(rows), 2)
    assert np.isfinite(projection.points).all()
    assert 0 <= projection.explained_variance[1] <= projection.explained_variance[0] + 1e-5 <= 1.00002
