"""The parameters of the Responses API, with the validation of each on its own."""

from collections.abc import Mapping
from typing import Any

from core.sandbox.api.errors import invalid_type
from core.sandbox.api.parameters import (
    Number,
    Object,
    OneOf,
    String,
    UnsupportedInSandbox,
    Validator,
    skip_validation,
    validate_array,
    validate_boolean,
    validate_metadata,
    validate_object,
)

LOGPROBS = "message.output_text.logprobs"
ENCRYPTED_CONTENT = "reasoning.encrypted_content"
_INCLUDABLE = OneOf(
    (
        "file_search_call.results",
        "web_search_call.results",
        "web_search_call.action.sources",
        "message.input_image.image_url",
        "computer_call_output.output.image_url",
        "code_interpreter_call.outputs",
        ENCRYPTED_CONTENT,
        LOGPROBS,
    )
)


def validate_include(param: str, value: object) -> None:
    validate_array(param, value)
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        _INCLUDABLE(f"{param}[{index}]", entry)


def _validate_conversation(param: str, value: object) -> None:
    if not isinstance(value, str | dict):
        raise invalid_type(param, "one of a string or object", value)
    if isinstance(value, dict):
        Object({"id": String()})(param, value)


Table = Mapping[str, Validator]

PARAMETERS: Table = {
    "model": String(),
    "input": skip_validation,
    "instructions": String(10_000_000),
    "access_programs": UnsupportedInSandbox("access programs"),
    "background": validate_boolean,
    "background_options": Object({"completion_window": OneOf(("soonest", "2h", "8h"))}),
    "context_management": UnsupportedInSandbox("context management", ([],), validate_array),
    "conversation": _validate_conversation,
    "frequency_penalty": Number(-2, 2),
    "image": UnsupportedInSandbox("image options"),
    "include": validate_include,
    "max_output_tokens": Number(16, integer=True),
    "max_tool_calls": Number(1, integer=True),
    "metadata": validate_metadata,
    "moderation": UnsupportedInSandbox("moderation"),
    "parallel_tool_calls": validate_boolean,
    "presence_penalty": Number(-2, 2),
    "previous_response_id": String(),
    "prompt": validate_object,
    "prompt_cache_key": String(64),
    "prompt_cache_options": validate_object,
    "prompt_cache_retention": OneOf(("in_memory", "24h")),
    "reasoning": Object(
        {
            "effort": OneOf(("none", "minimal", "low", "medium", "high", "xhigh", "max")),
            "summary": OneOf(("auto", "concise", "detailed")),
            "context": OneOf(("auto", "current_turn", "all_turns")),
            "mode": OneOf(("standard", "pro")),
        }
    ),
    "safety_identifier": String(64),
    "service_tier": OneOf(("auto", "default", "flex", "fast", "priority", "scale", "ultrafast")),
    "store": validate_boolean,
    "stream": validate_boolean,
    "stream_options": Object({"include_obfuscation": validate_boolean}),
    "temperature": Number(0, 2),
    "text": Object({"format": validate_object, "verbosity": OneOf(("low", "medium", "high"))}),
    "tool_choice": skip_validation,
    "tools": validate_array,
    "top_logprobs": Number(0, 20, integer=True),
    "top_p": Number(0, 1),
    "truncation": OneOf(("auto", "disabled")),
    "user": String(),
}

COUNT_PARAMETERS: Table = {
    **{
        name: PARAMETERS[name]
        for name in (
            "model",
            "input",
            "conversation",
            "instructions",
            "parallel_tool_calls",
            "previous_response_id",
            "reasoning",
            "text",
            "tool_choice",
            "tools",
            "truncation",
        )
    },
    "personality": String(),
}

COMPACT_PARAMETERS: Table = {
    name: PARAMETERS[name]
    for name in (
        "model",
        "input",
        "instructions",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "service_tier",
    )
}


def validate_types(params: Mapping[str, Any], table: Table) -> None:
    """Check each parameter on its own, in the order of the request. Raises ApiError."""
    for name, value in params.items():
        table[name](name, value)
