"""The parameters of a chat completion: their types and ranges, in one table."""

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

Validator = Callable[[str, Any], object]
"""Takes a parameter's name and value; raises ApiProblem. What it returns does not matter."""

_SIDES = {"below_min": "below minimum", "above_max": "above maximum"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, or an integer if *whole*."""

    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False

    def __call__(self, param: str, value: object) -> None:
        word = "integer" if self.integer else "decimal"
        expected = int if self.integer else (int, float)
        if isinstance(value, bool) or not isinstance(value, expected):
            raise invalid_type(param, f"{'an' if self.integer else 'a'} {word}", value)
        if self.minimum is not None and value < self.minimum:
            raise _beyond(param, word, "below_min", f">= {self.minimum}", value)
        if self.maximum is not None and not value <= self.maximum:
            raise _beyond(param, word, "above_max", f"<= {self.maximum}", value)


@dataclass(frozen=True, slots=True)
class String:
    """A string, of at most *longest* characters."""

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
    """One of a few words."""

    values: tuple[str, ...]

    def __call__(self, param: str, value: object) -> None:
        String()(param, value)
        if value not in self.values:
            raise invalid_request(
                f"Invalid value: '{str(value)[:60]}'. Supported values are: {_listed(self.values)}.",
                param,
                "invalid_value",
            )


@dataclass(frozen=True, slots=True)
class Object:
    """An object with known keys."""

    properties: Mapping[str, Validator]

    def __call__(self, param: str, value: object) -> None:
        for name, inner in validate_object(param, value).items():
            if name not in self.properties:
                raise unknown_parameter(f"{param}.{name}")
            if inner is not None:
                self.properties[name](f"{param}.{name}", inner)


@dataclass(frozen=True, slots=True)
class UnsupportedInSandbox:
    """Something that the API does and the sandbox does not; *harmless* values ask for nothing."""

    feature: str
    allowed: tuple[object, ...] = ()

    def __call__(self, param: str, value: object) -> None:
        if value not in self.allowed:
            raise unsupported_in_sandbox(param, self.feature)


def validate_boolean(param: str, value: object) -> None:
    if not isinstance(value, bool):
        raise invalid_type(param, "a boolean", value)


def validate_object(param: str, value: object) -> dict[str, Any]:
    """Return *value* as the object that it has to be."""
    if not isinstance(value, dict):
        raise invalid_type(param, "an object", value)
    return value


def validate_array(param: str, value: object) -> None:
    if not isinstance(value, list):
        raise invalid_type(param, "an array", value)


def _stop(param: str, value: object) -> None:
    stops = value if isinstance(value, list) else [value]
    if len(stops) > 4:
        raise _too_many(param, len(stops), 4)
    for stop in stops:
        if not isinstance(stop, str):
            raise invalid_type(param, "a string or an array of strings", value)
        if not stop:
            message = f"Invalid '{param}': empty string. Expected a string with minimum length 1."
            raise invalid_request(message, param, "empty_string")


def _logit_bias(param: str, value: object) -> None:
    """Take -100 (never) and 100 (only): what lies between shifts odds, and the sandbox throws no dice."""
    for token, bias in validate_object(param, value).items():
        if not (isinstance(token, str) and token.isdecimal()):
            raise invalid_request(
                f"Invalid key in '{param}': {token[:20]}. Keys are token ids.", param, "invalid_value"
            )
        Number(-100, 100)(f"{param}.{token}", bias)
        if abs(bias) != 100:
            raise unsupported_in_sandbox(param, "biases other than -100 (never) and 100 (only)")


def _metadata(param: str, value: object) -> None:
    entries = validate_object(param, value)
    if len(entries) > 16:
        raise _too_many(param, len(entries), 16)
    for name, inner in entries.items():
        String(64)(param, name)
        String(512)(f"{param}.{name}", inner)


def _ignored_here(_param: str, _value: object) -> None:
    """Leave the value to a check of its own."""


_STREAM_OPTIONS = Object(
    {"include_usage": validate_boolean, "include_obfuscation": UnsupportedInSandbox("obfuscation", (False,))}
)

CHAT_PARAMETERS: dict[str, Validator] = {
    "model": String(),
    "messages": _ignored_here,
    "audio": UnsupportedInSandbox("audio"),
    "frequency_penalty": Number(-2, 2),
    "function_call": UnsupportedInSandbox("the old function calls", ("none",)),
    "functions": UnsupportedInSandbox("the old function calls"),
    "logit_bias": _logit_bias,
    "logprobs": validate_boolean,
    "max_completion_tokens": Number(1, integer=True),
    "max_tokens": Number(1, integer=True),
    "metadata": _metadata,
    "modalities": UnsupportedInSandbox("other modalities than text", (["text"],)),
    "moderation": UnsupportedInSandbox("moderation"),
    "n": Number(1, 128, integer=True),
    "parallel_tool_calls": validate_boolean,
    "prediction": UnsupportedInSandbox("predicted outputs"),
    "presence_penalty": Number(-2, 2),
    "prompt_cache_key": String(64),
    "prompt_cache_options": validate_object,
    "prompt_cache_retention": OneOf(("in_memory", "24h")),
    "reasoning_effort": OneOf(("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    "response_format": validate_object,
    "safety_identifier": String(64),
    "seed": Number(-(2**63), 2**63 - 1, integer=True),
    "service_tier": OneOf(("auto", "default", "flex", "scale", "priority", "fast")),
    "stop": _stop,
    "store": UnsupportedInSandbox("stored completions", (False,)),
    "stream": validate_boolean,
    "stream_options": _STREAM_OPTIONS,
    "temperature": Number(0, 2),
    "tool_choice": _ignored_here,
    "tools": validate_array,
    "top_logprobs": Number(0, 20, integer=True),
    "top_p": Number(0, 1),
    "user": String(),
    "verbosity": OneOf(("low", "medium", "high")),
    "web_search_options": UnsupportedInSandbox("web search"),
}


def validate(
    body: Mapping[str, Any], table: Mapping[str, Validator], required: tuple[str, ...]
) -> dict[str, Any]:
    """Check every parameter by itself; a null counts as left out. Raises ApiProblem."""
    for name in required:
        if body.get(name) is None:
            raise missing_parameter(name)
    for name in body:
        if name not in table:
            raise unknown_parameter(name)
    given = {name: value for name, value in body.items() if value is not None}
    for name, value in given.items():
        table[name](name, value)
    return given


def validate_combinations(params: Mapping[str, Any]) -> None:
    """Check what parameters ask of each other. Raises ApiProblem."""
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


def _beyond(param: str, word: str, side: str, bound: str, value: object) -> ApiError:
    expected = f"Expected a value {bound}, but got {str(value)[:30]} instead."
    return invalid_request(
        f"Invalid '{param}': {word} {_SIDES[side]} value. {expected}", param, f"{word}_{side}_value"
    )


def _too_many(param: str, got: int, most: int) -> ApiError:
    message = f"Invalid '{param}': too long. Expected maximum length {most}, but got {got} instead."
    return invalid_request(message, param, "array_above_max_length")


def _listed(words: tuple[str, ...]) -> str:
    *first, last = (f"'{word}'" for word in words)
    return f"{', '.join(first)}, and {last}" if first else last
