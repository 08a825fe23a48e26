"""Figures about many runs."""

from datetime import timedelta
from decimal import Decimal

from core.history.dashboard import (
    Dashboard,
    DayUsage,
    Dimension,
    LatencySummary,
    UsageTotals,
    read_dashboard,
)
from core.history.filter import HistoryFilter
from core.history.repository import HistoryRepository
from core.pricing.prices import Cost
from core.pricing.usage import Usage as Tokens
from core.runs.run import RunState
from core.storage.history_schema import IMPORTED_TAG
from core.storage.store import Store
from tests.unit.history.conftest import NOON, AddRun


def dashboard(store: Store, by: Dimension = Dimension.PAGE, **conditions: object) -> Dashboard:
    return read_dashboard(store, "local", HistoryFilter(**conditions), by)  # type: ignore[arg-type]


def test_adds_up_runs_by_day_and_page(store: Store, add_run: AddRun) -> None:
    cost = Cost(Decimal("0.000000015"), "gpt-5.4")
    add_run(cost=cost, usage=Tokens(10, 5))
    add_run(cost=cost, usage=Tokens(20, 7))
    add_run(capability="vision", state=RunState.FAILED)
    add_run(started_at=NOON + timedelta(days=1), usage=Tokens(1, 1))

    assert dashboard(store).days == [
        DayUsage("2026-11-20", "chat", UsageTotals(2, 0, 30, 12, Decimal("0.00000003"))),
        DayUsage("2026-11-20", "vision", UsageTotals(1, 1, 0, 0, Decimal(0))),
        DayUsage("2026-11-21", "chat", UsageTotals(1, 0, 1, 1, Decimal(0))),
    ]
    assert dashboard(store).total() == UsageTotals(4, 1, 31, 13, Decimal("0.00000003"))
    assert dashboard(store, capabilities=["vision"]).total() == UsageTotals(1, 1, 0, 0, Decimal(0))


def test_adds_up_nothing(store: Store) -> None:
    empty = dashboard(store)

    assert empty.total() == UsageTotals(0, 0, 0, 0, Decimal(0))
    assert (empty.days, empty.by_value(), empty.day_latencies()) == ([], {}, [])


def test_returns_percentiles_of_successful_runs(store: Store, add_run: AddRun) -> None:
    for seconds in range(1, 21):
        add_run(total=float(seconds))
    add_run(total=99.0, state=RunState.FAILED)
    add_run(total=3.0, started_at=NOON + timedelta(days=1), model="other")

    assert dashboard(store).day_latencies() == [
        LatencySummary("2026-11-20", 10, 19),
        LatencySummary("2026-11-21", 3, 3),
    ]
    by_model = dashboard(store, Dimension.MODEL)
    assert by_model.value_latencies() == [LatencySummary("gpt-5.4", 10, 19), LatencySummary("other", 3, 3)]


def test_leaves_imported_runs_out_unless_they_are_filtered_by(store: Store, add_run: AddRun) -> None:
    own, imported = (add_run(usage=Tokens(tokens, 5)) for tokens in (10, 200))
    history = HistoryRepository(store)
    history.set_tags(own.id, ["good"])
    history.set_tags(imported.id, ["good", IMPORTED_TAG])

    for tags in ([], ["good"]):
        assert dashboard(store, tags=tags).total() == UsageTotals(1, 0, 10, 5, Decimal(0))
        assert dashboard(store, tags=tags).imported == 1
    assert dashboard(store, tags=[IMPORTED_TAG]).total() == UsageTotals(1, 0, 200, 5, Decimal(0))
