"""Validation of request parameters: their types and ranges, in one table for chat completions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import (
    ApiError,
    invalid_request,
    invalid_type,
    missing_parameter,
    unknown_parameter,
    unsupported_in_sandbox,
)

_MAX_BIASES = 1_024
_MAX_METADATA = 16
_MAX_TOKEN_DIGITS = 9

Validator = Callable[[str, Any], object]
"""Takes the name and the value of a parameter, and raises ApiError. The return value is ignored."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number between *minimum* and *maximum*, both included."""

    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False

    def __call__(self, param: str, value: object) -> None:
        type_name = "integer" if self.integer else "decimal"
        expected = int if self.integer else (int, float)
        # A bool is an int in Python, but not in JSON.
        if isinstance(value, bool) or not isinstance(value, expected):
            raise invalid_type(param, f"{'an' if self.integer else 'a'} {type_name}", value)
        if self.minimum is not None and value < self.minimum:
            raise _out_of_range(param, type_name, "below_min", f">= {self.minimum}", value)
        # Not `value > maximum`, which is false for NaN.
        if self.maximum is not None and not value <= self.maximum:
            raise _out_of_range(param, type_name, "above_max", f"<= {self.maximum}", value)


@dataclass(frozen=True, slots=True)
class String:
    """A string of at most *max_length* characters."""

    max_length: int = 1_000_000

    def __call__(self, param: str, value: object) -> None:
        if not isinstance(value, str):
            raise invalid_type(param, "a string", value)
        if len(value) > self.max_length:
            limit = f"Expected a string with maximum length {self.max_length}."
            message = f"Invalid '{param}': string too long. {limit}"
            raise invalid_request(message, param, "string_above_max_length")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several strings."""

    values: tuple[str, ...]

    def __call__(self, param: str, value: object) -> None:
        String()(param, value)
        if value not in self.values:
            *first, last = (f"'{allowed}'" for allowed in self.values)
            supported = f"{', '.join(first)}{',' if len(first) > 1 else ''} and {last}" if first else last
            message = f"Invalid value: '{str(value)[:60]}'. Supported values are: {supported}."
            raise invalid_request(message, param, "invalid_value")


@dataclass(frozen=True, slots=True)
class Object:
    """An object with known properties only. A null property counts as omitted."""

    properties: Mapping[str, Validator]

    def __call__(self, param: str, value: object) -> None:
        for name, property_value in validate_object(param, value).items():
            if name not in self.properties:
                raise unknown_parameter(f"{param}.{name}")
            if property_value is not None:
                self.properties[name](f"{param}.{name}", property_value)


def validate_boolean(param: str, value: object) -> None:
    if not isinstance(value, bool):
        raise invalid_type(param, "a boolean", value)


def validate_object(param: str, value: object) -> dict[str, Any]:
    """Return *value* if it is an object."""
    if not isinstance(value, dict):
        raise invalid_type(param, "an object", value)
    return value


def validate_array(param: str, value: object) -> None:
    if not isinstance(value, list):
        raise invalid_type(param, "an array", value)


def validate_tools(param: str, value: object) -> None:
    validate_array(param, value)
    if not value:
        expected = "Expected an array with minimum length 1, but got an empty array instead."
        raise invalid_request(f"Invalid '{param}': empty array. {expected}", param, "empty_array")


def validate_stop(param: str, value: object) -> None:
    stops = value if isinstance(value, list) else [value]
    if len(stops) > 4:
        raise _array_too_long(param, len(stops), 4)
    for stop in stops:
        if not isinstance(stop, str):
            raise invalid_type(param, "a string or an array of strings", value)
        if not stop:
            message = f"Invalid '{param}': empty string. Expected a string with minimum length 1."
            raise invalid_request(message, param, "empty_string")


def validate_logit_bias(param: str, value: object) -> None:
    biases = validate_object(param, value)
    _check_size(param, biases, _MAX_BIASES)
    for token, bias in biases.items():
        if not (token.isascii() and token.isdecimal() and len(token) <= _MAX_TOKEN_DIGITS):
            message = f"Invalid key in '{param}': {token[:20]}. Keys must be token IDs."
            raise invalid_request(message, param, "invalid_value")
        Number(-100, 100)(f"{param}.{token}", bias)


def validate_metadata(param: str, value: object) -> None:
    entries = validate_object(param, value)
    _check_size(param, entries, _MAX_METADATA)
    for name, entry in entries.items():
        String(64)(param, name)
        String(512)(f"{param}.{name}", entry)


def _check_size(param: str, value: Mapping[str, Any], maximum: int) -> None:
    if len(value) > maximum:
        message = (
            f"Invalid '{param}': too many properties. Expected an object with at most {maximum} "
            f"properties, but got an object with {len(value)} properties instead."
        )
        raise invalid_request(message, param, "object_above_max_properties")


def skip_validation(_param: str, _value: object) -> None:
    """Accept any value: the parameter is parsed elsewhere."""


@dataclass(frozen=True, slots=True)
class UnsupportedInSandbox:
    """A parameter of the API that the sandbox does not implement. *allowed* values do not use the feature.

    It is validated as the API does. `check_supported` rejects it after all rules of the API have passed.
    """

    feature: str
    allowed: tuple[object, ...] = ()
    validator: Validator = skip_validation

    def __call__(self, param: str, value: object) -> None:
        self.validator(param, value)


_STREAM_OPTIONS = Object(
    {"include_usage": validate_boolean, "include_obfuscation": UnsupportedInSandbox("obfuscation", (False,))}
)

CHAT_PARAMETERS: dict[str, Validator] = {
    "model": String(),
    "messages": skip_validation,
    "audio": UnsupportedInSandbox("audio", validator=validate_object),
    "frequency_penalty": Number(-2, 2),
    "function_call": UnsupportedInSandbox("'function_call', deprecated in favor of 'tool_choice'", ("none",)),
    "functions": UnsupportedInSandbox(
        "'functions', deprecated in favor of 'tools'", validator=validate_array
    ),
    "logit_bias": validate_logit_bias,
    "logprobs": validate_boolean,
    "max_completion_tokens": Number(1, integer=True),
    "max_tokens": Number(1, integer=True),
    "metadata": validate_metadata,
    "modalities": UnsupportedInSandbox("modalities other than text", (["text"],), validate_array),
    "moderation": UnsupportedInSandbox("moderation"),
    "n": Number(1, 128, integer=True),
    "parallel_tool_calls": validate_boolean,
    "prediction": UnsupportedInSandbox("predicted outputs", validator=validate_object),
    "presence_penalty": Number(-2, 2),
    "prompt_cache_key": String(64),
    "prompt_cache_options": validate_object,
    "prompt_cache_retention": OneOf(("in_memory", "24h")),
    "reasoning_effort": OneOf(("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    "response_format": validate_object,
    "safety_identifier": String(64),
    "seed": Number(-(2**63), 2**63 - 1, integer=True),
    "service_tier": OneOf(("auto", "default", "flex", "scale", "priority", "fast")),
    "stop": validate_stop,
    "store": validate_boolean,
    "stream": validate_boolean,
    "stream_options": _STREAM_OPTIONS,
    "temperature": Number(0, 2),
    "tool_choice": skip_validation,
    "tools": validate_tools,
    "top_logprobs": Number(0, 20, integer=True),
    "top_p": Number(0, 1),
    "user": String(),
    "verbosity": OneOf(("low", "medium", "high")),
    "web_search_options": UnsupportedInSandbox("web search", validator=validate_object),
}


def validate(
    body: Mapping[str, Any], table: Mapping[str, Validator], required: tuple[str, ...]
) -> dict[str, Any]:
    """Return the parameters of *body* without nulls, each validated on its own. Raises ApiError."""
    for name in required:
        if body.get(name) is None:
            raise missing_parameter(name)
    for name in body:
        if name not in table:
            raise unknown_parameter(name)
    params = {name: value for name, value in body.items() if value is not None}
    for name, value in params.items():
        table[name](name, value)
    return params


def check_supported(params: Mapping[str, Any], table: Mapping[str, Validator], path: str = "") -> None:
    """Reject what the API accepts and the sandbox does not implement. Raises ApiError.

    To be called after all rules of the API and of the model, whose errors come first.
    """
    for name, value in params.items():
        validator = table[name]
        if isinstance(validator, UnsupportedInSandbox) and value not in validator.allowed:
            raise unsupported_in_sandbox(f"{path}{name}", validator.feature)
        if isinstance(validator, Object):
            properties = {key: entry for key, entry in value.items() if entry is not None}
            check_supported(properties, validator.properties, f"{path}{name}.")


def validate_combinations(params: Mapping[str, Any]) -> None:
    """Check that the parameters can be combined. Raises ApiError."""
    if "stream_options" in params and not params.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise invalid_request(message, "stream_options")
    if "top_logprobs" in params and not params.get("logprobs"):
        raise invalid_request(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs"
        )
    if "max_tokens" in params and "max_completion_tokens" in params:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise invalid_request(message, "max_tokens", "invalid_parameter_combination")
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in params and not params.get("tools"):
            raise invalid_request(f"'{name}' is only allowed when 'tools' are specified.", name)


def _out_of_range(param: str, type_name: str, bound: str, limit: str, value: object) -> ApiError:
    bound_text = {"below_min": "below minimum", "above_max": "above maximum"}[bound]
    message = (
        f"Invalid '{param}': {type_name} {bound_text} value. "
        f"Expected a value {limit}, but got {str(value)[:30]} instead."
    )
    return invalid_request(message, param, f"{type_name}_{bound}_value")


def _array_too_long(param: str, length: int, max_length: int) -> ApiError:
    message = f"Invalid '{param}': too long. Expected maximum length {max_length}, but got {length} instead."
    return invalid_request(message, param, "array_above_max_length")
