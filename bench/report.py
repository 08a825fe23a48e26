"""The results of measures against their goals, as a table and as JSON."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

T = TypeVar("T")

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One figure with its goals. *figure* is a ratio unless it has another *unit*; less is better.

    The other fields are medians: *tutorial* is that of the tuned tutorial, *untuned* of the untuned one, and
    *floor* of the SDK alone or of the floor page.
    """

    metric: str
    load: str
    figure: float
    limit: float
    target: float
    unit: str = "x"
    playground: str = ""
    tutorial: str = ""
    untuned: str = ""
    floor: str = ""

    @property
    def verdict(self) -> str:
        if self.figure <= self.target:
            return "target"
        return "limit" if self.figure <= self.limit else "missed"


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """The rows of a measure, and the samples that they are computed from."""

    rows: Sequence[ResultRow]
    samples: Sequence[Any] = field(default=())


def median_or_inf(values: Iterable[float]) -> float:
    """Return the median, infinity without values."""
    numbers = list(values)
    return median(numbers) if numbers else float("inf")


def medians(
    playground: Iterable[T], tutorial: Iterable[T], get_value: Callable[[T], float | None]
) -> tuple[float, float]:
    """Return the medians of both apps, ignoring samples without the value."""
    values = [
        [value for sample in samples if (value := get_value(sample)) is not None]
        for samples in (playground, tutorial)
    ]
    return median_or_inf(values[0]), median_or_inf(values[1])


def format_ms(value: float) -> str:
    return f"{value:,.0f} ms"


def format_spread(values: Sequence[float]) -> str:
    """Return the median of milliseconds with the lowest and the highest value."""
    if not values:
        return ""
    return f"{format_ms(median(values))} ({min(values):,.0f}–{max(values):,.0f})"


def ratio(playground: float, tutorial: float) -> float:
    """Return the ratio of two times. It is 0 if only the tutorial never completes."""
    return playground / tutorial if tutorial else float("inf")


def comparison_row(
    metric: str, load: str, playground: float, tutorial: float, goals: tuple[float, float]
) -> ResultRow:
    """Return a row that compares milliseconds with the tutorial's. *goals* are limit and target."""
    return ResultRow(
        metric,
        load,
        ratio(playground, tutorial),
        *goals,
        playground=format_ms(playground),
        tutorial=format_ms(tutorial),
    )


def markdown(rows: Sequence[ResultRow]) -> str:
    """Return a Markdown table of *rows*."""
    head = "| metric | load | playground | tutorial | untuned | floor | figure | limit | target | met |"
    lines = [head, "|" + " --- |" * 10]
    for row in rows:
        goals = [f"{goal:g} {row.unit}".replace(" x", "x") for goal in (row.limit, row.target)]
        figure = f"{row.figure:,.0f} ms" if row.unit == "ms" else f"{row.figure:.3g} {row.unit}"
        figure = figure.replace(" x", "x")
        medians = [row.playground, row.tutorial, row.untuned, row.floor]
        cells = [row.metric, row.load, *medians, figure, *goals, row.verdict]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def save(outcomes: dict[str, MeasureResult], runs: int) -> Path:
    """Write rows and samples to a JSON file named after the time, and return its path."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    content = {"at": now.isoformat(), "runs": runs, "measures": {n: asdict(o) for n, o in outcomes.items()}}
    path.write_text(json.dumps(content, indent=1, default=str))
    return path
