"""A history with runs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.history.indexer import HistoryIndexer
from core.history.repository import HistoryRepository
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store

AddRun = Callable[..., Run]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def runs(store: Store) -> RunRepository:
    return RunRepository(store)


@pytest.fixture
def history(store: Store) -> HistoryRepository:
    return HistoryRepository(store)


@pytest.fixture
def add_run(store: Store, runs: RunRepository) -> AddRun:
    """Save an ended run with a prompt and a reply, and index it."""

    def add(prompt: str = "Hello", reply: str = "Hi", **fields: Any) -> Run:
        params = {"model": "gpt-5.4", "messages": [{"role": "user", "content": prompt}]}
        run = Run("chat", "/chat/completions", params, state=RunState.DONE, text=reply, started_at=NOON)
        run = replace(run, **fields)
        runs.save(run)
        HistoryIndexer(store).catch_up(1)
        return run

    return add
