"""Assemble a chat completion from its chunks, tolerating the deviations of other servers."""

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors.types import StreamError
from core.generation.displayed_text import DisplayedText
from core.generation.error_events import raise_error_event
from core.json_values import JsonObject, json_object, json_objects, storable_json, storable_text
from core.pricing.usage import Usage
from core.redaction import redact_registered_keys
from core.runs.log import StreamDelta
from core.runs.run import ServerSpeed

# Other servers stream their reasoning next to the content, under one of these names.
REASONING_FIELDS = ("reasoning_content", "reasoning")

# The largest `n` of the API, and its largest number of tools. A server can send any number.
MAX_CHOICES = 128
_MAX_TOOL_CALLS = 128


@dataclass(slots=True)
class StreamedToolCall:
    """A tool call, as far as it has arrived; *index* is the server's, None if it sends none."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": "".join(self.arguments)}
        return {"id": self.id, "type": "function", "function": function}


@dataclass(slots=True)
class ResponseChoice:
    """One of the `n` choices, as far as it has arrived."""

    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    tool_calls: list[StreamedToolCall] = field(default_factory=list)
    logprobs: list[Any] = field(default_factory=list)
    finish_reason: str | None = None
    displayed: DisplayedText = field(default_factory=DisplayedText)

    def message(self) -> dict[str, Any]:
        """Return the message as a response without streaming would contain it."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": redact_registered_keys(storable_text("".join(self.text)))
            if self.text or not self.tool_calls
            else None,
            "refusal": "".join(self.refusal) or None,
        }
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        if self.tool_calls:
            message["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        return message

    def add_tool_call(self, delta: JsonObject) -> int:
        """Append the delta to the tool call it belongs to, and return the number of characters added."""
        function = json_object(delta.get("function"))
        call_id, name = _text(delta.get("id")), _text(function.get("name"))
        index = delta.get("index")
        call = self._find_tool_call(index if isinstance(index, int) else None, call_id, name)
        if call is None:
            if len(self.tool_calls) >= _MAX_TOOL_CALLS:
                return 0
            call = StreamedToolCall(index if isinstance(index, int) else None)
            self.tool_calls.append(call)
        call.id = call.id or call_id
        call.name = call.name or name
        arguments = _text(function.get("arguments"))
        call.arguments.append(arguments)
        return len(name) + len(arguments)

    def _find_tool_call(self, index: int | None, call_id: str, name: str) -> StreamedToolCall | None:
        """Return the tool call that a delta continues, None if it starts another.

        The index decides, and the id where several calls have the same index or none. Some servers send a
        new id with every delta, so an unknown id starts a call only together with a name.
        """
        calls = [call for call in reversed(self.tool_calls) if index in (None, call.index)]
        if known := next((call for call in calls if call_id and call.id == call_id), None):
            return known
        if not calls:
            return None
        last = calls[0]
        if index is None and not call_id:
            return None if name and last.name else last
        starts_another = call_id and last.id and (name or index is None)
        return None if starts_another else last


class CompletionAccumulator:
    """Accumulates chunks, or one complete response, and yields the deltas of the first choice for display.

    Only the first *max_choices* choices are read. `characters` counts the content of all of them.
    """

    has_ended = False  # the server's [DONE] ends a stream

    def __init__(self, max_choices: int = MAX_CHOICES) -> None:
        self.max_choices = max_choices
        self.characters = 0
        self.choices: dict[int, ResponseChoice] = {}
        self.metadata: dict[str, Any] = {}
        self.usage: dict[str, Any] | None = None
        self.received = 0

    @property
    def finish_reason(self) -> str | None:
        first = self.choices.get(0)
        return first.finish_reason if first else None

    def feed(self, chunk: Any) -> Iterator[StreamDelta]:
        """Add one decoded chunk. Raises StreamError if it is an error instead of a chunk."""
        self.received += 1
        if not isinstance(chunk, dict):
            raise StreamError(
                "The server sent something that is not a chunk", f"It sent: {reprlib.repr(chunk)}"
            )
        raise_error_event(chunk)
        for name in ("id", "created", "model", "service_tier", "system_fingerprint", "timings"):
            if chunk.get(name) is not None:
                self.metadata[name] = chunk[name]
        if isinstance(chunk.get("usage"), dict):
            self.usage = chunk["usage"]
        choices = chunk.get("choices")
        for choice in json_objects(choices[:MAX_CHOICES] if isinstance(choices, list) else None):
            yield from self._add_choice(choice)

    def is_response(self, body: JsonObject) -> bool:
        return bool({"choices", "error"} & body.keys()) or body.get("object") == "error"

    def problem(self) -> str:
        return "" if self.choices else "The completion has no choices"

    def result_fields(self) -> dict[str, Any]:
        first = self.choices.get(0)
        return {
            "response": self.response(),
            "finish_reason": self.finish_reason,
            "refusal": storable_text("".join(first.refusal)) if first else "",
            "model": storable_text(str(self.metadata.get("model") or "")),
            "service_tier": self.metadata.get("service_tier"),
            "usage": Usage.of(self.usage),
            "server_speed": ServerSpeed.of(self.metadata.get("timings")),
        }

    def response(self) -> dict[str, Any]:
        """Return the completion as the same call without streaming would have returned it."""
        choices = [
            {
                "index": index,
                "message": choice.message(),
                "finish_reason": choice.finish_reason,
                "logprobs": {"content": choice.logprobs} if choice.logprobs else None,
            }
            for index, choice in sorted(self.choices.items())
        ]
        response = {**self.metadata, "object": "chat.completion", "choices": choices, "usage": self.usage}
        storable: dict[str, Any] = storable_json(response)
        return storable

    def _add_choice(self, wire: JsonObject) -> Iterator[StreamDelta]:
        index = wire["index"] if isinstance(wire.get("index"), int) else 0
        if index not in self.choices and len(self.choices) >= self.max_choices:
            return
        choice = self.choices.setdefault(index, ResponseChoice())
        choice.finish_reason = _text(wire.get("finish_reason")) or choice.finish_reason
        choice.logprobs += json_objects(json_object(wire.get("logprobs")).get("content"))
        message = json_object(wire.get("delta") or wire.get("message"))
        for delta in self._add_message(choice, message):
            if index == 0:
                yield delta

    def _add_message(self, choice: ResponseChoice, message: JsonObject) -> Iterator[StreamDelta]:
        reasoning = next(
            (message[name] for name in REASONING_FIELDS if isinstance(message.get(name), str)), ""
        )
        text, refusal = _text(message.get("content")), _text(message.get("refusal"))
        self.characters += len(reasoning) + len(text) + len(refusal)
        if reasoning:
            choice.reasoning.append(reasoning)
            yield from choice.displayed.deltas("reasoning", reasoning)
        if text:
            choice.text.append(text)
            yield from choice.displayed.deltas("text", text)
        if refusal:
            choice.refusal.append(refusal)
            yield from choice.displayed.deltas("text", refusal)
        calls = message.get("tool_calls")
        for call in json_objects(calls[:_MAX_TOOL_CALLS] if isinstance(calls, list) else None):
            self.characters += choice.add_tool_call(call)


def _text(content: Any) -> str:
    """Some servers send content as a list of parts, even in deltas."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in json_objects(content))
    return content if isinstance(content, str) else ""
