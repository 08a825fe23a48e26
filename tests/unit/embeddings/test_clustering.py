"""The order of clustered rows, and even samples."""

from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.clustering import even_sample, leaf_order
from core.embeddings.vectors import Matrix, cosine_similarity
from tests.unit.embeddings.sample_vectors import UNIT_VECTORS, two_groups


def test_orders_similar_rows_next_to_each_other() -> None:
    groups = [row % 2 for row in leaf_order(cosine_similarity(two_groups(10)))]
    assert groups in ([0] * 5 + [1] * 5, [1] * 5 + [0] * 5)


@given(UNIT_VECTORS)
def test_orders_every_row_once(vectors: Matrix) -> None:
    assert sorted(leaf_order(cosine_similarity(vectors))) == list(range(len(vectors)))


@given(st.integers(0, 500), st.integers(1, 80))
def test_samples_evenly_from_all_rows(count: int, max_count: int) -> None:
    sample = even_sample(count, max_count)
    assert len(set(sample)) == len(sample) == min(count, max_count)
    assert all(0 <= index < count for index in sample)
