"""The history is maintained in the background."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.maintenance import HistoryMaintenance
from core.history.repository import HistoryRepository
from core.history.settings import HistorySettings
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.schema import runs as runs_table
from core.storage.store import Store
from tests.unit.history.conftest import AddRun
from tests.unit.storage.test_migrations import FILE, VERSION_5

ALL = HistoryFilter()


def wait_for_count(history: HistoryRepository, count: int) -> None:
    deadline = time.monotonic() + 60
    while history.count(ALL) != count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def maintenance(store: Store) -> Iterator[HistoryMaintenance]:
    maintenance = HistoryMaintenance(store, "local", poll_interval=0.01)
    yield maintenance
    maintenance.stop()


def test_indexes_new_runs_and_purges_old_ones(
    store: Store,
    runs: RunRepository,
    history: HistoryRepository,
    add_run: AddRun,
    maintenance: HistoryMaintenance,
) -> None:
    add_run(started_at=datetime.now(UTC) - timedelta(days=8))
    HistorySettings(store).set_retention(timedelta(days=7))
    maintenance.start()

    wait_for_count(history, 0)
    run = replace(add_run(), id="0" * 32, state=RunState.RUNNING, started_at=datetime.now(UTC))
    runs.save(run)
    runs.save(replace(run, state=RunState.DONE))
    wait_for_count(history, 2)
    assert "0" * 32 in [entry.run_id for entry in history.list(ALL)]


def test_ends_a_run_of_a_process_that_was_killed(
    store: Store, runs: RunRepository, history: HistoryRepository, maintenance: HistoryMaintenance
) -> None:
    lost = Run("chat", "chat.completions.create", {"model": "m"}, text="Half a re")
    runs.save(lost)
    lease = {"holder": "other-host/1/token", "alive_until": datetime.now(UTC) - timedelta(minutes=1)}
    store.write(lambda connection: connection.execute(update(runs_table).values(lease)))
    maintenance.start()

    wait_for_count(history, 1)

    (entry,) = history.list(ALL)
    assert (entry.state, entry.reply) == (RunState.INTERRUPTED, "Half a re")


def test_fills_the_history_of_an_earlier_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript(VERSION_5)
    store = Store.open(directory=tmp_path)
    history = HistoryRepository(store)

    HistoryIndexer(store).catch_up(60)

    assert [entry.capability for entry in history.list(ALL)] == ["tokens", "vision", "chat"]
    entry = history.list(HistoryFilter(search="인사"))[0]
    assert (entry.model, entry.input_tokens, entry.seconds) == ("gpt-5.4-mini-2026-03-17", 12, 0.9)
    store.close()
