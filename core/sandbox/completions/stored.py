"""Completions that were requested with `store`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.api.owned_store import MAX_BYTES, MAX_VALUES, OwnedStore


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    """A completion as the API lists it, and the messages of its request. *owner* is that of the API key."""

    owner: str
    body: Mapping[str, Any]
    messages: tuple[Mapping[str, Any], ...]

    @property
    def id(self) -> str:
        return str(self.body["id"])


class CompletionStore:
    """The stored completions of all owners."""

    def __init__(self, max_completions: int = MAX_VALUES, max_bytes: int = MAX_BYTES) -> None:
        self._completions: OwnedStore[StoredCompletion] = OwnedStore(max_completions, max_bytes)

    def add(self, owner: str, body: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Store the completion *body* of a request with *params*."""
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
        stored = StoredCompletion(owner, stored_body, tuple(messages))
        self._completions.add(owner, stored.id, stored, len(json.dumps([stored_body, messages])))

    def get(self, owner: str, completion_id: str) -> StoredCompletion | None:
        return self._completions.get(owner, completion_id)

    def list(self, owner: str, condition: Callable[[StoredCompletion], bool]) -> list[StoredCompletion]:
        """Return the completions of *owner* that meet *condition*, oldest first."""
        return [stored for stored in self._completions.list(owner) if condition(stored)]

    def update(self, stored: StoredCompletion, metadata: Mapping[str, str]) -> StoredCompletion:
        """Replace the metadata of *stored*, which keeps its place in the list."""
        updated = replace(stored, body={**stored.body, "metadata": metadata})
        self._completions.replace(stored.owner, stored.id, updated)
        return updated

    def delete(self, stored: StoredCompletion) -> None:
        self._completions.delete(stored.owner, stored.id)

    def clear(self) -> None:
        self._completions.clear()
