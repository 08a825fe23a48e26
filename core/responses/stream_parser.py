"""Assemble a response from its events, tolerating missing, repeated and misplaced ones.

The events and their order: https://platform.openai.com/docs/api-reference/responses-streaming
"""

import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors.types import StreamError
from core.generation.displayed_text import DisplayedText
from core.generation.error_events import raise_error_event
from core.json_values import JsonObject, json_object, json_objects, storable_json, storable_text
from core.pricing.usage import Usage
from core.runs.log import DeltaKind, StreamDelta
from core.runs.run import ServerSpeed

# A server can send any number of either.
_MAX_ITEMS = 256
_MAX_PARTS = 64

# What `status` and `incomplete_details.reason` are called as the `finish_reason` of a chat completion.
_FINISH_REASONS: Mapping[tuple[str, str], str] = {
    ("completed", ""): "stop",
    ("incomplete", "max_output_tokens"): "length",
    ("incomplete", "content_filter"): "content_filter",
    ("incomplete", ""): "incomplete",
    ("cancelled", ""): "cancelled",
}
_LAST_EVENTS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")

# Events that append `delta` to a part, and those that repeat the whole part under another name at its end.
_DELTAS: Mapping[str, DeltaKind] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "text",
    "response.reasoning_summary_text.delta": "reasoning",
    "response.reasoning_text.delta": "reasoning",
}
_WHOLE_PARTS: Mapping[str, tuple[str, DeltaKind]] = {
    "response.output_text.done": ("text", "text"),
    "response.refusal.done": ("refusal", "text"),
    "response.reasoning_summary_text.done": ("text", "reasoning"),
    "response.reasoning_text.done": ("text", "reasoning"),
}
_PART_TEXTS: Mapping[str, tuple[str, DeltaKind]] = {
    "output_text": ("text", "text"),
    "text": ("text", "text"),
    "refusal": ("refusal", "text"),
    "summary_text": ("text", "reasoning"),
    "reasoning_text": ("text", "reasoning"),
}
_PART_TYPES = {
    "response.output_text": "output_text",
    "response.refusal": "refusal",
    "response.reasoning_summary_text": "summary_text",
    "response.reasoning_text": "reasoning_text",
}


