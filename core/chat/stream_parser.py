"""Assemble a chat completion from its chunks, tolerating the deviations of other servers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors.types import StreamError
from core.json_values import JsonObject, json_object, json_objects
from core.redaction import redact_registered_keys
from core.runs.log import StreamDelta

# Other servers stream their reasoning next to the content, under one of these names.
REASONING_FIELDS = ("reasoning_content", "reasoning")


@dataclass(slots=True)
class ResponseChoice:
    """One of the `n` choices, as far as it has arrived."""

    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    logprobs: list[Any] = field(default_factory=list)
    finish_reason: str | None = None

    def message(self) -> dict[str, Any]:
        """Return the message as a response without streaming would contain it."""
        message: dict[str, Any] = {
            "role": "assistant",
            "content": redact_registered_keys("".join(self.text))
            if self.text or not self.tool_calls
            else None,
            "refusal": "".join(self.refusal) or None,
        }
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        if self.tool_calls:
            message["tool_calls"] = self.tool_calls
        return message

    def add_tool_call(self, delta: JsonObject) -> None:
        """Append the delta to the tool call it belongs to: by index, or by id if a server sends no index."""
        call = self._call_for(delta)
        function = json_object(delta.get("function"))
        call["id"] = call["id"] or _text(delta.get("id"))
        call["function"]["name"] = call["function"]["name"] or _text(function.get("name"))
        call["function"]["arguments"] += _text(function.get("arguments"))

    def _call_for(self, delta: JsonObject) -> dict[str, Any]:
        index = delta.get("index")
        if isinstance(index, int) and 0 <= index < len(self.tool_calls):
            return self.tool_calls[index]
        if index is None and self.tool_calls and delta.get("id") in (None, self.tool_calls[-1]["id"]):
            return self.tool_calls[-1]
        self.tool_calls.append({"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
        return self.tool_calls[-1]


class CompletionAccumulator:
    """Accumulates chunks, or one complete response, and yields the deltas of the first choice for display."""

    def __init__(self) -> None:
        self.choices: dict[int, ResponseChoice] = {}
        self.metadata: dict[str, Any] = {}
        self.usage: dict[str, Any] | None = None
        self.chunks = 0

    @property
    def finish_reason(self) -> str | None:
        first = self.choices.get(0)
        return first.finish_reason if first else None

    def feed(self, chunk: Any) -> Iterator[StreamDelta]:
        """Add one decoded chunk. Raises StreamError if it is an error instead of a chunk."""
        self.chunks += 1
        if not isinstance(chunk, dict):
            raise StreamError("The server sent something that is not a chunk", f"It sent: {str(chunk)[:80]}")
        _raise_error_event(chunk)
        for name in ("id", "created", "model", "service_tier", "system_fingerprint", "timings"):
            if chunk.get(name) is not None:
                self.metadata[name] = chunk[name]
        if isinstance(chunk.get("usage"), dict):
            self.usage = chunk["usage"]
        for choice in json_objects(chunk.get("choices")):
            yield from self._add_choice(choice)

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
        return {**self.metadata, "object": "chat.completion", "choices": choices, "usage": self.usage}

    def _add_choice(self, wire: JsonObject) -> Iterator[StreamDelta]:
        index = wire["index"] if isinstance(wire.get("index"), int) else 0
        choice = self.choices.setdefault(index, ResponseChoice())
        choice.finish_reason = _text(wire.get("finish_reason")) or choice.finish_reason
        choice.logprobs += json_objects(json_object(wire.get("logprobs")).get("content"))
        for delta in _deltas(choice, json_object(wire.get("delta") or wire.get("message"))):
            if index == 0:
                yield delta


def _deltas(choice: ResponseChoice, delta: JsonObject) -> Iterator[StreamDelta]:
    reasoning = next((delta[name] for name in REASONING_FIELDS if isinstance(delta.get(name), str)), "")
    if reasoning:
        choice.reasoning.append(reasoning)
        yield StreamDelta("reasoning", reasoning)
    if text := _text(delta.get("content")):
        choice.text.append(text)
        yield StreamDelta("text", text)
    if refusal := _text(delta.get("refusal")):
        choice.refusal.append(refusal)
        yield StreamDelta("text", refusal)
    for call in json_objects(delta.get("tool_calls")):
        choice.add_tool_call(call)


def _text(content: Any) -> str:
    """Some servers send content as a list of parts, even in deltas."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in json_objects(content))
    return content if isinstance(content, str) else ""


def _raise_error_event(chunk: dict[str, Any]) -> None:
    error = chunk.get("error")
    if error is None and chunk.get("object") == "error":
        error = chunk
    if error is None:
        return
    details = error if isinstance(error, dict) else {"message": str(error)}
    code = details.get("code") or details.get("type")
    raise StreamError(str(details.get("message") or "The server reported an error"), code=code and str(code))
