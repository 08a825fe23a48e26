"""Storage of runs and their events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from core.errors.types import NotFound
from core.pricing.prices import Cost
from core.runs.run import Event, Run, RunState
from core.storage.own_runs import own_runs
from core.storage.run_repository import RunRepository, _pack, _unpack
from core.storage.schema import runs as runs_table
from core.storage.store import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENTS = [Event(0.1, "sent", "{}"), Event(0.2, "chunk", '{"text": "안녕"}'), Event(0.3, "end", "")]


@pytest.fixture
def runs(store: Store) -> RunRepository:
    return RunRepository(store, "me")


def new_run(capability: str = "chat") -> Run:
    return Run(capability, "/chat/completions", {"model": "gpt-6-luna", "stream": True})


def test_returns_a_run_unchanged(runs: RunRepository) -> None:
    run = new_run()
    runs.save(run)
    done = replace(run, state=RunState.DONE, text="Hello", cost=Cost(Decimal("0.000015"), "list price"))

    runs.save(done)

    assert runs.get(run.id) == done
    assert runs.list() == [done]


def test_lists_the_newest_first_when_the_clock_was_set_back(runs: RunRepository) -> None:
    first = replace(new_run(), started_at=NOW + timedelta(days=1))
    second = replace(new_run(), started_at=NOW)
    runs.save(first)
    runs.save(second)
    runs.save(first)

    assert [run.id for run in runs.list()] == [second.id, first.id]


def test_lists_by_capability_and_state(runs: RunRepository) -> None:
    chat, failed = new_run(), replace(new_run("vision"), state=RunState.FAILED)
    runs.save(chat)
    runs.save(failed)

    assert runs.list("vision") == [failed]
    assert runs.list(state=RunState.RUNNING) == [chat]


def test_returns_summaries_without_messages_and_response(runs: RunRepository) -> None:
    messages = [{"role": "user", "content": "Hello"}]
    run = replace(new_run(), params={"messages": messages}, text="Hello", response={"id": "x"})
    runs.save(run)

    summaries = runs.summaries([run.id, "unknown"])

    assert summaries == {run.id: replace(run, params={"model": ""}, response=None)}


def test_saves_the_response_when_the_run_ends(runs: RunRepository) -> None:
    run = new_run()
    runs.save(run)
    runs.save(replace(run, state=RunState.DONE, response={"id": "x"}))

    assert runs.get(run.id).response == {"id": "x"}


def test_returns_several_runs_at_once(runs: RunRepository) -> None:
    run = new_run()
    runs.save(run)

    assert runs.get_many([run.id, "unknown"]) == {run.id: run}


def test_appends_events_in_batches(runs: RunRepository) -> None:
    runs.append_events("run", EVENTS[:1])
    runs.append_events("run", EVENTS[1:])
    runs.append_events("run", [])

    assert runs.events("run") == EVENTS


@given(st.lists(st.builds(Event, st.floats(0, 1e6), st.text(), st.text())))
def test_packs_events_without_loss(events: list[Event]) -> None:
    assert _unpack(_pack(events)) == events


def test_stores_a_chunk_with_a_lone_surrogate(runs: RunRepository) -> None:
    event = Event(0.1, "chunk", "\ud83d")
    runs.append_events("run", [event])

    assert runs.events("run") == [event]


def test_replaces_a_lone_surrogate_in_the_text_of_a_run(runs: RunRepository) -> None:
    run = replace(new_run(), text="\ud83d", response={"text": "a\ud83d"})
    runs.save(run)

    assert runs.get(run.id).text == "\ufffd"


def test_deletes_a_run_with_its_events(runs: RunRepository) -> None:
    run = new_run()
    runs.save(run)
    runs.append_events(run.id, EVENTS)

    runs.delete(run.id)

    assert runs.events(run.id) == []
    with pytest.raises(NotFound):
        runs.get(run.id)


def test_hides_runs_from_another_owner(store: Store, runs: RunRepository) -> None:
    run = new_run()
    runs.save(run)
    runs.append_events(run.id, EVENTS)
    other_owner = RunRepository(store, "somebody else")
    other_owner.delete(run.id)

    assert other_owner.list() == []
    assert other_owner.get_many([run.id]) == {}
    assert other_owner.events(run.id) == []
    with pytest.raises(NotFound):
        other_owner.get(run.id)
    assert runs.events(run.id) == EVENTS


@pytest.mark.sqlite
def test_reads_many_runs_by_their_ids_not_by_their_owner(store: Store) -> None:
    query = select(runs_table.c.body).where(*own_runs("me", ["a"] * 20))
    statement = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = store.read(lambda connection: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())

    assert [row.detail for row in plan] == ["SEARCH runs USING INDEX sqlite_autoindex_runs_1 (id=?)"]
