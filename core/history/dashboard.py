"""Figures about many runs: how many there were and failed, what they used and cost, how long they took."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, String, case, cast, func, select

from core.history.filter import HistoryFilter
from core.pricing.cost_units import from_cost_units
from core.runs.run import RunState
from core.storage.history_schema import IMPORTED_TAG, history_entries, run_tags
from core.storage.store import Store

_ENTRY = history_entries.c
_IS_DONE = _ENTRY.state == RunState.DONE.value
_FIGURES: tuple[ColumnElement[Any], ...] = (
    func.count().label("runs"),
    func.count(case((_ENTRY.state == RunState.FAILED.value, 1))).label("failed"),
    func.coalesce(func.sum(_ENTRY.input_tokens), 0).label("input_tokens"),
    func.coalesce(func.sum(_ENTRY.output_tokens), 0).label("output_tokens"),
    func.coalesce(func.sum(_ENTRY.cost), 0).label("cost"),
    # As one text for each group: the driver takes four times as long to return 100,000 rows.
    func.aggregate_strings(
        case((_IS_DONE, cast(cast(func.round(_ENTRY.seconds * 1000), BigInteger), String))), " "
    ).label("milliseconds"),
)


class Dimension(StrEnum):
    """What the figures are compared by."""

    PAGE = "capability"
    MODEL = "model"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """What runs used in sum. *cost* is in US dollars, without the runs whose price is unknown."""

    runs: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class DayUsage:
    """The runs of a *day* in UTC with one *value* of a dimension; *milliseconds* are of successful ones."""

    day: str
    value: str
    usage: UsageTotals
    milliseconds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Seconds that successful runs of a *group* took: half of them at most *median*, 95 % at most *p95*."""

    group: str
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of runs by day and by one dimension, oldest first, without those of *imported* runs."""

    days: Sequence[DayUsage]
    imported: int = 0

    def total(self) -> UsageTotals:
        return sum_usages([each.usage for each in self.days])

    def by_value(self) -> dict[str, UsageTotals]:
        """Return the figures of each value of the dimension."""
        groups: defaultdict[str, list[UsageTotals]] = defaultdict(list)
        for each in self.days:
            groups[each.value].append(each.usage)
        return {value: sum_usages(usages) for value, usages in groups.items()}

    def day_latencies(self) -> list[LatencySummary]:
        """Return how long the successful runs of each day took."""
        return _latencies((each.day, each.milliseconds) for each in self.days)

    def value_latencies(self) -> list[LatencySummary]:
        """Return how long successful runs took by value of the dimension."""
        return _latencies((each.value, each.milliseconds) for each in self.days)


def sum_usages(usages: Sequence[UsageTotals]) -> UsageTotals:
    return UsageTotals(
        sum(usage.runs for usage in usages),
        sum(usage.failed for usage in usages),
        sum(usage.input_tokens for usage in usages),
        sum(usage.output_tokens for usage in usages),
        sum((usage.cost for usage in usages), Decimal(0)),
    )


def read_dashboard(store: Store, owner: str, chosen: HistoryFilter, dimension: Dimension) -> Dashboard:
    """Read the figures of the runs of *owner* that meet the conditions, in one pass over them.

    Imported runs are only counted, because others made and paid the calls, unless they are filtered by.
    """
    columns = _ENTRY.day, _ENTRY[dimension.value].label("value")
    query = select(*columns, *_FIGURES).group_by(*columns).order_by(*columns)

    imported = select(run_tags.c.run_id).where(run_tags.c.owner == owner, run_tags.c.tag == IMPORTED_TAG)
    count_imported = select(func.count()).where(_ENTRY.run_id.in_(imported))

    def read(connection: Connection) -> tuple[Sequence[Row[Any]], int]:
        conditions = list(chosen.conditions(owner, connection.dialect))
        if IMPORTED_TAG in chosen.tags:
            return connection.execute(query.where(*conditions)).all(), 0
        rows = connection.execute(query.where(*conditions, _ENTRY.run_id.not_in(imported))).all()
        return rows, connection.scalar(count_imported.where(*conditions)) or 0

    rows, imported_runs = store.read(read)
    return Dashboard([_day_usage(row) for row in rows], imported_runs)


def _day_usage(row: Row[Any]) -> DayUsage:
    # PostgreSQL adds integers up to a Decimal.
    input_tokens, output_tokens, cost = map(int, (row.input_tokens, row.output_tokens, row.cost))
    usage = UsageTotals(row.runs, row.failed, input_tokens, output_tokens, from_cost_units(cost))
    return DayUsage(row.day, row.value, usage, tuple(map(int, (row.milliseconds or "").split())))


def _latencies(groups: Iterable[tuple[str, Sequence[int]]]) -> list[LatencySummary]:
    milliseconds: defaultdict[str, list[int]] = defaultdict(list)
    for name, values in groups:
        milliseconds[name].extend(values)
    return [_latency(name, sorted(values)) for name, values in sorted(milliseconds.items()) if values]


def _latency(group: str, milliseconds: Sequence[int]) -> LatencySummary:
    """Return the percentiles of sorted durations, by the nearest rank."""
    median, p95 = (milliseconds[math.ceil(len(milliseconds) * part) - 1] / 1000 for part in (0.5, 0.95))
    return LatencySummary(group, median, p95)
