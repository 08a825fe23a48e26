"""How a call is answered: by the tool, after approval, by a person, or by a mock."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.tools.definitions.definition import Tool


class ToolMode(StrEnum):
    """How a call is answered."""

    RUN = "run"
    APPROVE = "approve"
    ASK = "ask"
    MOCK = "mock"


@dataclass(frozen=True, slots=True)
class MockAnswers:
    """Answers instead of a result: that of the first key which equals an argument, else the default.

    Each follows after *delay* seconds, as an error if it *is_error*.
    """

    default: str = '{"ok": true}'
    by_argument: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    is_error: bool = False

    def answer(self, arguments: Mapping[str, Any]) -> str:
        """Return the answer to a call with *arguments*. Keys are compared without case."""
        texts = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            for value in arguments.values()
        )
        values = {text.casefold() for text in texts}
        return next(
            (answer for key, answer in self.by_argument.items() if key.casefold() in values), self.default
        )


@dataclass(frozen=True, slots=True)
class ToolSetup:
    """A tool with its mode."""

    tool: Tool
    mode: ToolMode = ToolMode.RUN
    mock: MockAnswers = field(default_factory=MockAnswers)

    @property
    def name(self) -> str:
        return self.tool.definition.name


def parse_keyed_answers(text: str) -> dict[str, str]:
    """Parse lines of the form `AAPL = {"price": 1}`. Lines without "=" are ignored."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): answer.strip() for key, _, answer in pairs if key.strip()}
