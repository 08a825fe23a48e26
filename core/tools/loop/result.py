"""The result of a tool as text for the model: serialised, bounded, or an error."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic_core import PydanticSerializationError, to_json

from core.json_values import json_object, parse_json, storable_text

MAX_RESULT_CHARACTERS = 16_000


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What is sent back to the model; *size* is the number of characters before it was truncated."""

    text: str
    is_error: bool = False
    size: int = 0

    @property
    def is_truncated(self) -> bool:
        return self.size > MAX_RESULT_CHARACTERS


def serialise_result(value: object) -> ToolResult:
    """Return *value* as text: a string unchanged, anything else as JSON. What is not JSON is an error."""
    if isinstance(value, str):
        return bounded_result(value)
    if isinstance(value, Iterator):  # it may never end
        return _not_serialisable(value, "iterators are not converted")
    try:
        text = to_json(value, inf_nan_mode="null").decode()
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        return _not_serialisable(value, str(error))
    return bounded_result(text)


def bounded_result(text: str, is_error: bool = False) -> ToolResult:
    """Return *text* as it can be sent and stored, truncated if it is too long."""
    size = len(text)
    text = storable_text(text[:MAX_RESULT_CHARACTERS])
    if size > MAX_RESULT_CHARACTERS:
        text += f"\n[Truncated: the first {MAX_RESULT_CHARACTERS:,} of {size:,} characters]"
    return ToolResult(text, is_error, size)


def error_result(message: str) -> ToolResult:
    """Return an error in the form in which the model receives it."""
    return bounded_result(to_json({"error": storable_text(message)}).decode(), is_error=True)


def read_result(text: str) -> ToolResult:
    """Return the result that was sent as *text*."""
    # The result of a tool may look like this, too: then it is shown as an error, and sent back unchanged.
    try:
        is_error = json_object(parse_json(text)).keys() == {"error"}
    except ValueError:
        is_error = False
    return ToolResult(text, is_error, len(text))


def _not_serialisable(value: object, reason: str) -> ToolResult:
    return error_result(f"The result of type {type(value).__name__} is not JSON: {reason[:200]}")
