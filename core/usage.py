"""Tokens as the server billed them, read from any reply's `usage`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in and out, by the names of the Responses API.

    `cached_tokens` and `cache_write_tokens` are parts of `input_tokens`, `reasoning_tokens` is a part of
    `output_tokens`: none comes on top.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
