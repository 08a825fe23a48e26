"""Tokens as the server billed them, read from any reply's `usage`."""

from collections.abc import Mapping
from dataclasses import dataclass

# Beyond any real request: a server that says so is wrong.
_MAX_TOKENS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in and out, by the names of the Responses API.

    `cached_tokens`, `cache_write_tokens` and `image_tokens` are parts of `input_tokens`, `reasoning_tokens`
    is a part of `output_tokens`: none comes on top.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    image_tokens: int = 0

    @classmethod
    def of(cls, wire: object) -> "Usage | None":
        """Read the `usage` of a completion, a response or an embedding: a dict or an object of the SDK.

        None when the server tells no tokens, or nonsense: negative, huge or no number. A detail that is
        nonsense counts as 0, and one that exceeds its total is cut to it.
        """
        tokens_in = _token_count(wire, "input_tokens", "prompt_tokens")
        tokens_out = _token_count(wire, "output_tokens", "completion_tokens")
        if tokens_in is None or (tokens_out is None and _told(wire, "output_tokens", "completion_tokens")):
            return None
        read = _first_value(wire, "input_tokens_details", "prompt_tokens_details")
        written = _first_value(wire, "output_tokens_details", "completion_tokens_details")
        cached = min(_token_count(read, "cached_tokens") or 0, tokens_in)
        return cls(
            tokens_in,
            tokens_out or 0,
            cached,
            min(_token_count(read, "cache_write_tokens") or 0, tokens_in - cached),
            min(_token_count(written, "reasoning_tokens") or 0, tokens_out or 0),
            min(_token_count(read, "image_tokens") or 0, tokens_in),
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


def _first_value(wire: object, *names: str) -> object:
    values = (wire.get(name) if isinstance(wire, Mapping) else getattr(wire, name, None) for name in names)
    return next((value for value in values if value is not None), None)


def _told(wire: object, *names: str) -> bool:
    return _first_value(wire, *names) is not None


def _token_count(wire: object, *names: str) -> int | None:
    """Find a count of tokens under one of *names*; JavaScript servers may write 12 as 12.0."""
    value = _first_value(wire, *names)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _MAX_TOKENS and value == int(value) else None
