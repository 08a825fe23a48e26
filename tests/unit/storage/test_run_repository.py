"""Runs and their events as they are kept."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.conversations.repository import ConversationRepository, NotFound
from core.pricing.prices import Cost
from core.runs.run import Event, Run, RunState
from core.storage.leases import is_orphaned, lease_holder
from core.storage.run_repository import RunRepository, _pack, _unpack
from core.storage.schema import blobs
from core.storage.store import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENTS = [Event(0.1, "sent", "{}"), Event(0.2, "chunk", '{"text": "안녕"}'), Event(0.3, "end", "")]


@pytest.fixture
def runs(store: Store) -> RunRepository:
    return RunRepository(store, "me")


IMAGE = "data:image/png;base64," + "iVBORw0KGgo" * 1_000


def a_run(capability: str = "chat") -> Run:
    return Run(capability, "/chat/completions", {"model": "gpt-6-luna", "stream": True})


def seeing(image: str) -> Run:
    part = {"type": "image_url", "image_url": {"url": image}}
    return replace(a_run(), params={"messages": [{"role": "user", "content": [part]}]})


def size(store: Store) -> int:
    """Count the characters of images in the database."""
    return store.read(lambda c: c.scalar(select(func.coalesce(func.sum(func.length(blobs.c.body)), 0)))) or 0


def test_gives_back_a_run_as_it_was_saved(runs: RunRepository) -> None:
    run = a_run()
    runs.start(run)
    done = replace(run, state=RunState.DONE, text="Hello", cost=Cost(Decimal("0.000015"), "list price"))

    runs.save(done)

    assert runs.get(run.id) == done
    assert runs.list() == [done]


def test_lists_the_newest_first_whatever_the_clock_says(runs: RunRepository) -> None:
    first = replace(a_run(), started_at=NOW + timedelta(days=1))
    second = replace(a_run(), started_at=NOW)
    runs.start(first)
    runs.start(second)
    runs.save(first)

    assert [run.id for run in runs.list()] == [second.id, first.id]


def test_lists_by_capability_and_state(runs: RunRepository) -> None:
    chat, failed = a_run(), replace(a_run("vision"), state=RunState.FAILED)
    runs.start(chat)
    runs.start(failed)

    assert runs.list("vision") == [failed]
    assert runs.list(state=RunState.RUNNING) == [chat]


def test_gives_back_a_request_with_its_image(runs: RunRepository) -> None:
    run = seeing(IMAGE)
    runs.save(run)

    assert runs.get(run.id) == run


def test_keeps_an_image_once_however_often_it_was_sent(store: Store, runs: RunRepository) -> None:
    for _ in range(5):
        runs.save(seeing(IMAGE))

    assert size(store) == len(IMAGE)


def test_forgets_an_image_with_the_last_run_that_sent_it(store: Store, runs: RunRepository) -> None:
    first, second = seeing(IMAGE), seeing(IMAGE)
    runs.save(first)
    runs.save(second)
    runs.delete(first.id)
    assert size(store) == len(IMAGE)

    runs.delete(second.id)

    assert size(store) == 0


def test_gives_nobody_the_image_of_somebody_else(store: Store, runs: RunRepository) -> None:
    runs.save(seeing(IMAGE))
    reference = f"blob:{sha256(IMAGE.encode()).hexdigest()}"
    other, guess = RunRepository(store, "somebody else"), seeing(reference)
    other.save(guess)

    assert other.get(guess.id) == guess


def test_outlines_a_run_without_its_messages_and_response(runs: RunRepository) -> None:
    run = replace(seeing(IMAGE), text="Hello", response={"id": "x"})
    runs.save(run)

    outline = runs.summaries([run.id, "unknown"])

    assert outline == {run.id: replace(run, params={"model": ""}, response=None)}


def test_saves_the_response_when_the_run_ends(runs: RunRepository) -> None:
    run = a_run()
    runs.start(run)
    runs.save(replace(run, state=RunState.DONE, response={"id": "x"}))

    assert runs.get(run.id).response == {"id": "x"}


def test_finds_many_at_once(runs: RunRepository) -> None:
    run = a_run()
    runs.start(run)

    assert runs.get_many([run.id, "unknown"]) == {run.id: run}


def test_appends_events_in_segments(runs: RunRepository) -> None:
    runs.append_events("run", EVENTS[:1])
    runs.append_events("run", EVENTS[1:])
    runs.append_events("run", [])

    assert runs.events("run") == EVENTS


@given(st.lists(st.builds(Event, st.floats(0, 1e6), st.text(), st.text())))
def test_packs_events_without_loss(events: list[Event]) -> None:
    assert _unpack(_pack(events)) == events


def test_keeps_a_chunk_that_was_cut_inside_a_character(runs: RunRepository) -> None:
    event = Event(0.1, "chunk", "\ud83d")
    runs.append_events("run", [event])

    assert runs.events("run") == [event]


def test_saves_a_run_that_was_cut_inside_a_character(runs: RunRepository) -> None:
    run = replace(a_run(), text="\ud83d", response={"text": "a\ud83d"})
    runs.save(run)

    assert runs.get(run.id).text == "\ufffd"


def test_deletes_a_run_with_its_events(runs: RunRepository) -> None:
    run = a_run()
    runs.start(run)
    runs.append_events(run.id, EVENTS)

    runs.delete(run.id)

    assert runs.events(run.id) == []
    with pytest.raises(NotFound):
        runs.get(run.id)


def test_keeps_runs_from_another_owner(store: Store, runs: RunRepository) -> None:
    run = a_run()
    runs.start(run)
    runs.append_events(run.id, EVENTS)
    other = RunRepository(store, "somebody else")
    other.delete(run.id)

    assert (other.list(), other.get_many([run.id]), other.events(run.id)) == ([], {}, [])
    with pytest.raises(NotFound):
        other.get(run.id)
    assert runs.events(run.id) == EVENTS


HALF_A_REPLY = """
import os, sys
from dataclasses import replace
from pathlib import Path
from core.conversations.repository import Conversations
from core.storage.run_repository import Runs
from core.runs.run import Run
from core.storage.schema import blobs
from core.storage.store import Store

