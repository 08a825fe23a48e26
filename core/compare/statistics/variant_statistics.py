"""What the results of a board say about each variant, as figures and in words."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import Cell, Cells
from core.compare.boards.checks import CheckResult, normalise_whitespace
from core.compare.statistics.highlights import charge
from core.compare.variants.reply import reply_text
from core.compare.variants.variant import Variant
from core.runs.run import Run

# The 97.5th percentile of the normal distribution, for an interval of 95%.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of *count* values, their quartiles, and the value below which 95% of them are."""

    count: int
    median: float
    lower_quartile: float
    upper_quartile: float
    p95: float

    @property
    def interquartile_range(self) -> float:
        return self.upper_quartile - self.lower_quartile

    @classmethod
    def of(cls, values: Iterable[float | None]) -> "Spread | None":
        """Describe those of *values* that are known; None without any."""
        known = sorted(value for value in values if value is not None)
        if not known:
            return None
        return cls(len(known), *(percentile(known, share) for share in (0.5, 0.25, 0.75, 0.95)))


@dataclass(frozen=True, slots=True)
class Rate:
    """*successes* out of *total*, and the bounds of its 95% interval."""

    successes: int
    total: int

    @property
    def share(self) -> float | None:
        return self.successes / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.successes, self.total)


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """Equal replies of a variant to a case, apart from white space, the most frequent first."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class VariantStatistics:
    """The results of a variant. Times are in seconds, and of complete replies.

    *cost_per_1000* is in dollars, at the list price where nothing is charged; None if no cost is known.
    *agreement* is the average share of the most frequent reply among the repetitions of a case; None without
    repetitions.
    """

    variant_id: str
    title: str
    cells: int
    failures: int
    first_token: Spread | None
    total: Spread | None
    tokens_per_second: Spread | None
    output_tokens: Spread | None
    cost: Decimal
    cost_per_1000: Decimal | None
    checks: Rate
    agreement: float | None

    @property
    def done(self) -> int:
        return self.cells - self.failures


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which *share* of the *ordered* values are, between two of them if need be.

    The method is "linear", number 7 of Hyndman and Fan (1996), the default of NumPy and of spreadsheets.
    """
    position = share * (len(ordered) - 1)
    low, high = math.floor(position), math.ceil(position)
    # In this form the result is never outside of the two values, whatever the rounding.
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def wilson_interval(successes: int, total: int) -> tuple[float, float]:
    """Return the 95% confidence interval of a share, also sensible for few trials and shares near 0 and 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927); recommended by Brown, Cai and DasGupta, Statistical
    Science 16 (2001).
    """
    if not total:
        return 0.0, 1.0
    share, square = successes / total, _Z**2
    centre = (share + square / (2 * total)) / (1 + square / total)
    margin = _Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, centre - margin), min(1.0, centre + margin)


def board_statistics(
    board: Board, cells: Cells, results: Mapping[CellKey, Sequence[CheckResult]]
) -> list[VariantStatistics]:
    """Return the statistics of the enabled variants, in their order.

    *cells* are the current ones (`current_cells`), *results* those of `check_cells`.
    """
    by_variant: dict[str, list[Cell]] = {variant.id: [] for variant in board.enabled_variants}
    for key, cell in cells.items():
        if key.variant_id in by_variant:
            by_variant[key.variant_id].append(cell)
    return [
        _variant_statistics(variant, by_variant[variant.id], results) for variant in board.enabled_variants
    ]


def group_answers(runs: Iterable[Run]) -> list[AnswerGroup]:
    """Group equal replies, the most frequent first, then the earliest."""
    groups: dict[str, list[str]] = {}
    for run in runs:
        text = reply_text(run)
        groups.setdefault(normalise_whitespace(text), []).append(text)
    ordered = sorted(groups.values(), key=len, reverse=True)
    return [AnswerGroup(texts[0], len(texts)) for texts in ordered]


def _variant_statistics(
    variant: Variant, cells: Sequence[Cell], results: Mapping[CellKey, Sequence[CheckResult]]
) -> VariantStatistics:
    runs = [cell.run for cell in cells if cell.is_done]
    charges = [amount for run in runs if (amount := charge(run)) is not None]
    checked = [
        result.passed for cell in cells for result in results.get(cell.key, ()) if result.passed is not None
    ]
    return VariantStatistics(
        variant.id,
        variant.title,
        cells=len(cells),
        failures=len(cells) - len(runs),
        first_token=Spread.of(run.first_token for run in runs),
        total=Spread.of(run.total for run in runs),
        tokens_per_second=Spread.of(run.tokens_per_second for run in runs),
        output_tokens=Spread.of(run.usage.output_tokens for run in runs if run.usage),
        cost=sum((cell.run.cost.amount or Decimal(0) for cell in cells if cell.run.cost), Decimal(0)),
        cost_per_1000=sum(charges, Decimal(0)) / len(charges) * 1_000 if charges else None,
        checks=Rate(sum(checked), len(checked)),
        agreement=_agreement(cells),
    )


def _agreement(cells: Sequence[Cell]) -> float | None:
    by_case: dict[str, list[Run]] = {}
    for cell in cells:
        if cell.has_reply:
            by_case.setdefault(cell.key.case_id, []).append(cell.run)
    shares = [group_answers(runs)[0].count / len(runs) for runs in by_case.values() if len(runs) > 1]
    return sum(shares) / len(shares) if shares else None
