"""Tables and statements compiled for PostgreSQL, without a server."""

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
from core.storage.bootstrap import open_database
from core.storage.run_repository import RunRepository
from core.storage.schema import metadata
from core.storage.store import Store

POSTGRESQL = make_url("postgresql://").get_dialect()()


@pytest.fixture
def statements(tmp_path: Path) -> Iterator[list[ClauseElement]]:
    """The statements that all repositories execute."""
    executed: list[ClauseElement] = []

    def record(_connection: object, statement: object, *_rest: Any) -> None:
        if isinstance(statement, ClauseElement):
            executed.append(statement)

    result = open_database(None, tmp_path)
    assert result.engine
    event.listen(result.engine, "before_execute", record)
    store = Store(lambda _lock_timeout: result)
    use_repositories(store)
    yield executed
    store.close()


def use_repositories(store: Store) -> None:
    conversations, runs, prompts = (
        ConversationRepository(store),
        RunRepository(store),
        PromptRepository(store),
    )
    run = Run("chat", "/chat/completions", {})
    question = conversations.append(conversations.create().id, None, "user", "Why?")
    reply = conversations.append(question.conversation_id, question.id, "assistant", "", run.id)
    runs.save(run)
    runs.append_events(run.id, [Event(0, "end", "")])
    runs.list("chat", run.state)
    conversations.delete_message(reply.id)
    conversations.restore_message(reply.id)
    conversations.list("100%")
    conversations.branch(question.conversation_id)
    conversations.purge()
    prompts.save(*presets())
    prompts.delete(presets()[0].name)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_compiles_every_table_for_postgresql(table: Any) -> None:
    ddl = str(CreateTable(table).compile(dialect=POSTGRESQL))

    assert "seq SERIAL NOT NULL" in ddl
    assert "TIMESTAMP WITHOUT" not in ddl


def test_compiles_every_statement_for_postgresql(statements: list[ClauseElement]) -> None:
    compiled = [str(statement.compile(dialect=POSTGRESQL)) for statement in statements]

    assert len(compiled) > 20
    assert any("WITH RECURSIVE" in statement for statement in compiled)
