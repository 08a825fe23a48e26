"""Billed tokens, parsed from the `usage` of any response."""

from collections.abc import Mapping
from dataclasses import dataclass

# More than any real request: a server that reports a larger number is wrong.
_MAX_TOKENS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Input and output tokens, under the names of the Responses API.

    `cached_tokens`, `cache_write_tokens` and `image_tokens` are included in `input_tokens`,
    `reasoning_tokens` in `output_tokens`.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    image_tokens: int = 0

    @classmethod
    def of(cls, usage: object) -> "Usage | None":
        """Parse the `usage` of a completion, a response or an embedding: a dict or an object of the SDK.

        None when a number of tokens is missing or invalid: negative, huge or not whole. An invalid detail
        counts as 0, and a detail that exceeds its total is reduced to it.
        """
        input_tokens = _token_count(usage, "input_tokens", "prompt_tokens")
        output_tokens = _token_count(usage, "output_tokens", "completion_tokens")
        # An embedding has no output tokens; an output that is present but invalid makes all of it suspect.
        has_output = _first_value(usage, "output_tokens", "completion_tokens") is not None
        if input_tokens is None or (output_tokens is None and has_output):
            return None
        input_details = _first_value(usage, "input_tokens_details", "prompt_tokens_details")
        output_details = _first_value(usage, "output_tokens_details", "completion_tokens_details")
        cached = min(_token_count(input_details, "cached_tokens") or 0, input_tokens)
        return cls(
            input_tokens,
            output_tokens or 0,
            cached,
            min(_token_count(input_details, "cache_write_tokens") or 0, input_tokens - cached),
            min(_token_count(output_details, "reasoning_tokens") or 0, output_tokens or 0),
            min(_token_count(input_details, "image_tokens") or 0, input_tokens),
        )

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.image_tokens + other.image_tokens,
        )


def _first_value(usage: object, *names: str) -> object:
    values = (usage.get(name) if isinstance(usage, Mapping) else getattr(usage, name, None) for name in names)
    return next((value for value in values if value is not None), None)


def _token_count(usage: object, *names: str) -> int | None:
    value = _first_value(usage, *names)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Servers written in JavaScript may send 12 as 12.0.
    return int(value) if 0 <= value <= _MAX_TOKENS and value == int(value) else None
