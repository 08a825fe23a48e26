"""Rows of figures against the goals that they must and should meet, as a table and as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One goal. *figure* is what it is about (a ratio unless *unit* says otherwise) and the less the better;
    *playground*, *tutorial* and *floor* are the medians behind it."""

    what: str
    load: str
    figure: float
    must: float
    aim: float
    unit: str = "x"
    playground: str = ""
    tutorial: str = ""
    floor: str = ""

    @property
    def verdict(self) -> str:
        if self.figure <= self.aim:
            return "aim"
        return "must" if self.figure <= self.must else "MISSED"


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """What a measure found: its rows, and the samples behind them."""

    rows: Sequence[ResultRow]
    samples: Sequence[Any] = field(default=())


def median_or_inf(values: Iterable[float]) -> float:
    """The median of what there is; infinite for nothing."""
    found = list(values)
    return median(found) if found else float("inf")


def format_ms(value: float) -> str:
    return f"{value:,.0f} ms"


def ratio(ours: float, theirs: float) -> float:
    """What stands in a row; a tutorial that never ends is beaten."""
    return ours / theirs if theirs else float("inf")


def comparison_row(what: str, load: str, ours: float, theirs: float, goals: tuple[float, float]) -> ResultRow:
    """A row about milliseconds, as a ratio to the tutorial's; *goals* are must and aim."""
    return ResultRow(
        what, load, ratio(ours, theirs), *goals, playground=format_ms(ours), tutorial=format_ms(theirs)
    )


def markdown(rows: Sequence[ResultRow]) -> str:
    """The table."""
    head = "| what | load | playground | tutorial | bare SDK | figure | must | aim | met |"
    lines = [head, "|" + " --- |" * 9]
    for row in rows:
        goals = [f"{goal:g} {row.unit}".replace(" x", "x") for goal in (row.must, row.aim)]
        figure = f"{row.figure:.3g} {row.unit}".replace(" x", "x")
        cells = [row.what, row.load, row.playground, row.tutorial, row.floor, figure, *goals, row.verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def save(outcomes: dict[str, MeasureResult], runs: int) -> Path:
    """Write rows and samples to a file named by the time."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    content = {"at": now.isoformat(), "runs": runs, "measures": {n: asdict(o) for n, o in outcomes.items()}}
    path.write_text(json.dumps(content, indent=1, default=str))
    return path
