"""The history of months: list, filter, search and add up 100,000 runs, and save another one."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.harness import Harness
from bench.report import MeasureResult, ResultRow, format_spread
from bench.seed_history import OWNER, RARE_WORDS, seed_history
from core.history.dashboard import Dimension, read_dashboard
from core.history.filter import HistoryFilter
from core.history.repository import HistoryRepository
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store

_RUNS = 100_000
_PAGE = 50
_TIMES = 5  # of each, in each run
_ALL = HistoryFilter()
_RUN = Run("chat", "chat.completions.create", {"model": "m"}, state=RunState.DONE, text="A reply. " * 100)

# Limits in milliseconds: of the page, and of a write, for which streaming replies wait.
_PAGE_LIMIT, _WRITE_LIMIT = 200.0, 5.0


def measure(_harness: Harness, runs: int) -> MeasureResult:
    """The time of each query of the page, and of a write, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(directory=Path(folder))
        seed_history(store, _RUNS)
        samples = {name: _times(action, runs * _TIMES) for name, action in _actions(store).items()}
        store.close()
    return MeasureResult([_row(name, times) for name, times in samples.items()], [samples])


def _actions(store: Store) -> dict[str, Callable[[], object]]:
    history, repository = HistoryRepository(store, OWNER), RunRepository(store, OWNER)

    def page(chosen: HistoryFilter) -> None:
        """Do what the page does: count the runs, and read the first ones."""
        history.count(chosen)
        entries = history.list(chosen, _PAGE)
        history.matches(chosen, [entry.run_id for entry in entries])

    return {
        "list": lambda: page(_ALL),
        "last page": lambda: history.list(_ALL, _PAGE, _RUNS - _PAGE),
        "filter": lambda: page(HistoryFilter(models=["gpt-5.4"], states=[RunState.FAILED])),
        "search for a frequent word": lambda: page(HistoryFilter(search="서울")),
        "search for a rare word": lambda: page(HistoryFilter(search=[*RARE_WORDS][-1])),
        "dashboard": lambda: read_dashboard(store, OWNER, _ALL, Dimension.PAGE).value_latencies(),
        "write": lambda: repository.save(replace(_RUN, id=Run("", "", {}).id)),
    }


def _times(action: Callable[[], object], number: int) -> list[float]:
    action()  # fills the caches
    times = []
    for _ in range(number):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return times


def _row(name: str, times: list[float]) -> ResultRow:
    limit = _WRITE_LIMIT if name == "write" else _PAGE_LIMIT
    return ResultRow(
        f"history: {name}",
        f"{_RUNS:,} runs",
        median(times),
        limit=limit,
        target=limit / 2,
        unit="ms",
        playground=format_spread(times),
    )
