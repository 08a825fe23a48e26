"""The items of a response, and the events of a stream in which each arrives."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

from core.sandbox.api.serializers import CompletionChoice, CompletionToolCall, Generation
from core.sandbox.responses.input_items import new_id
from core.sandbox.responses.opaque import seal

Event = dict[str, Any]
"""An event without its sequence number."""

_WORD = re.compile(r"\s*\S+|\s+$")


class OutputItem(Protocol):
    """An item at *index* of the output. Deltas are sent one by one, at the pace of the model's tokens."""

    @property
    def index(self) -> int: ...

    @property
    def id(self) -> str: ...

    def to_dict(self) -> dict[str, Any]: ...

    def opening(self) -> list[Event]: ...

    def deltas(self) -> Iterator[Event]: ...

    def closing(self) -> list[Event]: ...


@dataclass(frozen=True, slots=True)
class ReasoningItem:
    """What the model has thought, of which only a summary can be read."""

    index: int
    summary: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: new_id("rs"))
    encrypted_content: str = field(default_factory=lambda: seal(()))

    def to_dict(self) -> dict[str, Any]:
        return self._item([_summary_part(text) for text in self.summary])

    def opening(self) -> list[Event]:
        return [_item_event("added", self.index, self._item([]))]

    def deltas(self) -> Iterator[Event]:
        """Yield the events of all parts, word by word: a part begins and ends within the item."""
        prefix = "response.reasoning_summary"
        for number, text in enumerate(self.summary):
            place = {"item_id": self.id, "output_index": self.index, "summary_index": number}
            yield {"type": f"{prefix}_part.added", **place, "part": _summary_part("")}
            for word in _WORD.findall(text):
                yield {"type": f"{prefix}_text.delta", **place, "delta": word}
            yield {"type": f"{prefix}_text.done", **place, "text": text}
            yield {"type": f"{prefix}_part.done", **place, "part": _summary_part(text)}

    def closing(self) -> list[Event]:
        return [_item_event("done", self.index, self.to_dict())]

    def _item(self, summary: list[dict[str, str]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "reasoning",
            "content": [],
            "encrypted_content": self.encrypted_content,
            "summary": summary,
        }


@dataclass(frozen=True, slots=True)
class MessageItem:
    """A text or a refusal."""

    index: int
    choice: CompletionChoice
    status: str
    id: str = field(default_factory=lambda: new_id("msg"))

    def to_dict(self) -> dict[str, Any]:
        return self._item(self.status, [self._part(self.choice.text, self._logprobs)])

    def opening(self) -> list[Event]:
        part = {"type": "response.content_part.added", **self._place, "part": self._part("", [])}
        return [_item_event("added", self.index, self._item("in_progress", [])), part]

    def deltas(self) -> Iterator[Event]:
        if self.choice.is_refusal:
            for piece in self.choice.pieces:
                yield {"type": "response.refusal.delta", **self._place, "delta": piece.text}
            return
        entries: Sequence[list[Event]] = self.choice.logprobs or [[] for _ in self.choice.pieces]
        for piece, logprobs in zip(self.choice.pieces, entries, strict=True):
            yield {
                "type": "response.output_text.delta",
                **self._place,
                "delta": piece.text,
                "logprobs": logprobs,
            }

    def closing(self) -> list[Event]:
        text, logprobs = self.choice.text, self._logprobs
        done: Event = {"type": "response.refusal.done", **self._place, "refusal": text}
        if not self.choice.is_refusal:
            done = {"type": "response.output_text.done", **self._place, "logprobs": logprobs, "text": text}
        part = {"type": "response.content_part.done", **self._place, "part": self._part(text, logprobs)}
        return [done, part, _item_event("done", self.index, self.to_dict())]

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": self.id, "output_index": self.index, "content_index": 0}

    @property
    def _logprobs(self) -> list[dict[str, Any]]:
        return list(chain.from_iterable(self.choice.logprobs or ()))

    def _part(self, text: str, logprobs: list[dict[str, Any]]) -> dict[str, Any]:
        if self.choice.is_refusal:
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "annotations": [], "logprobs": logprobs, "text": text}

    def _item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "type": "message", "status": status, "content": content, "role": "assistant"}


@dataclass(frozen=True, slots=True)
class CallItem:
    """A call of a function."""

    index: int
    call: CompletionToolCall
    status: str
    id: str = field(default_factory=lambda: new_id("fc"))

    def to_dict(self) -> dict[str, Any]:
        return self._item(self.status, self._arguments)

    def opening(self) -> list[Event]:
        return [_item_event("added", self.index, self._item("in_progress", ""))]

    def deltas(self) -> Iterator[Event]:
        for piece in self.call.pieces:
            yield {"type": "response.function_call_arguments.delta", **self._place, "delta": piece.text}

    def closing(self) -> list[Event]:
        done = {"type": "response.function_call_arguments.done", **self._place, "arguments": self._arguments}
        return [done, _item_event("done", self.index, self.to_dict())]

    @property
    def _place(self) -> dict[str, Any]:
        return {"item_id": self.id, "output_index": self.index}

    @property
    def _arguments(self) -> str:
        return "".join(piece.text for piece in self.call.pieces)

    def _item(self, status: str, arguments: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": "function_call",
            "status": status,
            "arguments": arguments,
            "call_id": self.call.id,
            "name": self.call.name,
        }


def build_output(generation: Generation, summary: tuple[str, ...]) -> tuple[OutputItem, ...]:
    """Return the items of *generation*: reasoning if there is any, then calls or a message."""
    (choice,) = generation.choices
    items: list[OutputItem] = []
    if generation.usage.reasoning_tokens:
        items.append(ReasoningItem(0, summary))
    is_complete = choice.finish_reason not in ("length", "content_filter")
    last_status = "completed" if is_complete else "incomplete"
    for call in choice.tool_calls:
        is_last = call is choice.tool_calls[-1]
        items.append(CallItem(len(items), call, last_status if is_last else "completed"))
    # Reasoning can take all tokens, so that no text begins.
    if not choice.tool_calls and (choice.pieces or is_complete):
        items.append(MessageItem(len(items), choice, last_status))
    return tuple(items)


def _summary_part(text: str) -> dict[str, str]:
    return {"type": "summary_text", "text": text}


def _item_event(state: str, index: int, item: Mapping[str, Any]) -> Event:
    return {"type": f"response.output_item.{state}", "output_index": index, "item": item}
