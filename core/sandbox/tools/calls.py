"""A call of a function."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The function to call, with its arguments as JSON text."""

    name: str
    arguments: str