store = Store.open(directory=Path(sys.argv[1]))
mine, runs = Conversations(store), Runs(store)
run = Run("chat", "/chat/completions", {"model": "m"})
mine.append(mine.create().id, None, "assistant", "", run.id)
runs.start(run)
runs.save(replace(run, text="Half a reply"))
print(run.id, flush=True)
sys.stdin.read()
"""


def half_a_reply(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a process that has saved half a reply and is still at it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HALF_A_REPLY, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path.cwd(),
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_marks_the_run_of_a_killed_process_as_interrupted_and_restores_its_reply(tmp_path: Path) -> None:
    process, run_id = half_a_reply(tmp_path)
    process.kill()
    process.communicate()

    store = Store.open(directory=tmp_path)

    assert RunRepository(store).get(run_id).state is RunState.INTERRUPTED
    assert RunRepository(store).list(state=RunState.INTERRUPTED)
    mine = ConversationRepository(store)
    assert mine.branch(mine.list()[0].id)[0].text == "Half a reply"


def test_leaves_the_run_of_another_live_process_alone(tmp_path: Path) -> None:
    process, run_id = half_a_reply(tmp_path)

    store = Store.open(directory=tmp_path)

    assert RunRepository(store).get(run_id).state is RunState.RUNNING
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("name", "lease", "dead"),
    [
        pytest.param(lease_holder(), -60, False, id="this process, paused for long"),
        pytest.param("elsewhere/1/other", 10, False, id="another machine, alive"),
        pytest.param("elsewhere/1/other", -1, True, id="another machine, silent"),
        pytest.param("elsewhere/1/other", 3_600, True, id="a clock that was set back"),
        pytest.param(
            lease_holder()[:-1] + "-", 10, True, id="our number in an earlier life of the container"
        ),
    ],
)
def test_tells_dead_processes_from_live_ones(name: str, lease: int, dead: bool) -> None:
    assert is_orphaned(name, NOW + timedelta(seconds=lease), NOW) is dead
