"""The texts that a person wants to compare, with the line that each came from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

MAX_INPUTS = 10_000

_GROUP_MARK = "# "


@dataclass(frozen=True, slots=True)
class InputText:
    """A text to embed; `line` counts from 1, `group` is a label to colour it by, empty for none."""

    line: int
    text: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class InputWarning:
    """Something worth knowing about the text of *line*: what was done about it is in *text*."""

    line: int
    kind: Literal["empty", "too long", "duplicate", "too many", "odd vector"]
    message: str


def from_lines(text: str) -> tuple[list[InputText], list[InputWarning]]:
    """Read a text a line; a line `# Weather` names the group of those below it.

    Blank lines and what goes beyond `MOST_ITEMS` are left out, with a remark.
    """
    items: list[InputText] = []
    remarks: list[InputWarning] = []
    group = ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if line.startswith(_GROUP_MARK):
            group = line.removeprefix(_GROUP_MARK).strip()
        elif stripped:
            items.append(InputText(number, stripped, group))
        else:
            remarks.append(InputWarning(number, "empty", "Empty: left out."))
    return apply_limit(items, remarks)


def apply_limit(
    items: list[InputText], remarks: list[InputWarning]
) -> tuple[list[InputText], list[InputWarning]]:
    """Leave out what goes beyond `MOST_ITEMS`."""
    if len(items) > MAX_INPUTS:
        said = f"Only the first {MAX_INPUTS:,} texts are taken; {len(items) - MAX_INPUTS:,} are left out."
        remarks.append(InputWarning(items[MAX_INPUTS].line, "too many", said))
    return items[:MAX_INPUTS], remarks


def summarise_warnings(remarks: Iterable[InputWarning], max_lines: int = 8) -> list[str]:
    """Say the same remark about many lines once, naming the first *most* lines."""
    ordered = sorted(remarks, key=attrgetter("kind", "message", "line"))
    return [
        f"{_lines([remark.line for remark in alike], max_lines)}: {text}"
        for (_, text), alike in groupby(ordered, key=attrgetter("kind", "message"))
    ]


def _lines(numbers: Sequence[int], most: int) -> str:
    named = ", ".join(f"{number:,}" for number in numbers[:most])
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return f"{'Line' if len(numbers) == 1 else 'Lines'} {named}{more}"
