"""The same tables and statements on PostgreSQL, as far as that can be told without a server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, event, make_url
from sqlalchemy.schema import CreateTable

from core.conversations.repository import ConversationRepository
from core.prompts.prompts import presets
from core.prompts.repository import PromptRepository
from core.runs.run import Event, Run
from core.storage.migrations import open_database
from core.storage.run_repository import RunRepository
from core.storage.schema import metadata
from core.storage.store import Store

POSTGRESQL = make_url("postgresql://").get_dialect()()


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[list[ClauseElement]]:
    """The statements of a day's use."""
    statements: list[ClauseElement] = []

    def hear(_connection: object, statement: object, *_rest: Any) -> None:
        if isinstance(statement, ClauseElement):
            statements.append(statement)

    opened = open_database(None, tmp_path)
    assert opened.engine
    event.listen(opened.engine, "before_execute", hear)
    store = Store(lambda _patience: opened)
    use(store)
    yield statements
    store.close()


def use(store: Store) -> None:
    mine, runs, prompts = ConversationRepository(store), RunRepository(store), PromptRepository(store)
    run = Run("chat", "/chat/completions", {})
    question = mine.append(mine.create().id, None, "user", "Why?")
    reply = mine.append(question.conversation_id, question.id, "assistant", "", run.id)
    runs.start(run)
    runs.append_events(run.id, [Event(0, "end", "")])
    runs.list("chat", run.state)
    mine.delete_message(reply.id)
    mine.restore_message(reply.id)
    mine.list("100%")
    mine.branch(question.conversation_id)
    mine.purge()
    prompts.save(*presets())
    prompts.delete(presets()[0].name)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_can_be_created_on_postgresql(table: Any) -> None:
    ddl = str(CreateTable(table).compile(dialect=POSTGRESQL))

    assert "seq SERIAL NOT NULL" in ddl
    assert "TIMESTAMP WITHOUT" not in ddl


def test_can_be_said_to_postgresql(heard: list[ClauseElement]) -> None:
    spoken = [str(statement.compile(dialect=POSTGRESQL)) for statement in heard]

    assert len(spoken) > 20
    assert any("WITH RECURSIVE" in statement for statement in spoken)
