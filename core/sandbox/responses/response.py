"""The response object, in all states of its request."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from core.sandbox.api.serializers import CompletionUsage, Generation
from core.sandbox.responses.input_items import new_id
from core.sandbox.responses.model_rules import effective_effort, is_recent
from core.sandbox.responses.output import OutputItem, build_output
from core.sandbox.responses.request import ResponseRequest
from core.sandbox.responses.store import UNFINISHED
from core.sandbox.responses.summary import summarise
from core.sandbox.responses.text_format import format_object

_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}
_TIERS = {"flex": "flex", "fast": "fast", "priority": "fast"}
_FAILURE = {"code": "server_error", "message": "The server had an error while processing your request."}
_RECENT_TOP_P = 0.98
_NO_TOKENS = {
    "input_tokens": 0,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
    "total_tokens": 0,
}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: object) -> bytes:
    """Return *value* as UTF-8, which has no lone surrogates: an escape in a request can be one."""
    return _encode(value).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Response:
    """The response to *request*, complete *seconds* after its creation; without output if it *failed*."""

    request: ResponseRequest
    generation: Generation
    output: tuple[OutputItem, ...]
    seconds: float
    failed: bool = False
    id: str = field(default_factory=lambda: new_id("resp"))
    created_at: int = field(default_factory=lambda: int(time.time()))

    @classmethod
    def create(
        cls, request: ResponseRequest, generation: Generation, seconds: float = 0.0, failed: bool = False
    ) -> "Response":
        summary = summarise(request.generation, request.params.get("reasoning", {}).get("summary"))
        return cls(request, generation, build_output(generation, summary), seconds, failed)

    @property
    def status(self) -> str:
        """The status in the end: completed, incomplete or failed."""
        if self.failed:
            return "failed"
        return "incomplete" if self._incomplete_reason else "completed"

    @property
    def _incomplete_reason(self) -> str | None:
        return _REASONS.get(self.generation.choices[0].finish_reason)

    def to_dict(self, status: str | None = None, is_stream: bool = False) -> dict[str, Any]:
        """Return the response with all fields of the API, in its order; *status* is the present one."""
        status = status or self.status
        params, has_output = self.request.params, status in ("completed", "incomplete")
        reason = self._incomplete_reason if status == "incomplete" else None
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created_at,
            "status": status,
            "background": self.request.is_background,
            **({} if is_stream else {"billing": {"payer": "developer"}}),
            "completed_at": self.created_at + int(self.seconds) if status == "completed" else None,
            "error": _FAILURE if status == "failed" else None,
            "frequency_penalty": float(params.get("frequency_penalty", 0)),
            "incomplete_details": {"reason": reason} if reason else None,
            "instructions": params.get("instructions"),
            "max_output_tokens": params.get("max_output_tokens"),
            "max_tool_calls": params.get("max_tool_calls"),
            "model": params["model"],
            "moderation": None,
            "output": [item.to_dict() for item in self.output] if has_output else [],
            "parallel_tool_calls": params.get("parallel_tool_calls", True),
            "presence_penalty": float(params.get("presence_penalty", 0)),
            "previous_response_id": params.get("previous_response_id"),
            "prompt_cache_key": params.get("prompt_cache_key"),
            "prompt_cache_retention": params.get("prompt_cache_retention"),
            "reasoning": self._reasoning(),
            "safety_identifier": params.get("safety_identifier"),
            **self._settings(is_final=status not in UNFINISHED),
            "usage": usage_object(self.generation.usage) if has_output else None,
            "user": params.get("user"),
            "metadata": params.get("metadata", {}),
        }

    def _settings(self, is_final: bool) -> dict[str, Any]:
        params = self.request.params
        text = params.get("text", {})
        tier = params.get("service_tier", "auto")
        top_p = params.get("top_p", _RECENT_TOP_P if is_recent(self.request.family) else 1)
        return {
            "service_tier": _TIERS.get(tier, "default") if is_final else tier,
            "store": self.request.is_stored,
            "temperature": float(params.get("temperature", 1)),
            "text": {
                "format": format_object(text.get("format"), self.request.json_schema),
                "verbosity": text.get("verbosity") or "medium",
            },
            "tool_choice": self.request.tools.choice,
            "tool_usage": {"image_gen": _NO_TOKENS, "web_search": {"num_requests": 0}},
            "tools": list(self.request.tools.tools),
            "top_logprobs": params.get("top_logprobs", 0),
            "top_p": float(top_p),
            "truncation": params.get("truncation", "disabled"),
        }

    def _reasoning(self) -> dict[str, Any]:
        family, reasoning = self.request.family, self.request.params.get("reasoning", {})
        if not family.efforts:
            return {"context": None, "effort": None, "mode": None, "summary": None}
        context, summary = reasoning.get("context"), reasoning.get("summary")
        if context in (None, "auto"):
            context = "all_turns" if is_recent(family) else "current_turn"
        return {
            "context": context,
            "effort": effective_effort(self.request.params, family),
            "mode": reasoning.get("mode") or "standard",
            "summary": "detailed" if summary == "auto" else summary,
        }


def usage_object(usage: CompletionUsage) -> dict[str, Any]:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
