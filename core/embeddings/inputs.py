"""The texts to embed, each with its line number, and warnings about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

MAX_INPUTS = 10_000

_GROUP_PREFIX = "# "


@dataclass(frozen=True, slots=True)
class InputText:
    """A text to embed; `line` counts from 1, `group` is an optional label for its colour."""

    line: int
    text: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class InputWarning:
    """A problem with the text of *line*, and what was done about it."""

    line: int
    kind: Literal["empty", "too long", "duplicate", "too many", "invalid vector"]
    message: str


def from_lines(text: str) -> tuple[list[InputText], list[InputWarning]]:
    """Read one text per line; a line `# Weather` names the group of the lines below it.

    Blank lines and texts beyond `MAX_INPUTS` are skipped with a warning.
    """
    inputs: list[InputText] = []
    warnings: list[InputWarning] = []
    group = ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if line.startswith(_GROUP_PREFIX):
            group = line.removeprefix(_GROUP_PREFIX).strip()
        elif stripped:
            inputs.append(InputText(number, stripped, group))
        else:
            warnings.append(InputWarning(number, "empty", "Empty, skipped."))
    return apply_limit(inputs, warnings)


def apply_limit(
    inputs: list[InputText], warnings: list[InputWarning]
) -> tuple[list[InputText], list[InputWarning]]:
    """Drop the texts beyond `MAX_INPUTS`, with a warning."""
    if len(inputs) > MAX_INPUTS:
        skipped = len(inputs) - MAX_INPUTS
        message = f"Only the first {MAX_INPUTS:,} texts are embedded, {skipped:,} are skipped."
        warnings.append(InputWarning(inputs[MAX_INPUTS].line, "too many", message))
    return inputs[:MAX_INPUTS], warnings


def summarise_warnings(warnings: Iterable[InputWarning], max_lines: int = 8) -> list[str]:
    """Merge warnings with the same message into one, which names the first *max_lines* lines.

    A warning with line 0 is about all texts and names no line.
    """
    summaries = []
    ordered = sorted(warnings, key=attrgetter("kind", "message", "line"))
    for (_, message), group in groupby(ordered, key=attrgetter("kind", "message")):
        lines = [f"{warning.line:,}" for warning in group if warning.line]
        if not lines:
            summaries.append(message)
            continue
        more = f" and {len(lines) - max_lines:,} more" if len(lines) > max_lines else ""
        noun = "Line" if len(lines) == 1 else "Lines"
        summaries.append(f"{noun} {', '.join(lines[:max_lines])}{more}: {message}")
    return summaries
