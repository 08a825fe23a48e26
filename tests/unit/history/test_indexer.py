"""Runs enter the history when they have ended."""

import json
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from core.conversations.repository import ConversationRepository
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.repository import HistoryRepository
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository, insert_runs
from core.storage.schema import runs as runs_table
from core.storage.store import Store
from tests.unit.history.conftest import NOON, AddRun

ALL = HistoryFilter()
OF_CHAT, OF_VISION = HistoryFilter(capabilities=["chat"]), HistoryFilter(capabilities=["vision"])


def run_of(number: int, state: RunState = RunState.DONE) -> Run:
    params = {"model": "m", "messages": [{"role": "user", "content": f"Question {number}"}]}
    started_at = NOON + timedelta(seconds=number)
    return Run("chat", "/chat/completions", params, state=state, text="Reply", started_at=started_at)


def test_indexes_a_run_when_it_has_ended(
    store: Store, runs: RunRepository, history: HistoryRepository
) -> None:
    indexer, first, second = HistoryIndexer(store), run_of(1, RunState.RUNNING), run_of(2)
    runs.save(first)
    runs.save(second)
    indexer.catch_up(1)
    assert [entry.run_id for entry in history.list(ALL)] == [second.id]
    (running,) = history.running(ALL)
    assert (running.run_id, running.prompt, running.reply) == (first.id, "Question 1", "Reply")
    assert [len(history.running(chosen)) for chosen in (OF_CHAT, OF_VISION, HistoryFilter(search="Q"))] == [
        1,
        0,
        0,
    ]

    runs.save(replace(first, state=RunState.STOPPED, text="Half a re"))
    indexer.catch_up(1)

    entries = history.list(ALL)
    assert [entry.run_id for entry in entries] == [second.id, first.id]
    assert (entries[1].state, entries[1].prompt, entries[1].reply) == (
        RunState.STOPPED,
        "Question 1",
        "Half a re",
    )
    assert indexer.outstanding() == []
    assert not history.running(ALL)


def test_shows_the_message_that_a_running_reply_answers(
    store: Store, runs: RunRepository, history: HistoryRepository
) -> None:
    conversations, run = ConversationRepository(store), Run("chat", "chat.completions.create", {"model": "m"})
    conversation_id = conversations.create().id
    question = conversations.append(conversation_id, None, "user", "Why?")
    conversations.append(conversation_id, question.id, "assistant", "", run.id)
    runs.save(run)

    assert [entry.prompt for entry in history.running(ALL)] == ["Why?"]


def test_indexes_an_older_database_newest_first_and_a_part_at_a_time(
    store: Store, history: HistoryRepository
) -> None:
    many = [run_of(number) for number in range(130)]
    store.write(lambda connection: insert_runs(connection, "local", many))
    indexer = HistoryIndexer(store)

    seqs = indexer.outstanding()
    indexer.index(seqs[:50])

    assert len(seqs) == len(many)
    assert [entry.run_id for entry in history.list(ALL, limit=200)] == [run.id for run in many[:79:-1]]
    assert indexer.catch_up(60) == 0
    assert history.count(ALL) == len(many)


def test_indexes_the_newest_runs_however_little_time_there_is(
    store: Store, history: HistoryRepository
) -> None:
    many = [run_of(number) for number in range(30)]
    store.write(lambda connection: insert_runs(connection, "local", many))

    left = HistoryIndexer(store).catch_up(0)

    assert 0 < left < len(many)
    assert history.list(ALL)[0].run_id == many[-1].id


def test_indexes_nothing_twice(store: Store, add_run: AddRun, history: HistoryRepository) -> None:
    add_run()
    one, other = HistoryIndexer(store), HistoryIndexer(store)
    store.write(lambda connection: insert_runs(connection, "local", [run_of(1)]))
    seqs = one.outstanding()

    one.index(seqs)
    other.index(seqs)

    assert history.count(HistoryFilter(search="Question")) == 1


def test_does_not_index_what_was_deleted_meanwhile(
    store: Store, runs: RunRepository, history: HistoryRepository
) -> None:
    run = run_of(1)
    runs.save(run)
    indexer = HistoryIndexer(store)
    seqs = indexer.outstanding()
    runs.delete(run.id)

    indexer.index(seqs)

    assert history.count(ALL) == 0


def test_lists_a_run_that_another_version_saved(
    store: Store, runs: RunRepository, history: HistoryRepository
) -> None:
    run = run_of(1)
    runs.save(run)
    body = json.dumps({"unknown": True})
    store.write(lambda connection: connection.execute(update(runs_table).values(body=body)))

    HistoryIndexer(store).catch_up(1)

    entry = history.list(ALL)[0]
    assert (entry.run_id, entry.model, entry.prompt, entry.seconds) == (run.id, "m", "Question 1", None)
