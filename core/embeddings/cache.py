"""Vectors that need not be paid for twice."""

from collections import OrderedDict
from hashlib import sha256
from threading import Lock

from core.embeddings.request import EmbeddingSpec
from core.embeddings.vectors import Matrix

_MAX_BYTES = 192 * 1024 * 1024


class VectorCache:
    """The vectors of one person, in memory, the least used forgotten first beyond *budget* bytes.

    Texts are known by their hash only. Nothing of it reaches the disk or another session.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._rows: OrderedDict[bytes, Matrix] = OrderedDict()
        self._budget = max_bytes
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, server: str, space: EmbeddingSpec, text: str) -> Matrix | None:
        """Return the vector of *text* by *server*, or None."""
        key = _key(server, space, text)
        with self._lock:
            found = self._rows.get(key)
            if found is not None:
                self._rows.move_to_end(key)
            return found

    def contains(self, server: str, space: EmbeddingSpec, text: str) -> bool:
        """Tell whether it is there, without counting that as a use."""
        return _key(server, space, text) in self._rows

    def put(self, server: str, space: EmbeddingSpec, text: str, row: Matrix) -> None:
        """Remember a copy of *row*: a view would keep its whole reply alive."""
        key, kept = _key(server, space, text), row.copy()
        with self._lock:
            self._forget(key)
            self._rows[key] = kept
            self._bytes += kept.nbytes
            while self._bytes > self._budget:
                self._forget(next(iter(self._rows)))

    def _forget(self, key: bytes) -> None:
        if (old := self._rows.pop(key, None)) is not None:
            self._bytes -= old.nbytes


def _key(server: str, space: EmbeddingSpec, text: str) -> bytes:
    named = "\0".join((server, space.model, str(space.dimensions or ""), text))
    return sha256(named.encode(errors="surrogatepass")).digest()
