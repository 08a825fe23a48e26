"""What stands out among the replies to one prompt: the fastest, the cheapest, identical ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.compare.variants.reply import reply_text
from core.runs.run import Run, RunState

HighlightKind = Literal["first_token", "total", "cost", "length"]


@dataclass(frozen=True, slots=True)
class Highlight:
    """The smallest *value* among the replies, and the keys of those that have it."""

    kind: HighlightKind
    value: float | Decimal
    keys: tuple[str, ...]


def find_highlights(runs: Mapping[str, Run]) -> list[Highlight]:
    """Compare the complete replies of *runs*, by any key. What is equal for all of them is left out."""
    measures: dict[HighlightKind, Callable[[Run], float | Decimal | None]] = {
        "first_token": lambda run: run.first_token if run.stream else None,
        "total": lambda run: run.total,
        "cost": charge,
        "length": lambda run: len(run.text) or None,
    }
    complete = {key: run for key, run in runs.items() if run.state is RunState.DONE}
    highlights = []
    for kind, measure in measures.items():
        values = {key: value for key, run in complete.items() if (value := measure(run)) is not None}
        if len(set(values.values())) > 1:
            smallest = min(values.values())
            keys = tuple(key for key, value in values.items() if value == smallest)
            highlights.append(Highlight(kind, smallest, keys))
    return highlights


def charge(run: Run) -> Decimal | None:
    """Return what *run* costs; at OpenAI's list price if the server charges nothing."""
    return (run.cost.amount or run.cost.list_amount) if run.cost else None


def identical_replies(runs: Mapping[str, Run]) -> list[tuple[str, ...]]:
    """Return groups of two and more keys whose replies have the same text, apart from white space."""
    groups: dict[str, list[str]] = {}
    for key, run in runs.items():
        if run.state is RunState.DONE and (text := " ".join(reply_text(run).split())):
            groups.setdefault(text, []).append(key)
    return [tuple(keys) for keys in groups.values() if len(keys) > 1]