@dataclass(slots=True)
class StreamedItem:
    """An output item, as far as it has arrived: its fields, and the text of each of its parts.

    *index* and *id* are those of its first event. A part is known by its type and index, because a reasoning
    item has summaries and contents.
    """

    index: int | None
    id: str
    fields: dict[str, Any] = field(default_factory=dict)
    parts: dict[tuple[str, int], str] = field(default_factory=dict)
    arguments: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the item as a response without streaming would contain it."""
        item = dict(self.fields)
        parts = [(name, _part_dict(name, text)) for (name, _), text in sorted(self.parts.items())]
        for key, is_summary in (("summary", True), ("content", False)):
            if not item.get(key):
                item[key] = [part for name, part in parts if (name == "summary_text") == is_summary]
        if self.arguments:
            item["arguments"] = item.get("arguments") or self.arguments
        return {key: value for key, value in item.items() if value != [] or key in self.fields}


def _part_dict(name: str, text: str) -> dict[str, Any]:
    part: dict[str, Any] = {"type": name, _PART_TEXTS[name][0]: text}
    return part | {"annotations": [], "logprobs": []} if name == "output_text" else part


class ResponseAccumulator:
    """Accumulates events, or one whole response, and yields the deltas for display.

    What an event at the end of a part, an item or the response repeats is yielded only as far as no delta
    has brought it.
    """

    def __init__(self) -> None:
        self.received = 0
        self.characters = 0
        self.has_ended = False
        self.snapshot: dict[str, Any] = {}
        self.items: list[StreamedItem] = []
        self._reasoning_part: tuple[int, str, int] | None = None
        self._displayed = DisplayedText()

    @property
    def finish_reason(self) -> str | None:
        status = str(self.snapshot.get("status") or "")
        reason = str(json_object(self.snapshot.get("incomplete_details")).get("reason") or "")
        finish = _FINISH_REASONS.get((status, reason)) or _FINISH_REASONS.get((status, ""))
        calls_tools = any(item.fields.get("type") == "function_call" for item in self.items)
        return "tool_calls" if finish == "stop" and calls_tools else finish

    @property
    def refusal(self) -> str:
        parts = (part for item in self.items for part in item.parts.items())
        return storable_text("".join(text for (name, _), text in parts if name == "refusal"))

    def is_response(self, body: JsonObject) -> bool:
        is_error = "error" in body and body["error"] is not None
        return is_error or body.get("object") in ("response", "error") or "output" in body

    def problem(self) -> str:
        return "" if self.snapshot else "The response is empty"

    def feed(self, event: Any) -> Iterator[StreamDelta]:
        """Add one decoded event, or a whole response. Raises StreamError if it reports an error."""
        self.received += 1
        if not isinstance(event, dict):
            raise StreamError(
                "The server sent something that is not an event", f"It sent: {reprlib.repr(event)}"
            )
        name = str(event.get("type") or "")
        # A whole response that failed is taken first, so that its run has it.
        is_failure = event.get("object") == "response" and event.get("status") == "failed"
        if not is_failure and not name.startswith("response."):
            raise_error_event(event)
        if not name and self.is_response(event):
            yield from self._take_response(event)
        elif "response" in event:
            self.has_ended = name in _LAST_EVENTS
            yield from self._take_response(json_object(event["response"]))
        elif name.startswith("response.output_item."):
            yield from self._take_item(self._item(event), json_object(event.get("item")))
        elif name in ("response.content_part.done", "response.reasoning_summary_part.done"):
            part = json_object(event.get("part"))
            yield from self._take_part(self._item(event), part, _part_index(event))
        elif name.startswith("response.function_call_arguments."):
            self._take_arguments(self._item(event), event)
        else:
            yield from self._take_text(name, event)

    def result_fields(self) -> dict[str, Any]:
        return {
            "response": self.response(),
            "finish_reason": self.finish_reason,
            "refusal": self.refusal,
            "model": storable_text(str(self.snapshot.get("model") or "")),
            "service_tier": self.snapshot.get("service_tier"),
            "usage": Usage.of(self.snapshot.get("usage")),
            "server_speed": ServerSpeed.of(self.snapshot.get("timings")),
        }

    def response(self) -> dict[str, Any]:
        """Return the response as the same call without streaming would have returned it."""
        output = self.snapshot.get("output") or [item.to_dict() for item in self.items]
        response: dict[str, Any] = storable_json({**self.snapshot, "output": output})
        return response

    def _item(self, event: JsonObject) -> StreamedItem:
        """Return the item of *event*: by its index, or by its id where the server sends no index."""
        index = event.get("output_index")
        index = index if isinstance(index, int) else None
        item_id = str(event.get("item_id") or json_object(event.get("item")).get("id") or "")
        for item in self.items:
            if index is not None and item.index == index:
                return item
            if None in (index, item.index) and item.id == item_id:
                return item
        item = StreamedItem(index, item_id)
        if len(self.items) < _MAX_ITEMS:
            self.items.append(item)
        return item

    def _take_response(self, response: JsonObject) -> Iterator[StreamDelta]:
        """Take a snapshot of the response. The last one contains the whole output, which may be news."""
        self.snapshot = {**self.snapshot, **response}
        for index, item in enumerate(json_objects(response.get("output"))[:_MAX_ITEMS]):
            yield from self._take_item(self._item({"output_index": index, "item": item}), item)
        if response.get("status") == "failed":
            raise_error_event({"error": response.get("error") or "The response failed"})

    def _take_item(self, item: StreamedItem, fields: JsonObject) -> Iterator[StreamDelta]:
        item.fields.update(fields)
        if isinstance(fields.get("arguments"), str):
            self._take_arguments(item, fields)
        for name in ("summary", "content"):
            for index, part in enumerate(json_objects(fields.get(name))[:_MAX_PARTS]):
                yield from self._take_part(item, part, index)

    def _take_part(self, item: StreamedItem, part: JsonObject, index: int) -> Iterator[StreamDelta]:
        name = str(part.get("type"))
        field_name, kind = _PART_TEXTS.get(name, ("", "text"))
        text = part.get(field_name)
        if isinstance(text, str):
            name = "output_text" if name == "text" else name
            yield from self._complete_part(item, (name, index), text, kind)

    def _take_text(self, name: str, event: JsonObject) -> Iterator[StreamDelta]:
        key = (_PART_TYPES.get(name.rpartition(".")[0], ""), _part_index(event))
        if name in _DELTAS and isinstance(event.get("delta"), str):
            yield from self._append(self._item(event), key, event["delta"], _DELTAS[name])
        elif name in _WHOLE_PARTS:
            field_name, kind = _WHOLE_PARTS[name]
            if isinstance(event.get(field_name), str):
                yield from self._complete_part(self._item(event), key, event[field_name], kind)

    def _complete_part(
        self, item: StreamedItem, key: tuple[str, int], text: str, kind: DeltaKind
    ) -> Iterator[StreamDelta]:
        """Append what *text*, the whole part, has beyond its deltas; a different text is not shown again."""
        arrived = item.parts.get(key, "")
        if len(text) > len(arrived) and text.startswith(arrived):
            yield from self._append(item, key, text[len(arrived) :], kind)

    def _append(
        self, item: StreamedItem, key: tuple[str, int], text: str, kind: DeltaKind
    ) -> Iterator[StreamDelta]:
        if key not in item.parts and len(item.parts) >= _MAX_PARTS:
            return
        item.parts[key] = item.parts.get(key, "") + text
        self.characters += len(text)
        if kind == "reasoning":
            part = (id(item), *key)
            if self._reasoning_part not in (None, part):
                text = f"\n\n{text}"  # each summary is a paragraph
            self._reasoning_part = part
        yield from self._displayed.deltas(kind, text)

    def _take_arguments(self, item: StreamedItem, event: JsonObject) -> None:
        delta, arguments = event.get("delta"), event.get("arguments")
        if isinstance(delta, str):
            item.arguments += delta
            self.characters += len(delta)
        elif isinstance(arguments, str) and len(arguments) >= len(item.arguments):
            self.characters += len(arguments) - len(item.arguments)
            item.arguments = item.fields["arguments"] = arguments


def _part_index(event: JsonObject) -> int:
    """Return the place of a part in its item; a summary and a content have indices of their own."""
    index = event.get("summary_index", event.get("content_index"))
    return index if isinstance(index, int) else 0
