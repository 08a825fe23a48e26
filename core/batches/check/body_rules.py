"""What the API refuses in the body of a request: by the endpoint, by the model, and for a batch."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.batches.check.findings import LineFinding, Severity
from core.batches.check.response_rules import check_name, check_response, check_supported
from core.batches.check.schema_rules import check_schemas
from core.batches.limits import (
    CHAT_URL,
    EMBEDDINGS_URL,
    RESPONSES_URL,
    BatchEndpoint,
    batch_limits,
    parameter_ranges,
)
from core.models.catalog import Model, get_model
from core.models.parameter_support import unsupported_parameters

_STREAMING = ("stream", "stream_options")
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
# Without these parameters the reply would be another one, not the same in another style.
_NEVER_REMOVED = {"tools", "tool_choice", "response_format", "n"}


def check_body(
    body: Mapping[str, Any], endpoint: BatchEndpoint, model_id: str | None
) -> Iterator[LineFinding]:
    """Yield what the API refuses in *body*; *model_id* is that of the whole file."""
    for name in endpoint.missing(body):
        if name == "input" and "messages" in body and endpoint.url == RESPONSES_URL:
            continue  # reported by its name
        is_model_known = name == "model" and model_id
        is_response = name == "messages" and body.get("input") is not None
        fix = "model" if is_model_known else "api" if is_response else None
        message = f"Missing required parameter: 'body.{name}'."
        yield LineFinding(None, "missing_required_parameter", message, f"body.{name}", fix)
    yield from _check_model(body.get("model"), model_id)
    yield from _check_names(body, endpoint)
    yield from _check_numbers(body)
    yield from _check_content(body, endpoint)
    if isinstance(body.get("model"), str):
        model = get_model(body["model"])
        yield from _check_supported(body, endpoint, model)
        limit = output_limit(body, endpoint)
        if limit is not None and model.max_output is not None and limit > model.max_output:
            message = f"{model.family} replies with at most {model.max_output:,} tokens, not {limit:,}."
            yield LineFinding(None, "invalid_value", message, f"body.{endpoint.output_limit}")
    if endpoint.url in (CHAT_URL, RESPONSES_URL):
        yield from check_schemas(body)


def _check_model(model: object, model_id: str | None) -> Iterator[LineFinding]:
    if model is not None and not isinstance(model, str):
        yield LineFinding(None, "invalid_type", "The model must be a string.", "body.model")
    elif model is not None and model_id is not None and model != model_id:
        message = f"A batch is for one model: this line has {model[:80]!r}, most have {model_id[:80]!r}."
        yield LineFinding(None, "mismatched_model", message, "body.model")


def _check_names(body: Mapping[str, Any], endpoint: BatchEndpoint) -> Iterator[LineFinding]:
    for name, value in body.items():
        param = f"body.{name[:80]}"
        if name in _STREAMING:
            if value:
                message = f"A batch does not support {name}."
                yield LineFinding(None, "unsupported_parameter", message, param, "parameter")
        elif endpoint.url == RESPONSES_URL and (findings := [*check_name(name)]):
            yield from findings
        elif name not in endpoint.parameters:
            message = f"{endpoint.url} has no parameter {name[:80]!r}, as far as the SDK knows."
            yield LineFinding(None, "unknown_parameter", message, param, None, Severity.WARNING)


def _check_numbers(body: Mapping[str, Any]) -> Iterator[LineFinding]:
    for name, (low, high) in parameter_ranges().items():
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            message = f"{name} must be a number."
            yield LineFinding(None, "invalid_type", message, f"body.{name}")
        elif not low <= value <= high:
            bounds = f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
            message = f"{name} must be {bounds}, not {value:g}."
            yield LineFinding(None, "invalid_value", message, f"body.{name}")


def _check_content(body: Mapping[str, Any], endpoint: BatchEndpoint) -> Iterator[LineFinding]:
    if endpoint.url == CHAT_URL and body.get("messages") is not None:
        yield from _check_messages(body["messages"])
    elif endpoint.url == EMBEDDINGS_URL and body.get("input") is not None:
        yield from _check_embedding(body)
    elif endpoint.url == RESPONSES_URL:
        yield from check_response(body)
    elif "prompt" in body and body["prompt"] in ("", []):
        yield LineFinding(None, "invalid_value", "The prompt is empty.", "body.prompt")


def _check_messages(messages: object) -> Iterator[LineFinding]:
    if not isinstance(messages, list) or not messages:
        message = "messages must be a list with at least one message."
        yield LineFinding(None, "invalid_type", message, "body.messages")
        return
    for index, item in enumerate(messages):
        param = f"body.messages[{index}]"
        if not isinstance(item, dict):
            yield LineFinding(None, "invalid_type", "A message must be a JSON object.", param)
        elif item.get("role") not in _ROLES:
            message = f"The role must be one of {', '.join(_ROLES)}."
            yield LineFinding(None, "invalid_value", message, f"{param}.role")
        elif item.get("content") is None and item["role"] != "assistant":
            message = f"Missing required parameter: '{param}.content'."
            yield LineFinding(None, "missing_required_parameter", message, f"{param}.content")


def embedding_inputs(value: object) -> list[Any]:
    """Return the inputs of an embeddings request: texts, or lists of tokens."""
    if not isinstance(value, list):
        return [value]
    is_tokens = bool(value) and all(isinstance(item, int) for item in value)
    return [value] if is_tokens else value


def _check_embedding(body: Mapping[str, Any]) -> Iterator[LineFinding]:
    inputs, limit = embedding_inputs(body["input"]), batch_limits().inputs_per_line
    if len(inputs) > limit:
        message = f"{len(inputs):,} inputs, at most {limit:,} in one request."
        yield LineFinding(None, "invalid_value", message, "body.input")
    if not all(isinstance(item, str | list) for item in inputs):
        yield LineFinding(None, "invalid_type", "An input must be a text or a list of tokens.", "body.input")
    elif not inputs or not all(inputs):
        yield LineFinding(None, "invalid_value", "An input is empty.", "body.input")
    dimensions, wanted = get_model(str(body.get("model"))).dimensions, body.get("dimensions")
    if dimensions and dimensions.adjustable and wanted is not None:
        is_valid = isinstance(wanted, int) and dimensions.min <= wanted <= dimensions.max
        if not is_valid:
            message = f"dimensions must be between {dimensions.min:,} and {dimensions.max:,}."
            yield LineFinding(None, "invalid_value", message, "body.dimensions")


def _check_supported(body: Mapping[str, Any], endpoint: BatchEndpoint, model: Model) -> Iterator[LineFinding]:
    """Yield the parameters that the model does not support; the table has them by their name in chats."""
    if endpoint.url == RESPONSES_URL:
        yield from check_supported(body, model)
        return
    if endpoint.url not in (CHAT_URL, EMBEDDINGS_URL):
        return
    for name, reason in unsupported_parameters(model, body).items():
        if body.get(name) is None or name in _STREAMING:
            continue
        fix = None if name in _NEVER_REMOVED else "parameter"
        if name == "max_tokens" and "max_completion_tokens" not in body:
            fix = "max_tokens"
        yield LineFinding(None, "unsupported_parameter", reason, f"body.{name}", fix)


def output_limit(body: Mapping[str, Any], endpoint: BatchEndpoint) -> int | None:
    """Return the most output tokens that the request asks for; None if it sets no limit."""
    values = (body.get(name) for name in (endpoint.output_limit, "max_tokens") if name)
    return next((value for value in values if isinstance(value, int) and not isinstance(value, bool)), None)
