"""Completions that were requested with `store`: in memory, and limited in number and size."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

_MAX_COMPLETIONS = 1_000
_MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    """A completion as the API lists it, and the messages of its request. *owner* is the API key."""

    owner: str
    body: Mapping[str, Any]
    messages: tuple[Mapping[str, Any], ...]
    size: int

    @property
    def id(self) -> str:
        return str(self.body["id"])


class CompletionStore:
    """The stored completions of all owners. The oldest are deleted first. Thread-safe."""

    def __init__(self, max_completions: int = _MAX_COMPLETIONS, max_bytes: int = _MAX_BYTES) -> None:
        self._max_completions, self._max_bytes = max_completions, max_bytes
        self._completions: dict[str, StoredCompletion] = {}
        self._size = 0
        self._lock = threading.Lock()

    def add(self, owner: str, body: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Store the completion *body* of a request with *params*; not if it is too large on its own."""
        stored_body = {
            **body,
            **{name: params.get(name) for name in ("tools", "tool_choice", "response_format", "seed")},
            **{name: params.get(name, 1.0) for name in ("temperature", "top_p")},
            **{name: params.get(name, 0.0) for name in ("presence_penalty", "frequency_penalty")},
            "input_user": params.get("user"),
            "metadata": params.get("metadata", {}),
        }
        messages = []
        for index, message in enumerate(params["messages"]):
            content = message.get("content")
            parts = content if isinstance(content, list) else None
            text = None if parts else content
            fields = {"content": text, "content_parts": parts, "name": message.get("name")}
            messages.append({**message, "id": f"{body['id']}-{index}", **fields})
        size = len(json.dumps([stored_body, messages]))
        if size > self._max_bytes:
            return
        stored = StoredCompletion(owner, stored_body, tuple(messages), size)
        with self._lock:
            self._completions[stored.id] = stored
            self._size += size
            while len(self._completions) > self._max_completions or self._size > self._max_bytes:
                self._remove(next(iter(self._completions)))

    def get(self, owner: str, completion_id: str) -> StoredCompletion | None:
        completion = self._completions.get(completion_id)
        return completion if completion and completion.owner == owner else None

    def list(self, owner: str, condition: Callable[[StoredCompletion], bool]) -> list[StoredCompletion]:
        """Return the completions of *owner* that meet *condition*, oldest first."""
        with self._lock:
            completions = list(self._completions.values())
        return [stored for stored in completions if stored.owner == owner and condition(stored)]

    def update(self, stored: StoredCompletion, metadata: Mapping[str, str]) -> StoredCompletion:
        """Replace the metadata of *stored*, which keeps its place in the list."""
        updated = replace(stored, body={**stored.body, "metadata": metadata})
        with self._lock:
            if stored.id in self._completions:
                self._completions[stored.id] = updated
        return updated

    def delete(self, stored: StoredCompletion) -> None:
        with self._lock:
            self._remove(stored.id)

    def clear(self) -> None:
        with self._lock:
            self._completions.clear()
            self._size = 0

    def _remove(self, completion_id: str) -> None:
        stored = self._completions.pop(completion_id, None)
        self._size -= stored.size if stored else 0
