"""Figures about many runs: how many there were and failed, what they used and cost, how long they took."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, select

from core.history.filter import HistoryFilter
from core.pricing.cost_units import from_cost_units
from core.runs.run import RunState
from core.storage.history_schema import history_entries
from core.storage.store import Store

_ENTRY = history_entries.c
_SUMS: tuple[ColumnElement[Any], ...] = (
    func.count().label("runs"),
    func.count(case((_ENTRY.state == RunState.FAILED.value, 1))).label("failed"),
    func.coalesce(func.sum(_ENTRY.input_tokens), 0).label("input_tokens"),
    func.coalesce(func.sum(_ENTRY.output_tokens), 0).label("output_tokens"),
    func.coalesce(func.sum(_ENTRY.cost), 0).label("cost"),
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

    def __add__(self, other: "UsageTotals") -> "UsageTotals":
        return UsageTotals(
            self.runs + other.runs,
            self.failed + other.failed,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class DayUsage:
    """The runs of a *day* in UTC with one *value* of a dimension."""

    day: str
    value: str
    usage: UsageTotals


@dataclass(frozen=True, slots=True)
class LatencySummary:
    """Seconds that successful runs of a *group* took: half of them at most *median*, 95 % at most *p95*."""

    group: str
    median: float
    p95: float


class Dashboard:
    """Figures of the runs of *owner* that meet the conditions of a filter."""

    def __init__(self, store: Store, owner: str, chosen: HistoryFilter) -> None:
        self._store = store
        self._owner = owner
        self._filter = chosen

    def total(self) -> UsageTotals:
        """Return the figures of all runs."""
        (row,) = self._rows(select(*_SUMS))
        return _usage(row)

    def by_day(self, dimension: Dimension) -> list[DayUsage]:
        """Return the figures of each day and value, oldest first."""
        columns = _ENTRY.day, _ENTRY[dimension.value].label("value")
        rows = self._rows(select(*columns, *_SUMS).group_by(*columns).order_by(*columns))
        return [DayUsage(row.day, row.value, _usage(row)) for row in rows]

    def latencies(self, dimension: Dimension | None = None) -> list[LatencySummary]:
        """Return how long successful runs took, by day or by *dimension*."""
        group = (_ENTRY[dimension.value] if dimension else _ENTRY.day).label("name")
        is_timed = _ENTRY.state == RunState.DONE.value, _ENTRY.seconds.is_not(None)
        seconds: defaultdict[str, list[float]] = defaultdict(list)
        for row in self._rows(select(group, _ENTRY.seconds).where(*is_timed)):
            seconds[row.name].append(row.seconds)
        return [_latency(name, sorted(values)) for name, values in sorted(seconds.items())]

    def _rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        def read(connection: Connection) -> Sequence[Row[Any]]:
            conditions = self._filter.conditions(self._owner, connection.dialect)
            return connection.execute(query.where(*conditions)).all()

        return self._store.read(read)


def _usage(row: Row[Any]) -> UsageTotals:
    # PostgreSQL adds integers up to a Decimal.
    input_tokens, output_tokens, cost = map(int, (row.input_tokens, row.output_tokens, row.cost))
    return UsageTotals(row.runs, row.failed, input_tokens, output_tokens, from_cost_units(cost))


def _latency(group: str, seconds: Sequence[float]) -> LatencySummary:
    """Return the percentiles of sorted durations, by the nearest rank."""
    median, p95 = (seconds[math.ceil(len(seconds) * part) - 1] for part in (0.5, 0.95))
    return LatencySummary(group, median, p95)
