"""The HTTP chunks of a streamed reply by Chat Completions and by the Responses API, with the same tokens."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.load import Load

MODEL = "gpt-6-luna"
_CREATED = 1790000000
_INPUT_TOKENS = 20
_ITEM = "msg_bench"


@dataclass(frozen=True, slots=True)
class StreamedReply:
    """What is sent at once, and a chunk for each token with what follows the last one."""

    lead: bytes
    chunks: Sequence[bytes]


def completion_reply(load: Load) -> StreamedReply:
    """Return an event for each token, the finish reason, the usage and [DONE]."""
    first, *others = load.words()
    usage = {
        "prompt_tokens": _INPUT_TOKENS,
        "completion_tokens": load.tokens,
        "total_tokens": _INPUT_TOKENS + load.tokens,
    }
    return StreamedReply(
        b"",
        [
            _completion_event({"role": "assistant", "content": first, "refusal": None}),
            *(_completion_event({"content": text}) for text in others),
            _completion_event({}, "stop"),
            _completion_event(None, usage=usage),
            _http_chunk(b"data: [DONE]\n\n") + _http_chunk(b""),
        ],
    )


def _completion_event(delta: dict[str, Any] | None, finish: str | None = None, usage: Any = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": _CREATED,
        "model": MODEL,
        "service_tier": "default",
        "system_fingerprint": "fp_bench",
        "choices": [] if delta is None else [choice],
        "usage": usage,
    }
    return _http_chunk(b"data: " + _json(chunk) + b"\n\n")


def response_reply(load: Load) -> StreamedReply:
    """Return the events of a response with one message, in the order of the API."""
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
    item = {"id": _ITEM, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    ended_part = {**part, "text": load.text}
    ended_item = {**item, "status": "completed", "content": [ended_part]}
    usage = {
        "input_tokens": _INPUT_TOKENS,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": load.tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": _INPUT_TOKENS + load.tokens,
    }
    place = {"item_id": _ITEM, "output_index": 0, "content_index": 0}
    opening: list[dict[str, Any]] = [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **place, "part": part},
    ]
    deltas: list[dict[str, Any]] = [
        {"type": "response.output_text.delta", **place, "delta": text, "logprobs": []}
        for text in load.words()
    ]
    closing: list[dict[str, Any]] = [
        {"type": "response.output_text.done", **place, "text": load.text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": ended_part},
        {"type": "response.output_item.done", "output_index": 0, "item": ended_item},
        {"type": "response.completed", "response": _response("completed", [ended_item], usage)},
    ]
    started: list[dict[str, Any]] = [
        {"type": f"response.{name}", "response": _response("in_progress", [], None)}
        for name in ("created", "in_progress")
    ]
    numbered = enumerate([*started, *opening, *deltas, *closing])
    events = [_response_event({"sequence_number": number, **event}) for number, event in numbered]
    first = len(started) + len(opening)
    chunks = events[first:]
    chunks[0] = b"".join(events[len(started) : first]) + chunks[0]
    return StreamedReply(b"".join(events[: len(started)]), [*chunks, _http_chunk(b"")])


def _response_event(event: dict[str, Any]) -> bytes:
    return _http_chunk(b"event: " + event["type"].encode() + b"\ndata: " + _json(event) + b"\n\n")


def _response(status: str, output: list[Any], usage: Any) -> dict[str, Any]:
    return {
        "id": "resp_bench",
        "object": "response",
        "created_at": _CREATED,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": MODEL,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage,
    }


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _http_chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
