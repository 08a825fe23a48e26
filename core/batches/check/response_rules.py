"""What the Responses API refuses in the body of a request, most often one written for Chat Completions."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.batches.check.findings import LineFinding
from core.json_values import JsonObject, json_object, json_objects
from core.models.catalog import Model
from core.models.parameter_support import unsupported_parameters
from core.responses.request import LOGPROBS, RENAMED, UNSUPPORTED, chat_params

# Where the Responses API has what Chat Completions calls differently.
RESPONSE_NAMES: Mapping[str, str] = {
    "messages": "input",
    "response_format": "text.format",
    "max_tokens": "max_output_tokens",
    "logprobs": "include",
    **{name: ".".join(path) for name, path in RENAMED.items()},
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
}
_ROLES = ("user", "assistant", "system", "developer")
_INPUT_PARTS = ("input_text", "input_image", "input_file")
_OUTPUT_PARTS = ("output_text", "refusal")
# With these, earlier items are on the server.
_STATE = ("previous_response_id", "conversation", "prompt")


def check_name(name: str) -> Iterator[LineFinding]:
    """Yield that the parameter *name* is one of Chat Completions only."""
    if name in RESPONSE_NAMES:
        message = f"The Responses API has {RESPONSE_NAMES[name]} instead of {name}."
        yield LineFinding(None, "unsupported_parameter", message, f"body.{name}", "api")
    elif name in UNSUPPORTED:
        # Without it, the line would get one reply instead of several.
        fix = None if name == "n" else "parameter"
        yield LineFinding(None, "unsupported_parameter", UNSUPPORTED[name], f"body.{name}", fix)


def check_supported(body: Mapping[str, Any], model: Model) -> Iterator[LineFinding]:
    """Yield the parameters that *model* does not support; the table has them by their name in chats."""
    params = chat_params({name: value for name, value in body.items() if not [*check_name(name)]})
    include = body.get("include")
    params["logprobs"] = (isinstance(include, list) and LOGPROBS in include) or None
    reasons = unsupported_parameters(model, params, "responses")
    if model.efforts and params.get("reasoning_effort") == "max":
        reasons.pop("reasoning_effort", None)  # an effort of this API only, in no list of a model
    for name, reason in reasons.items():
        if params.get(name) is not None and name not in ("stream", "stream_options"):
            fix = None if name == "response_format" else "parameter"
            path = RESPONSE_NAMES.get(name, name)
            yield LineFinding(None, "unsupported_parameter", reason, f"body.{path}", fix)


def check_response(body: Mapping[str, Any]) -> Iterator[LineFinding]:
    """Yield what is refused in the input, the output format and the tools of *body*."""
    value = body.get("input")
    if value is not None and not isinstance(value, str | list):
        yield LineFinding(None, "invalid_type", "The input must be a text or a list.", "body.input")
    items = value if isinstance(value, list) else []
    for index, item in enumerate(items):
        param = f"body.input[{index}]"
        if isinstance(item, dict):
            yield from _check_item(item, param)
        else:
            yield LineFinding(None, "invalid_type", "An item of the input must be a JSON object.", param)
    if not any(body.get(name) is not None for name in _STATE):
        yield from _check_calls(json_objects(items))
    text_format = json_object(json_object(body.get("text")).get("format"))
    if text_format.get("type") == "json_schema":
        yield from _missing(text_format, ("name", "schema"), "body.text.format")
    for index, tool in enumerate(json_objects(body.get("tools"))):
        if tool.get("type") == "function":
            yield from _missing(tool, ("name",), f"body.tools[{index}]")


def _check_item(item: JsonObject, param: str) -> Iterator[LineFinding]:
    is_reference = "role" not in item and "content" not in item and "id" in item
    kind = item.get("type") or ("item_reference" if is_reference else "message")
    yield from _missing(item, _REQUIRED.get(str(kind), ()), param)
    role = item.get("role")
    if kind != "message" or role is None:
        return
    if role not in _ROLES:
        message = f"The role must be one of {', '.join(_ROLES)}."
        yield LineFinding(None, "invalid_value", message, f"{param}.role")
    part_types = _OUTPUT_PARTS if role == "assistant" else _INPUT_PARTS
    for index, part in enumerate(json_objects(item.get("content"))):
        if part.get("type") not in part_types:
            message = f"A part of the content from the {role} must be {' or '.join(part_types)}."
            yield LineFinding(None, "invalid_value", message[:200], f"{param}.content[{index}].type")


def _check_calls(items: list[JsonObject]) -> Iterator[LineFinding]:
    """Yield the calls of tools without an output, and the outputs without a call."""
    calls = {str(item.get("call_id")) for item in items if item.get("type") == "function_call"}
    outputs = {str(item.get("call_id")) for item in items if item.get("type") == "function_call_output"}
    for call_id in sorted(outputs - calls):
        message = f"No tool call found for function call output with call_id {call_id[:80]}."
        yield LineFinding(None, "invalid_value", message, "body.input")
    for call_id in sorted(calls - outputs):
        message = f"No tool output found for function call {call_id[:80]}."
        yield LineFinding(None, "invalid_value", message, "body.input")


def _missing(value: JsonObject, names: tuple[str, ...], param: str) -> Iterator[LineFinding]:
    for name in names:
        if value.get(name) is None:
            path = f"{param}.{name}"
            yield LineFinding(
                None, "missing_required_parameter", f"Missing required parameter: '{path}'.", path
            )
