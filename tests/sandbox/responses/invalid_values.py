"""Requests with values that the API, a model or the state of the server refuses, with the errors."""

from typing import Any

from tests.sandbox.client import REASONING_MODEL
from tests.sandbox.responses.invalid_input import MISSING, TYPE, UNKNOWN, VALUE, Row

TOOL = {"type": "function", "name": "now", "parameters": {"type": "object", "properties": {}}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


MISTYPED = {
    "type": "object",
    "properties": {"a": {"type": "string", "enum": ["1", 2]}},
    "required": ["a"],
    "additionalProperties": False,
}


def text_format(**fields: Any) -> dict[str, Any]:
    return {"text": {"format": {"type": "json_schema", **fields}}}


INVALID_VALUES: list[Row] = [
    (
        "wrong type",
        {"background": "yes"},
        "background",
        TYPE,
        "expected a boolean, but got a string instead.",
    ),
    ("enum", {"truncation": "bogus"}, "truncation", VALUE, "Supported values are: 'auto' and 'disabled'."),
    ("include", {"include": ["bogus"]}, "include[0]", VALUE, "Invalid value: 'bogus'."),
    (
        "few tokens",
        {"max_output_tokens": 15},
        "max_output_tokens",
        "integer_below_min_value",
        "Expected a value >= 16, but got 15 instead.",
    ),
    ("many tokens", {"max_output_tokens": 10**6}, "max_output_tokens", "integer_above_max_value", ""),
    (
        "metadata",
        {"metadata": {str(n): "" for n in range(17)}},
        "metadata",
        "object_above_max_properties",
        "at most 16",
    ),
    (
        "two states",
        {"previous_response_id": "resp_x", "conversation": "conv_x"},
        None,
        "mutually_exclusive_parameters",
        "",
    ),
    ("background unstored", {"background": True, "store": False}, "background", None, ""),
    ("conversation", {"conversation": "conv_x"}, None, None, "Conversation with id 'conv_x' not found."),
    ("prompt", {"prompt": {"id": "pmpt_x"}}, None, None, "Prompt with id 'pmpt_x' not found."),
    (
        "previous response",
        {"previous_response_id": "resp_x"},
        "previous_response_id",
        "previous_response_not_found",
        "Previous response with id 'resp_x' not found.",
    ),
    (
        "effort of none",
        {"model": REASONING_MODEL, "reasoning": {"effort": "x"}},
        "reasoning.effort",
        VALUE,
        "",
    ),
    (
        "effort of others",
        {"model": REASONING_MODEL, "reasoning": {"effort": "minimal"}},
        "reasoning.effort",
        "unsupported_value",
        "'minimal' is not supported with the 'gpt-6-luna' model.",
    ),
    (
        "max effort",
        {"model": "gpt-5", "reasoning": {"effort": "max"}},
        "reasoning.effort",
        "unsupported_value",
        "",
    ),
    ("no reasoning", {"reasoning": {"effort": "low"}}, "reasoning.effort", "unsupported_parameter", ""),
    ("no summary", {"reasoning": {"summary": "auto"}}, "reasoning.summary", "unsupported_parameter", ""),
    (
        "temperature",
        {"model": REASONING_MODEL, "temperature": 0.2},
        "temperature",
        None,
        "Unsupported parameter: 'temperature' is not supported with this model.",
    ),
    ("penalty", {"model": REASONING_MODEL, "presence_penalty": 1}, "presence_penalty", None, ""),
    (
        "top_logprobs",
        {"model": REASONING_MODEL, "top_logprobs": 2},
        "top_logprobs",
        "unsupported_parameter",
        "logprobs are not supported with reasoning models.",
    ),
    (
        "include logprobs",
        {"model": REASONING_MODEL, "include": ["message.output_text.logprobs"]},
        "include",
        "unsupported_parameter",
        "",
    ),
    (
        "encrypted content",
        {"include": ["reasoning.encrypted_content"]},
        "include",
        None,
        "Encrypted content is not supported with this model.",
    ),
    (
        "chat format",
        {"text": {"format": {"type": "json_schema", "json_schema": {}}}},
        "text.format.name",
        MISSING,
        "",
    ),
    ("format type", {"text": {"format": {"type": "xml"}}}, "text.format.type", VALUE, ""),
    ("format key", {"text": {"format": {"type": "text", "x": 1}}}, "text.format.x", UNKNOWN, ""),
    ("no schema", text_format(name="n"), "text.format.schema", MISSING, ""),
    (
        "strict schema",
        text_format(name="n", schema=SCHEMA, strict=True),
        "text.format.schema",
        None,
        "Invalid schema for response_format 'n': In context=(), 'additionalProperties' is required",
    ),
    (
        "enum of another type",
        text_format(name="n", schema=MISTYPED, strict=True),
        "text.format.schema",
        None,
        "In context=('properties', 'a'), enum value 2 does not validate against {'type': 'string'}.",
    ),
    ("old model", {**text_format(name="n", schema=SCHEMA), "model": "gpt-4"}, "text.format", None, ""),
    (
        "no json",
        {"text": {"format": {"type": "json_object"}}, "instructions": "json"},
        "text.format",
        None,
        "must contain the word 'json'",
    ),
    (
        "chat tool",
        {"tools": [{"type": "function", "function": {"name": "now"}}]},
        "tools[0].name",
        MISSING,
        "",
    ),
    ("hosted tool", {"tools": [{"type": "web_search"}]}, "tools[0].type", "sandbox_unsupported", ""),
    ("tool type", {"tools": [{"type": "x"}]}, "tools[0].type", VALUE, ""),
    ("tool key", {"tools": [{**TOOL, "x": 1}]}, "tools[0].x", UNKNOWN, ""),
    ("same names", {"tools": [TOOL, TOOL]}, "tools[1].name", VALUE, ""),
    (
        "strict tool",
        {"tools": [{**TOOL, "parameters": SCHEMA, "strict": True}]},
        "tools[0].parameters",
        "invalid_function_parameters",
        "Invalid schema for function 'now'",
    ),
    (
        "chat choice",
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "now"}}},
        "tool_choice.name",
        MISSING,
        "",
    ),
    (
        "unknown choice",
        {"tool_choice": {"type": "function", "name": "x"}},
        "tool_choice",
        None,
        "not found in 'tools'",
    ),
    (
        "long input",
        {"model": "gpt-4", "input": "word " * 9000},
        "input",
        "context_length_exceeded",
        "Your input exceeds the context window",
    ),
]
