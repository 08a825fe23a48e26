"""Requests whose names or input the API refuses, with the errors."""

from typing import Any

UNKNOWN, MISSING, TYPE, VALUE = (
    "unknown_parameter",
    "missing_required_parameter",
    "invalid_type",
    "invalid_value",
)
USER = {"role": "user", "content": "hello"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "now", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "12:00"}
PNG = "data:image/png;base64,AAAA"

# Test id, parameters of a request that is valid otherwise, param and code of the error, part of its message.
Row = tuple[str, dict[str, Any], str | None, str | None, str]


def message(*parts: Any, role: str = "user", **fields: Any) -> dict[str, Any]:
    return {"input": [{"role": role, "content": list(parts), **fields}]}


INVALID_INPUT: list[Row] = [
    ("null model", {"model": None}, "model", TYPE, "expected a string, but got null instead."),
    ("unknown model", {"model": "x"}, "model", "model_not_found", "The requested model 'x' does not exist."),
    ("embedding model", {"model": "text-embedding-3-small"}, "model", "unsupported_model", "cannot be used"),
    ("messages", {"messages": []}, None, "unsupported_parameter", "has moved to 'input'. Try again"),
    ("response_format", {"response_format": {}}, None, "unsupported_parameter", "moved to 'text.format'."),
    ("reasoning_effort", {"reasoning_effort": "low"}, None, "unsupported_parameter", "'reasoning.effort'."),
    ("stop", {"stop": "x"}, "stop", UNKNOWN, "Unknown parameter: 'stop'. Did you mean 'store'?"),
    ("stop beside store", {"stop": "x", "store": True}, "stop", UNKNOWN, "Unknown parameter: 'stop'."),
    ("seed", {"seed": 1}, "seed", UNKNOWN, "Unknown parameter: 'seed'."),
    ("n", {"n": 2}, "n", UNKNOWN, "Unknown parameter: 'n'."),
    ("max_tokens", {"max_tokens": 20}, "max_tokens", UNKNOWN, "Unknown parameter"),
    (
        "include_usage",
        {"stream": True, "stream_options": {"include_usage": True}},
        "stream_options.include_usage",
        UNKNOWN,
        "",
    ),
    (
        "generate_summary",
        {"reasoning": {"generate_summary": "auto"}},
        "reasoning.generate_summary",
        UNKNOWN,
        "",
    ),
    ("stream options alone", {"stream_options": {}}, "stream_options", None, "only allowed when 'stream'"),
    ("no input", {"input": None}, "input", MISSING, 'One of "input" or "previous_response_id"'),
    ("no items", {"input": []}, "input", MISSING, 'One of "input" or "previous_response_id"'),
    (
        "input number",
        {"input": 5},
        "input",
        TYPE,
        "expected one of a string or array of input items, but got an integer",
    ),
    ("item text", {"input": ["hi"]}, "input[0]", TYPE, "expected an object"),
    ("item type", {"input": [{"type": "x"}]}, "input[0].type", VALUE, "Supported values are: 'message'"),
    ("hosted item", {"input": [{"type": "web_search_call"}]}, "input[0].type", "sandbox_unsupported", ""),
    ("item key", {"input": [{**USER, "bogus": 1}]}, "input[0].bogus", UNKNOWN, ""),
    ("name of a message", {"input": [{**USER, "name": "mina"}]}, "input[0].name", UNKNOWN, ""),
    ("no role", {"input": [{"content": "x"}]}, "input[0].role", MISSING, ""),
    ("tool role", {"input": [{"role": "tool", "content": "x"}]}, "input[0].role", VALUE, "and 'user'."),
    ("null content", {"input": [{"role": "user", "content": None}]}, "input[0].content", TYPE, "got null"),
    (
        "chat text",
        message({"type": "text", "text": "x"}),
        "input[0].content[0].type",
        VALUE,
        "'input_text', 'input_image'",
    ),
    (
        "chat image",
        message({"type": "image_url"}),
        "input[0].content[0].type",
        VALUE,
        "Invalid value: 'image_url'.",
    ),
    (
        "output of the user",
        message({"type": "output_text", "text": "x"}),
        "input[0].content[0].type",
        VALUE,
        "",
    ),
    (
        "input of the assistant",
        message({"type": "input_text", "text": "x"}, role="assistant"),
        "input[0].content[0].type",
        VALUE,
        "'output_text' and 'refusal'.",
    ),
    ("part without text", message({"type": "input_text"}), "input[0].content[0].text", MISSING, ""),
    ("part key", message({"type": "input_text", "text": "", "x": 1}), "input[0].content[0].x", UNKNOWN, ""),
    (
        "image object",
        message({"type": "input_image", "image_url": {"url": PNG}}),
        "input[0].content[0].image_url",
        TYPE,
        "expected a string",
    ),
    ("image data", message({"type": "input_image", "image_url": PNG}), None, "invalid_image_format", ""),
    (
        "image detail",
        message({"type": "input_image", "image_url": PNG, "detail": "x"}),
        "input[0].content[0].detail",
        VALUE,
        "",
    ),
    ("image file", message({"type": "input_image", "file_id": "file-x"}), "id", None, "No such File object"),
    (
        "image for text model",
        {**message({"type": "input_image", "image_url": PNG}), "model": "gpt-3.5-turbo"},
        "input[0].content[0].type",
        None,
        "only supported by certain models",
    ),
    ("file part", message({"type": "input_file"}), "input[0].content[0].type", "sandbox_unsupported", ""),
    ("phase", {"input": [{"role": "assistant", "content": "x", "phase": "x"}]}, "input[0].phase", VALUE, ""),
    ("id prefix", {"input": [{**CALL, "id": "call_1"}, OUTPUT]}, "input[0].id", VALUE, "begins with 'fc'."),
    (
        "duplicate id",
        {"input": [{**USER, "id": "msg_1"}] * 2},
        "input",
        None,
        "Duplicate item found with id msg_1.",
    ),
    (
        "no call id",
        {"input": [USER, {"type": "function_call_output", "output": ""}]},
        "input[1].call_id",
        MISSING,
        "",
    ),
    ("no output", {"input": [CALL]}, "input", None, "No tool output found for function call call_1."),
    (
        "no call",
        {"input": [OUTPUT]},
        "input",
        None,
        "No tool call found for function call output with call_id call_1.",
    ),
    (
        "unknown item",
        {"input": [{"type": "item_reference", "id": "msg_x"}]},
        "input",
        None,
        "Item with id 'msg_x' not found.",
    ),
    (
        "plain reasoning",
        {"input": [{"type": "reasoning", "id": "rs_x", "summary": []}]},
        "input",
        None,
        "Items are not persisted when `store`",
    ),
    (
        "forged reasoning",
        {"input": [{"type": "reasoning", "id": "rs_x", "summary": [], "encrypted_content": "x"}]},
        None,
        "invalid_encrypted_content",
        "could not be verified",
    ),
]
