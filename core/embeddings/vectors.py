"""Vectors as rows of float32 matrices: unit length, cosine, fewer dimensions, a map in two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

_SAMPLES = 16
_POWER_STEPS = 6
_FLOAT_BYTES = 4


def normalise(rows: Matrix) -> Matrix:
    """Scale every row to length 1; a row of zeros stays as it is."""
    found: Matrix = np.array(rows, np.float32)
    normalise_in_place(found)
    return found


def normalise_in_place(rows: Matrix) -> None:
    """Scale the very *rows* as `unit` does: a copy of 10,000 x 3,072 takes 123 MB.

    The largest number of a row comes to 1 first, as squares of 1e30 or 1e-30 are beyond float32.
    """
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))
    largest[largest == 0] = 1
    rows /= largest[:, None]
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(norms, 1)[:, None]


def has_direction(rows: Matrix) -> NDArray[np.bool_]:
    """Tell which rows have a direction: all finite, and not all zero."""
    found: NDArray[np.bool_] = np.isfinite(rows).all(axis=1) & (rows != 0).any(axis=1)
    return found


def truncate_dimensions(rows: Matrix, dimensions: int) -> Matrix:
    """Do what the API's `dimensions` does: take the first numbers and scale the rest to length 1 again.

    Source: OpenAI's embeddings guide, "Reducing embedding dimensions".
    """
    return normalise(rows[:, :dimensions])


def cosine_similarity(rows: Matrix, others: Matrix | None = None) -> Matrix:
    """Return the similarity of each of *rows* to each of *others*, unit vectors all, within [-1, 1]."""
    found: Matrix = rows @ (rows if others is None else others).T
    return np.clip(found, -1, 1, out=found)


def storage_gb_per_million(dimensions: int) -> float:
    """What a million vectors take as float32, in 10^9 bytes."""
    return dimensions * _FLOAT_BYTES / 1000


@dataclass(frozen=True, slots=True)
class Projection2D:
    """Places in two dimensions, and which share of the variance each axis keeps."""

    points: Matrix
    explained_variance: tuple[float, float]


def project_pca(rows: Matrix) -> Projection2D:
    """Project onto the two directions of most variance.

    By randomised SVD, as a full one takes 18 s for 2,000 x 1536. Source: Halko, Martinsson & Tropp 2011,
    algorithms 4.4 and 5.1. The larger end of each axis is positive, so the same vectors give the same map.
    """
    centred = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    variance = float(np.linalg.norm(centred)) ** 2
    if variance < 1e-12:
        return Projection2D(np.zeros((len(rows), 2), np.float32), (0.0, 0.0))
    start = np.random.default_rng(0).standard_normal((rows.shape[1], _SAMPLES)).astype(np.float32)
    basis = np.linalg.qr(centred @ start)[0]
    for _ in range(_POWER_STEPS):
        basis = np.linalg.qr(centred @ np.linalg.qr(centred.T @ basis)[0])[0]
    left, sizes, _ = np.linalg.svd(basis.T @ centred, full_matrices=False)
    places = _two_columns(basis @ left * sizes)
    kept = [float(size) ** 2 / variance for size in (*sizes, 0.0, 0.0)]
    return Projection2D(places * _signs(places), (min(kept[0], 1.0), min(kept[1], 1.0)))


def _two_columns(places: Matrix) -> Matrix:
    wide = np.zeros((len(places), 2), np.float32)
    wide[:, : min(2, places.shape[1])] = places[:, :2]
    return wide


def _signs(places: Matrix) -> Matrix:
    largest = places[np.abs(places).argmax(axis=0), range(places.shape[1])]
    return np.where(largest < 0, np.float32(-1), np.float32(1))
