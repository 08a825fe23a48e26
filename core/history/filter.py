"""Which runs the History page shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Dialect, false, func, select

from core.pricing.cost_units import cost_units
from core.runs.run import RunState
from core.storage.history_schema import deleted_runs, history_entries, run_tags
from core.storage.schema import runs
from core.storage.text_search import contains


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Conditions that runs meet; empty ones are met by all. Words of *search* are in the prompt or reply."""

    search: str = ""
    capabilities: Sequence[str] = ()
    models: Sequence[str] = ()
    profiles: Sequence[str] = ()
    states: Sequence[RunState] = ()
    tags: Sequence[str] = ()
    since: datetime | None = None
    before: datetime | None = None
    min_cost: Decimal | None = None
    run_ids: Sequence[str] = ()

    def conditions(self, owner: str, dialect: Dialect) -> Iterator[ColumnElement[bool]]:
        """Return the conditions for rows of `history_entries`."""
        entry = history_entries.c
        # Not a plain comparison, with which SQLite would read an index that begins with the owner, and sort:
        # the rows in their own order take a hundredth of the time, because a list ends after one page.
        yield func.coalesce(entry.owner, "") == owner
        yield entry.run_id.not_in(select(deleted_runs.c.run_id).where(deleted_runs.c.owner == owner))
        yield from _is_one_of(
            (entry.capability, self.capabilities),
            (entry.model, self.models),
            (entry.profile, self.profiles),
            (entry.state, [state.value for state in self.states]),
            (entry.run_id, self.run_ids),
        )
        if self.tags:
            tagged = select(run_tags.c.run_id).where(run_tags.c.owner == owner, run_tags.c.tag.in_(self.tags))
            yield entry.run_id.in_(tagged)
        if self.since:
            yield entry.started_at >= self.since
        if self.before:
            yield entry.started_at < self.before
        if self.min_cost is not None:
            yield entry.cost >= cost_units(self.min_cost)
        if self.search.strip():
            is_match = contains(entry.seq, self.search, dialect)
            yield false() if is_match is None else is_match

    def running_conditions(self) -> Iterator[ColumnElement[bool]]:
        """Return the conditions for rows of `runs` under way, which have no tags, no costs and no index."""
        yield from _is_one_of(
            (runs.c.capability, self.capabilities),
            (runs.c.model, self.models),
            (runs.c.profile, self.profiles),
            (runs.c.state, [state.value for state in self.states]),
            (runs.c.id, self.run_ids),
        )
        if self.since:
            yield runs.c.started_at >= self.since
        if self.before:
            yield runs.c.started_at < self.before
        if self.tags or self.min_cost is not None or self.search.strip():
            yield false()


def _is_one_of(
    *conditions: tuple[ColumnElement[str], Sequence[str]],
) -> Iterator[ColumnElement[bool]]:
    return (column.in_(values) for column, values in conditions if values)
