"""A visitor on a server that runs already: from opening a page, or reloading it, until it can be used."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.apps import RunningApp
from bench.harness import Harness
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf, ratio

_NEW_VISITOR = (1.2, 0.9)
_RELOAD = (1.1, 0.8)
# Seconds until the browser has drawn all of the page, and Streamlit's own requests have ended.
_SETTLE = 1.5


@dataclass(frozen=True, slots=True)
class Visit:
    """Milliseconds until a page is usable, for a new visitor, whose cache is empty, and at a reload."""

    app: str
    path: str
    opened: float
    reloaded: float


def measure(harness: Harness, runs: int) -> MeasureResult:
    """Visit each app in turn, so that a busy machine slows all of them alike."""
    visits = [_visit(harness, *target) for _ in range(runs) for target in _targets(harness)]
    rows = [
        _row(f"{name}, {page}", path, visits, get_time, goals)
        for name, get_time, goals in (
            ("new visitor to usable page", lambda visit: visit.opened, _NEW_VISITOR),
            ("reload to usable page", lambda visit: visit.reloaded, _RELOAD),
        )
        for page, path in (("Home", "/"), ("Chat", harness.playground.definition.page))
    ]
    return MeasureResult(rows, visits)


def _targets(harness: Harness) -> list[tuple[RunningApp, str, str]]:
    """Return each app with its paths and what must be usable there."""
    playground = harness.playground.definition
    return [
        (harness.playground, "/", playground.entry),
        (harness.playground, playground.page, playground.composer),
        *((app, app.definition.page, app.definition.entry) for app in _others(harness)),
    ]


def _others(harness: Harness) -> Sequence[RunningApp]:
    return (harness.tutorial, harness.untuned_tutorial, harness.floor_page)


def _visit(harness: Harness, app: RunningApp, path: str, selector: str) -> Visit:
    with harness.chromium.tab(app, path, settle=_SETTLE, selector=selector) as tab:
        opened = tab.usable_at - tab.opened_at
        reloaded = tab.reload()
        time.sleep(_SETTLE)
        return Visit(app.definition.name, path, opened, reloaded)


def _row(
    metric: str,
    path: str,
    visits: Sequence[Visit],
    get_time: Callable[[Visit], float],
    goals: tuple[float, float],
) -> ResultRow:
    def times(app: str, path: str = "/") -> list[float]:
        return [get_time(visit) for visit in visits if (visit.app, visit.path) == (app, path)]

    playground, tutorial = times("playground", path), times("tutorial")
    return ResultRow(
        metric,
        "warm server",
        ratio(median_or_inf(playground), median_or_inf(tutorial)),
        *goals,
        playground=format_spread(playground),
        tutorial=format_spread(tutorial),
        untuned=format_spread(times("untuned tutorial")),
        floor=format_spread(times("floor page")),
    )
