"""Runs that are not recorded: their figures are saved, their contents stay in memory."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Event, Run, RunState
from core.storage import run_repository
from core.storage.owner_settings import RECORD_RUNS, write_setting
from core.storage.run_repository import RunRepository, insert_runs, save_ended_runs
from core.storage.store import Store
from core.storage.unrecorded import UnrecordedRuns

SECRET = "confidential"
PARAMS = {"model": "m", "temperature": 0.5, "messages": [{"role": "user", "content": SECRET}]}
EVENT = Event(0.1, "chunk", SECRET)


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> UnrecordedRuns:
    """What is in memory, for one test."""
    memory = UnrecordedRuns(max_runs=2)
    monkeypatch.setattr(run_repository, "unrecorded", memory)
    return memory


def set_recording(store: Store, value: str) -> None:
    store.write(lambda connection: write_setting(connection, "local", RECORD_RUNS, value))


def ended(run: Run) -> Run:
    return replace(
        run,
        state=RunState.DONE,
        text=SECRET,
        reasoning=SECRET,
        response={"id": SECRET},
        usage=Usage(3, 2),
        cost=Cost(Decimal("0.5"), "m"),
    )


def save_as_a_page_does(store: Store, run: Run) -> None:
    runs = RunRepository(store)
    runs.save(run)
    runs.append_events(run.id, [EVENT])
    runs.save(ended(run))


def save_as_a_runner_does(store: Store, run: Run) -> None:
    store.write(lambda connection: insert_runs(connection, "local", [run]))
    store.write(lambda connection: save_ended_runs(connection, "local", [(ended(run), [EVENT])]))


@pytest.mark.parametrize("save", [save_as_a_page_does, save_as_a_runner_does])
def test_saves_only_figures(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Store, Run], None]
) -> None:
    set_recording(store, "no")
    run = Run("chat", "/chat/completions", PARAMS)

    save(store, run)

    runs = RunRepository(store)
    assert runs.get(run.id) == replace(ended(run), recorded=False)
    assert runs.summaries([run.id])[run.id].text == SECRET
    assert runs.events(run.id) == [EVENT]
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert not any(SECRET.encode() in content for content in files)

    monkeypatch.setattr(run_repository, "unrecorded", UnrecordedRuns())  # another process
    saved = runs.get(run.id)
    assert (saved.text, saved.response, saved.recorded) == ("", None, False)
    assert saved.params == {"model": "m", "temperature": 0.5}
    assert (saved.usage, saved.cost) == (Usage(3, 2), Cost(Decimal("0.5"), "m"))
    assert runs.events(run.id) == []


def test_records_again_when_it_is_switched_on(store: Store) -> None:
    hidden, recorded = Run("chat", "/chat/completions", PARAMS), Run("chat", "/chat/completions", PARAMS)
    set_recording(store, "no")
    RunRepository(store).save(hidden)
    set_recording(store, "yes")

    save_as_a_page_does(store, recorded)
    RunRepository(store).save(ended(hidden))

    assert RunRepository(store).get(recorded.id) == ended(recorded)
    assert not RunRepository(store).get(hidden.id).recorded


def test_keeps_the_newest_contents_in_memory(store: Store, memory: UnrecordedRuns) -> None:
    set_recording(store, "no")
    many = [Run("chat", "/chat/completions", PARAMS) for _ in range(3)]
    for run in many:
        save_as_a_page_does(store, run)

    assert [memory.get(run.id) is None for run in many] == [True, False, False]
    RunRepository(store).save(ended(many[0]))
    assert RunRepository(store).get(many[0].id).text == ""
