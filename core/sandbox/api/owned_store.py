"""What clients have stored in memory, limited in number and size."""

import threading
from typing import Generic, TypeVar

MAX_VALUES = 1_000
MAX_BYTES = 32 * 1024 * 1024

T = TypeVar("T")


class OwnedStore(Generic[T]):
    """Values by owner and id. The oldest of all owners are deleted first. Thread-safe."""

    def __init__(self, max_values: int = MAX_VALUES, max_bytes: int = MAX_BYTES) -> None:
        self._max_values, self._max_bytes = max_values, max_bytes
        self._values: dict[tuple[str, str], tuple[T, int]] = {}
        self._size = 0
        self._lock = threading.Lock()

    def add(self, owner: str, value_id: str, value: T, size: int) -> None:
        """Store *value* of *size* bytes; not if it is too large on its own."""
        if size > self._max_bytes:
            return
        with self._lock:
            self._remove((owner, value_id))
            self._values[owner, value_id] = value, size
            self._size += size
            while len(self._values) > self._max_values or self._size > self._max_bytes:
                self._remove(next(iter(self._values)))

    def get(self, owner: str, value_id: str) -> T | None:
        entry = self._values.get((owner, value_id))
        return entry[0] if entry else None

    def list(self, owner: str) -> "list[T]":
        """Return the values of *owner*, oldest first."""
        with self._lock:
            return [value for key, (value, _) in self._values.items() if key[0] == owner]

    def replace(self, owner: str, value_id: str, value: T) -> None:
        """Replace a value, which keeps its place; one that is deleted stays deleted."""
        with self._lock:
            if (entry := self._values.get((owner, value_id))) is not None:
                self._values[owner, value_id] = value, entry[1]

    def delete(self, owner: str, value_id: str) -> None:
        with self._lock:
            self._remove((owner, value_id))

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self._size = 0

    def _remove(self, key: tuple[str, str]) -> None:
        entry = self._values.pop(key, None)
        self._size -= entry[1] if entry else 0
