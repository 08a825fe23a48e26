"""Lists, filters, annotates and deletes runs."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select

from core.history.export import export_chunks
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.maintenance import purge
from core.history.repository import HistoryRepository
from core.history.settings import HistorySettings
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from core.storage.engine import database_size
from core.storage.history_schema import deleted_runs, history_entries, history_texts, run_notes, run_tags
from core.storage.run_repository import RunRepository
from core.storage.schema import blobs, run_events
from core.storage.schema import runs as runs_table
from core.storage.store import Store
from tests.unit.history.conftest import NOON, AddRun

ALL = HistoryFilter()
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'A' * 1500}"}}


def prompts(history: HistoryRepository, chosen: HistoryFilter) -> list[str]:
    entries = history.list(chosen)
    assert history.count(chosen) == len(entries)
    return [entry.prompt for entry in entries]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param(ALL, ["expensive", "failed", "날씨는?"], id="all, newest first"),
        pytest.param(HistoryFilter(search="날씨"), ["날씨는?"], id="two characters of the prompt"),
        pytest.param(HistoryFilter(search="맑음"), ["날씨는?"], id="two characters of the reply"),
        pytest.param(HistoryFilter(search="hi", capabilities=["tools"]), ["expensive"], id="search and page"),
        pytest.param(HistoryFilter(search="  ?  "), [], id="nothing to search for"),
        pytest.param(HistoryFilter(models=["gpt-5.4-mini", "o9"]), ["failed"], id="model"),
        pytest.param(HistoryFilter(profiles=["Local"]), ["날씨는?"], id="profile"),
        pytest.param(HistoryFilter(states=[RunState.FAILED]), ["failed"], id="status"),
        pytest.param(HistoryFilter(tags=["weather", "other"]), ["날씨는?"], id="tag"),
        pytest.param(HistoryFilter(since=NOON + timedelta(hours=1)), ["expensive"], id="since"),
        pytest.param(HistoryFilter(before=NOON + timedelta(hours=1)), ["failed", "날씨는?"], id="before"),
        pytest.param(HistoryFilter(min_cost=Decimal("0.5")), ["expensive"], id="cost"),
    ],
)
def test_lists_the_runs_that_meet_the_conditions(
    history: HistoryRepository, add_run: AddRun, chosen: HistoryFilter, expected: list[str]
) -> None:
    weather = add_run("날씨는?", "오늘은 맑음", profile="Local")
    add_run("failed", "", state=RunState.FAILED, model="gpt-5.4-mini")
    add_run(
        "expensive",
        capability="tools",
        started_at=NOON + timedelta(hours=2),
        cost=Cost(Decimal("0.5"), "gpt-5.4"),
        usage=Usage(10, 5),
    )
    history.set_tags(weather.id, ["weather"])

    assert prompts(history, chosen) == expected


def test_returns_a_page_of_the_list(history: HistoryRepository, add_run: AddRun) -> None:
    for number in range(5):
        add_run(f"{number}")

    assert [entry.prompt for entry in history.list(ALL, limit=2, offset=1)] == ["3", "2"]


def test_returns_the_values_to_filter_by(history: HistoryRepository, add_run: AddRun) -> None:
    first = add_run(profile="OpenAI")
    add_run(profile="Local", capability="vision", state=RunState.FAILED)
    add_run(profile="Local")
    history.set_tags(first.id, ["b", "a"])

    values = history.values()

    assert values.profiles == ("Local", "OpenAI")
    assert values.capabilities == ("chat", "vision")
    assert values.states == (RunState.DONE, RunState.FAILED)
    assert values.tags == ("a", "b")


def annotations(history: HistoryRepository, run: Run) -> tuple[tuple[str, ...], str]:
    entry = history.entry(run.id)
    assert entry
    return entry.tags, entry.note


def test_saves_tags_and_notes(history: HistoryRepository, add_run: AddRun) -> None:
    run, other = add_run(), add_run()
    history.set_tags(run.id, ["  to  review ", "good", "to review", ""])
    history.set_note(run.id, " Look at the second sentence. ")

    assert annotations(history, run) == (("to review", "good"), "Look at the second sentence.")
    assert annotations(history, other) == ((), "")

    history.set_tags(run.id, [])
    history.set_note(run.id, "")
    assert annotations(history, run) == ((), "")


def test_restores_what_was_deleted(history: HistoryRepository, runs: RunRepository, add_run: AddRun) -> None:
    first, second, third = add_run("1"), add_run("2"), add_run("3")
    history.delete(HistoryFilter(run_ids=[third.id]))

    deletion = history.delete(HistoryFilter(run_ids=[first.id, third.id]))

    assert deletion.count == 1
    assert prompts(history, ALL) == ["2"]
    history.restore(deletion)
    assert prompts(history, ALL) == ["2", "1"]
    assert runs.get(second.id).text == "Hi"


def test_deletes_all_that_match(history: HistoryRepository, add_run: AddRun) -> None:
    add_run("keep")
    add_run("delete")
    add_run("delete, too")

    assert history.delete(HistoryFilter(search="delete")).count == 2
    assert prompts(history, ALL) == ["keep"]


def test_purges_everything_of_deleted_runs(
    store: Store, history: HistoryRepository, runs: RunRepository, add_run: AddRun
) -> None:
    content = [{"type": "text", "text": "see"}, IMAGE]
    params = {"model": "m", "messages": [{"role": "user", "content": content}]}
    run = add_run(params=params)
    history.set_tags(run.id, ["tag"])
    history.set_note(run.id, "note")
    history.delete(ALL)

    purge(store, "local")
    assert runs.get(run.id)
    purge(store, "local", timedelta(0))

    tables = (
        *(runs_table, run_events, blobs, run_tags, run_notes),
        *(deleted_runs, history_entries, history_texts),
    )

    def count_rows(connection: Connection) -> list[int | None]:
        return [connection.scalar(select(func.count()).select_from(table)) for table in tables]

    assert store.read(count_rows) == [0] * len(tables)


def test_keeps_the_images_that_another_run_contains(
    store: Store, history: HistoryRepository, runs: RunRepository, add_run: AddRun
) -> None:
    params = {"model": "m", "messages": [{"role": "user", "content": [IMAGE]}]}
    deleted, kept = add_run(params=params), add_run(params=params)
    history.delete(HistoryFilter(run_ids=[deleted.id]))

    purge(store, "local", timedelta(0))

    assert runs.get(kept.id).params == params


def test_deletes_runs_after_the_retention_time(
    store: Store, history: HistoryRepository, add_run: AddRun
) -> None:
    now = datetime.now(UTC)
    for days in (40, 29):
        add_run(f"{days} days", started_at=now - timedelta(days=days))
    purge(store, "local")
    assert len(prompts(history, ALL)) == 2

    HistorySettings(store).set_retention(timedelta(days=30))
    purge(store, "local")

    assert prompts(history, ALL) == ["29 days"]


def test_keeps_settings(store: Store, open_store: Callable[[], Store]) -> None:
    settings = HistorySettings(store)
    assert (settings.is_recording, settings.retention) == (True, None)
    settings.set_recording(False)
    settings.set_retention(timedelta(days=7))

    settings = HistorySettings(open_store())
    assert (settings.is_recording, settings.retention) == (False, timedelta(days=7))
    settings.set_recording(True)
    settings.set_retention(None)
    assert (settings.is_recording, settings.retention) == (True, None)


def test_hides_the_runs_of_another_owner(store: Store, add_run: AddRun) -> None:
    add_run()
    HistoryIndexer(store).catch_up(1)
    other = HistoryRepository(store, "other")

    assert other.list(ALL) == []
    assert other.delete(ALL).count == 0


def test_exports_runs_with_their_annotations(
    history: HistoryRepository, runs: RunRepository, add_run: AddRun
) -> None:
    add_run("Hello", profile="Local")
    run = add_run("날씨는?")
    history.set_tags(run.id, ["weather"])
    history.set_note(run.id, "rainy")

    (chunk,) = export_chunks(history, runs, HistoryFilter(search="날씨"))
    lines = [json.loads(line) for line in chunk.splitlines()]

    assert [(line["id"], line["tags"], line["user_note"]) for line in lines] == [
        (run.id, ["weather"], "rainy")
    ]
    assert lines[0]["params"]["messages"][0]["content"] == "날씨는?"
    assert len("".join(export_chunks(history, runs, ALL)).splitlines()) == 2


@pytest.mark.sqlite
def test_gives_the_space_of_deleted_runs_back(
    store: Store, history: HistoryRepository, add_run: AddRun
) -> None:
    for number in range(3):
        add_run("x" * 200_000, f"{number}")
    before = store.read(database_size)
    history.delete(ALL)
    purge(store, "local", timedelta(0))

    store.compact()

    assert store.read(database_size) < before / 2
    assert store.problem is None
    add_run("saved after it")
    assert prompts(history, ALL) == ["saved after it"]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "chosen",
    [ALL, HistoryFilter(capabilities=["chat"], states=[RunState.FAILED]), HistoryFilter(search="날씨 hello")],
    ids=["all", "filters", "search"],
)
def test_reads_one_page_of_a_long_list_only(store: Store, chosen: HistoryFilter) -> None:
    def plan(connection: Connection) -> str:
        entries = select(history_entries).where(*chosen.conditions("local", connection.dialect))
        query = entries.order_by(history_entries.c.seq.desc()).limit(50)
        sql = query.compile(connection, compile_kwargs={"literal_binds": True})
        return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))

    assert "TEMP B-TREE FOR ORDER BY" not in store.read(plan)
