"""Vectors for the tests of analyses."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.embeddings.vectors import Matrix, has_direction, normalise

NUMBERS = st.floats(-100, 100, width=32).filter(lambda number: abs(number) > 1e-3 or number == 0)
MATRICES = arrays.arrays(np.float32, st.tuples(st.integers(2, 9), st.integers(2, 6)), elements=NUMBERS)
UNIT_VECTORS = MATRICES.filter(lambda rows: bool(has_direction(rows).all())).map(normalise)


def random_vectors(count: int, length: int = 32, seed: int = 1) -> Matrix:
    return normalise(np.random.default_rng(seed).standard_normal((count, length)).astype(np.float32))


def two_groups(count: int = 6) -> Matrix:
    """Vectors alternately near the first axis and near the second."""
    rows = random_vectors(count, 8) * np.float32(0.1)
    rows[::2, 0] += 1
    rows[1::2, 1] += 1
    return normalise(rows)
