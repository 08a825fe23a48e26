"""The texts that a person wants to compare, with the line that each came from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Literal

MOST_ITEMS = 10_000

_GROUP_MARK = "# "


@dataclass(frozen=True, slots=True)
class Item:
    """A text to embed; `line` counts from 1, `group` is a label to colour it by, empty for none."""

    line: int
    text: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth knowing about the text of *line*: what was done about it is in *text*."""

    line: int
    kind: Literal["empty", "too long", "duplicate", "too many", "odd vector"]
    text: str


def from_lines(text: str) -> tuple[list[Item], list[Remark]]:
    """Read a text a line; a line `# Weather` names the group of those below it.

    Blank lines and what goes beyond `MOST_ITEMS` are left out, with a remark.
    """
    items: list[Item] = []
    remarks: list[Remark] = []
    group = ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if line.startswith(_GROUP_MARK):
            group = line.removeprefix(_GROUP_MARK).strip()
        elif stripped:
            items.append(Item(number, stripped, group))
        else:
            remarks.append(Remark(number, "empty", "Empty: left out."))
    return within_limit(items, remarks)


def within_limit(items: list[Item], remarks: list[Remark]) -> tuple[list[Item], list[Remark]]:
    """Leave out what goes beyond `MOST_ITEMS`."""
    if len(items) > MOST_ITEMS:
        said = f"Only the first {MOST_ITEMS:,} texts are taken; {len(items) - MOST_ITEMS:,} are left out."
        remarks.append(Remark(items[MOST_ITEMS].line, "too many", said))
    return items[:MOST_ITEMS], remarks


def summarised(remarks: Iterable[Remark], most: int = 8) -> list[str]:
    """Say the same remark about many lines once, naming the first *most* lines."""
    ordered = sorted(remarks, key=attrgetter("kind", "text", "line"))
    return [
        f"{_lines([remark.line for remark in alike], most)}: {text}"
        for (_, text), alike in groupby(ordered, key=attrgetter("kind", "text"))
    ]


def _lines(numbers: Sequence[int], most: int) -> str:
    named = ", ".join(f"{number:,}" for number in numbers[:most])
    more = f" and {len(numbers) - most:,} more" if len(numbers) > most else ""
    return f"{'Line' if len(numbers) == 1 else 'Lines'} {named}{more}"
