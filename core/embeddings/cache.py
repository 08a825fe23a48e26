"""Embeddings that are already paid for."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from core.embeddings.request import EmbeddingSpec
from core.embeddings.vectors import Matrix

_MAX_BYTES = 192 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CachedVector:
    """A vector, and the id of the run that received it."""

    vector: Matrix
    run_id: str


class VectorCache:
    """An in-memory LRU cache of one session's vectors, of at most *max_bytes*.

    Keys hold a hash instead of the text. Nothing is written to disk or shared with another session.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._vectors: OrderedDict[bytes, CachedVector] = OrderedDict()
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._vectors)

    def get(self, server: str, spec: EmbeddingSpec, text: str) -> CachedVector | None:
        """Return the vector of *text* from *server*, or None, and mark it as recently used."""
        key = _key(server, spec, text)
        with self._lock:
            cached = self._vectors.get(key)
            if cached is not None:
                self._vectors.move_to_end(key)
            return cached

    def contains(self, server: str, spec: EmbeddingSpec, text: str) -> bool:
        """Return whether the vector is cached, without marking it as used."""
        return _key(server, spec, text) in self._vectors

    def put(self, server: str, spec: EmbeddingSpec, text: str, vector: Matrix, run_id: str = "") -> None:
        """Store a copy of *vector*, which run *run_id* received.

        Evicts the least recently used ones beyond the limit.
        """
        # A view would hold the whole response of up to 2,048 vectors in memory.
        key, copy = _key(server, spec, text), vector.copy()
        with self._lock:
            self._remove(key)
            self._vectors[key] = CachedVector(copy, run_id)
            self._bytes += copy.nbytes
            while self._bytes > self._max_bytes:
                self._remove(next(iter(self._vectors)))

    def _remove(self, key: bytes) -> None:
        if cached := self._vectors.pop(key, None):
            self._bytes -= cached.vector.nbytes


def _key(server: str, spec: EmbeddingSpec, text: str) -> bytes:
    parts = "\0".join((server, spec.model, str(spec.dimensions or ""), text))
    return sha256(parts.encode(errors="surrogatepass")).digest()
