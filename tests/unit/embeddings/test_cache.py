"""The cache of vectors: eviction and keys."""

import numpy as np
import pytest

from core.embeddings.cache import VectorCache
from core.embeddings.request import EmbeddingSpec

SMALL, SHORT = EmbeddingSpec("text-embedding-3-small"), EmbeddingSpec("text-embedding-3-small", 64)


def test_evicts_the_least_recently_used_beyond_its_limit() -> None:
    cache, vector = VectorCache(max_bytes=2 * 8), np.ones(2, np.float32)
    cache.put("s", SMALL, "a", vector)
    cache.put("s", SMALL, "b", vector)
    cache.get("s", SMALL, "a")
    cache.put("s", SMALL, "c", vector)
    assert cache.get("s", SMALL, "b") is None
    assert cache.get("s", SMALL, "a") is not None
    assert len(cache) == 2


@pytest.mark.parametrize(
    "key", [("t", SMALL, "a"), ("s", SHORT, "a"), ("s", SMALL, "b")], ids=["server", "spec", "text"]
)
def test_distinguishes_server_spec_and_text(key: tuple[str, EmbeddingSpec, str]) -> None:
    cache = VectorCache()
    cache.put("s", SMALL, "a", np.ones(2, np.float32))
    assert cache.get(*key) is None
