"""Serialisation of chat completions: one JSON body, or server-sent events."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from core.sandbox.api.tokenizer import TokenPiece

SYSTEM_FINGERPRINT = "fp_sandbox"
DONE = b"data: [DONE]\n\n"
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class CompletionUsage:
    """The `usage` object of a completion.

    Cached, cache write and image tokens are part of *prompt_tokens*, reasoning tokens of *completion_tokens*.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    image_tokens: int = 0
    reasoning_tokens: int = 0

    def to_dict(self) -> dict[str, Any]:
        prompt_details = {
            "cached_tokens": self.cached_tokens,
            "cache_write_tokens": self.cache_write_tokens,
            "audio_tokens": 0,
            "image_tokens": self.image_tokens,
            "text_tokens": self.prompt_tokens - self.image_tokens,
        }
        completion_details = {
            "reasoning_tokens": self.reasoning_tokens,
            "audio_tokens": 0,
            "text_tokens": self.completion_tokens - self.reasoning_tokens,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        }
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": prompt_details,
            "completion_tokens_details": completion_details,
        }


@dataclass(frozen=True, slots=True)
class CompletionToolCall:
    """A call of a function; *pieces* are the JSON text of its arguments."""

    id: str
    name: str
    pieces: tuple[TokenPiece, ...]

    def to_dict(self) -> dict[str, Any]:
        arguments = "".join(piece.text for piece in self.pieces)
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": arguments}}


@dataclass(frozen=True, slots=True)
class CompletionChoice:
    """One choice of a completion. *logprobs*, if requested, has the entries of each piece's tokens.

    The text is a refusal if *is_refusal*; a choice with tool calls has no text.
    """

    index: int
    pieces: tuple[TokenPiece, ...]
    token_count: int
    finish_reason: str
    logprobs: tuple[list[dict[str, Any]], ...] | None = None
    is_refusal: bool = False
    tool_calls: tuple[CompletionToolCall, ...] = ()
    origin: str = "rules"

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def event_count(self) -> int:
        """The number of events of a stream that have a part of this choice."""
        return len(self.pieces) + sum(1 + len(call.pieces) for call in self.tool_calls)

    @property
    def _has_content(self) -> bool:
        return not self.is_refusal and not self.tool_calls

    def role_delta(self) -> dict[str, Any]:
        return {"role": "assistant", "content": "" if self._has_content else None, "refusal": None}

    def to_dict(self) -> dict[str, Any]:
        entries = None
        if self.logprobs is not None:
            entries = [entry for piece_entries in self.logprobs for entry in piece_entries]
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self.text if self._has_content else None,
            "refusal": self.text if self.is_refusal else None,
            "annotations": [],
        }
        if self.tool_calls:
            message["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        return {
            "index": self.index,
            "message": message,
            "logprobs": _logprobs_object(entries, self.is_refusal),
            "finish_reason": self.finish_reason,
        }


@dataclass(frozen=True, slots=True)
class Generation:
    """What a request gets, whichever API it is sent by; *origin* tells how the first choice was made."""

    choices: tuple[CompletionChoice, ...]
    usage: CompletionUsage
    origin: str = "rules"

    @property
    def event_count(self) -> int:
        return max(choice.event_count for choice in self.choices)


@dataclass(frozen=True, slots=True)
class ChatCompletion:
    """The complete response to one request."""

    id: str
    created: int
    model: str
    generation: Generation
    service_tier: str = "default"

    def common_fields(self, object_type: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": object_type,
            "created": self.created,
            "model": self.model,
            "service_tier": self.service_tier,
            "system_fingerprint": SYSTEM_FINGERPRINT,
        }

    def to_dict(self) -> dict[str, Any]:
        choices = [choice.to_dict() for choice in self.generation.choices]
        fields = self.common_fields("chat.completion")
        return {**fields, "choices": choices, "usage": self.generation.usage.to_dict()}

    def to_json(self) -> bytes:
        return _to_json(self.to_dict()).encode()


class ChunkSerializer:
    """Serialises a completion as the chunks of a stream."""

    def __init__(self, completion: ChatCompletion, include_usage: bool) -> None:
        self._completion = completion
        self._include_usage = include_usage
        # Serialised once and not with every chunk: a fast stream has thousands of chunks a second.
        self._head = _to_json(completion.common_fields("chat.completion.chunk"))[:-1]
        self._tail = ',"usage":null}\n\n' if include_usage else "}\n\n"

    def event_groups(self) -> Iterator[list[bytes]]:
        """Yield the events to send together: the roles, the next piece of each choice, the finish reasons."""
        choices = self._completion.generation.choices
        yield [self._chunk(choice.index, _to_json(choice.role_delta())) for choice in choices]
        for events in zip_longest(*(self._events(choice) for choice in choices)):
            yield [event for event in events if event is not None]
        last = [self._chunk(choice.index, "{}", finish=_to_json(choice.finish_reason)) for choice in choices]
        if self._include_usage:
            usage = _to_json(self._completion.generation.usage.to_dict())
            last.append(f'data: {self._head},"choices":[],"usage":{usage}}}\n\n'.encode())
        yield [*last, DONE]

    def content_template(self) -> bytes:
        """Return a content event of choice 0 with `%s` in place of the content."""
        return self._chunk(0, '{"content":CONTENT}').replace(b"%", b"%%").replace(b"CONTENT", b"%s")

    def _events(self, choice: CompletionChoice) -> Iterator[bytes]:
        field = "refusal" if choice.is_refusal else "content"
        if choice.logprobs is not None:
            for piece, entries in zip(choice.pieces, choice.logprobs, strict=True):
                delta = f'{{"{field}":{_to_json(piece.text)}}}'
                logprobs = _to_json(_logprobs_object(entries, choice.is_refusal))
                yield self._chunk(choice.index, delta, logprobs=logprobs)
        else:
            before = f'data: {self._head},"choices":[{{"index":{choice.index},"delta":{{"{field}":'
            after = f'}},"logprobs":null,"finish_reason":null}}]{self._tail}'
            for piece in choice.pieces:
                yield f"{before}{_to_json(piece.text)}{after}".encode()
        for index, call in enumerate(choice.tool_calls):
            # Id, type and name are sent once, before the arguments: clients join what is sent repeatedly.
            start = {
                "index": index,
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": ""},
            }
            yield self._chunk(choice.index, _to_json({"tool_calls": [start]}))
            for piece in call.pieces:
                part = {"index": index, "function": {"arguments": piece.text}}
                yield self._chunk(choice.index, _to_json({"tool_calls": [part]}))

    def _chunk(self, index: int, delta: str, finish: str = "null", logprobs: str = "null") -> bytes:
        choice = f'{{"index":{index},"delta":{delta},"logprobs":{logprobs},"finish_reason":{finish}}}'
        return f'data: {self._head},"choices":[{choice}]{self._tail}'.encode()


def _logprobs_object(entries: list[dict[str, Any]] | None, is_refusal: bool) -> dict[str, Any] | None:
    if entries is None:
        return None
    return {"content": None if is_refusal else entries, "refusal": entries if is_refusal else None}
