"""The parameters of a chat completion: their types and ranges, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import ApiProblem, invalid, missing, not_offered, unknown, wrong_type

Check = Callable[[str, Any], object]
"""Takes a parameter's name and value; raises ApiProblem. What it returns does not matter."""

_SIDES = {"below_min": "below minimum", "above_max": "above maximum"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, or an integer if *whole*."""

    low: float | None = None
    high: float | None = None
    whole: bool = False

    def __call__(self, param: str, value: object) -> None:
        word = "integer" if self.whole else "decimal"
        expected = int if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, expected):
            raise wrong_type(param, f"{'an' if self.whole else 'a'} {word}", value)
        if self.low is not None and value < self.low:
            raise _beyond(param, word, "below_min", f">= {self.low}", value)
        if self.high is not None and not value <= self.high:
            raise _beyond(param, word, "above_max", f"<= {self.high}", value)


@dataclass(frozen=True, slots=True)
class Text:
    """A string, of at most *longest* characters."""

    longest: int = 1_000_000

    def __call__(self, param: str, value: object) -> None:
        if not isinstance(value, str):
            raise wrong_type(param, "a string", value)
        if len(value) > self.longest:
            message = (
                f"Invalid '{param}': string too long. Expected a string with maximum length {self.longest}."
            )
            raise invalid(message, param, "string_above_max_length")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def __call__(self, param: str, value: object) -> None:
        Text()(param, value)
        if value not in self.words:
            raise invalid(
                f"Invalid value: '{str(value)[:60]}'. Supported values are: {_listed(self.words)}.",
                param,
                "invalid_value",
            )


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with known keys."""

    known: Mapping[str, Check]

    def __call__(self, param: str, value: object) -> None:
        for name, inner in an_object(param, value).items():
            if name not in self.known:
                raise unknown(f"{param}.{name}")
            if inner is not None:
                self.known[name](f"{param}.{name}", inner)


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that the API does and the sandbox does not; *harmless* values ask for nothing."""

    what: str
    harmless: tuple[object, ...] = ()

    def __call__(self, param: str, value: object) -> None:
        if value not in self.harmless:
            raise not_offered(param, self.what)


def a_boolean(param: str, value: object) -> None:
    if not isinstance(value, bool):
        raise wrong_type(param, "a boolean", value)


def an_object(param: str, value: object) -> dict[str, Any]:
    """Return *value* as the object that it has to be."""
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)
    return value


def an_array(param: str, value: object) -> None:
    if not isinstance(value, list):
        raise wrong_type(param, "an array", value)


def _stop(param: str, value: object) -> None:
    stops = value if isinstance(value, list) else [value]
    if len(stops) > 4:
        raise _too_many(param, len(stops), 4)
    for stop in stops:
        if not isinstance(stop, str):
            raise wrong_type(param, "a string or an array of strings", value)
        if not stop:
            message = f"Invalid '{param}': empty string. Expected a string with minimum length 1."
            raise invalid(message, param, "empty_string")


def _logit_bias(param: str, value: object) -> None:
    """Take -100 (never) and 100 (only): what lies between shifts odds, and the sandbox throws no dice."""
    for token, bias in an_object(param, value).items():
        if not (isinstance(token, str) and token.isdecimal()):
            raise invalid(
                f"Invalid key in '{param}': {token[:20]}. Keys are token ids.", param, "invalid_value"
            )
        Number(-100, 100)(f"{param}.{token}", bias)
        if abs(bias) != 100:
            raise not_offered(param, "biases other than -100 (never) and 100 (only)")


def _metadata(param: str, value: object) -> None:
    entries = an_object(param, value)
    if len(entries) > 16:
        raise _too_many(param, len(entries), 16)
    for name, inner in entries.items():
        Text(64)(param, name)
        Text(512)(f"{param}.{name}", inner)


def _ignored_here(_param: str, _value: object) -> None:
    """Leave the value to a check of its own."""


_STREAM_OPTIONS = Fields(
    {"include_usage": a_boolean, "include_obfuscation": Refused("obfuscation", (False,))}
)

CHAT: dict[str, Check] = {
    "model": Text(),
    "messages": _ignored_here,
    "audio": Refused("audio"),
    "frequency_penalty": Number(-2, 2),
    "function_call": Refused("the old function calls", ("none",)),
    "functions": Refused("the old function calls"),
    "logit_bias": _logit_bias,
    "logprobs": a_boolean,
    "max_completion_tokens": Number(1, whole=True),
    "max_tokens": Number(1, whole=True),
    "metadata": _metadata,
    "modalities": Refused("other modalities than text", (["text"],)),
    "moderation": Refused("moderation"),
    "n": Number(1, 128, whole=True),
    "parallel_tool_calls": a_boolean,
    "prediction": Refused("predicted outputs"),
    "presence_penalty": Number(-2, 2),
    "prompt_cache_key": Text(64),
    "prompt_cache_options": an_object,
    "prompt_cache_retention": OneOf(("in_memory", "24h")),
    "reasoning_effort": OneOf(("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    "response_format": an_object,
    "safety_identifier": Text(64),
    "seed": Number(-(2**63), 2**63 - 1, whole=True),
    "service_tier": OneOf(("auto", "default", "flex", "scale", "priority", "fast")),
    "stop": _stop,
    "store": Refused("stored completions", (False,)),
    "stream": a_boolean,
    "stream_options": _STREAM_OPTIONS,
    "temperature": Number(0, 2),
    "tool_choice": _ignored_here,
    "tools": an_array,
    "top_logprobs": Number(0, 20, whole=True),
    "top_p": Number(0, 1),
    "user": Text(),
    "verbosity": OneOf(("low", "medium", "high")),
    "web_search_options": Refused("web search"),
}


def check(body: Mapping[str, Any], table: Mapping[str, Check], required: tuple[str, ...]) -> dict[str, Any]:
    """Check every parameter by itself; a null counts as left out. Raises ApiProblem."""
    for name in required:
        if body.get(name) is None:
            raise missing(name)
    for name in body:
        if name not in table:
            raise unknown(name)
    given = {name: value for name, value in body.items() if value is not None}
    for name, value in given.items():
        table[name](name, value)
    return given


def check_together(params: Mapping[str, Any]) -> None:
    """Check what parameters ask of each other. Raises ApiProblem."""
    if "stream_options" in params and not params.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise invalid(message, "stream_options")
    if "top_logprobs" in params and not params.get("logprobs"):
        raise invalid(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs"
        )
    if "max_tokens" in params and "max_completion_tokens" in params:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        raise invalid(message, "max_tokens", "invalid_parameter_combination")
    for name in ("tool_choice", "parallel_tool_calls"):
        if name in params and not params.get("tools"):
            raise invalid(f"'{name}' is only allowed when 'tools' are specified.", name)


def _beyond(param: str, word: str, side: str, bound: str, value: object) -> ApiProblem:
    expected = f"Expected a value {bound}, but got {str(value)[:30]} instead."
    return invalid(
        f"Invalid '{param}': {word} {_SIDES[side]} value. {expected}", param, f"{word}_{side}_value"
    )


def _too_many(param: str, got: int, most: int) -> ApiProblem:
    message = f"Invalid '{param}': too long. Expected maximum length {most}, but got {got} instead."
    return invalid(message, param, "array_above_max_length")


def _listed(words: tuple[str, ...]) -> str:
    *first, last = (f"'{word}'" for word in words)
    return f"{', '.join(first)}, and {last}" if first else last
