"""What PostgreSQL has that a file has not: other processes, and a connection that may be lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from core.conversations.repository import ConversationRepository
from core.errors.types import PlaygroundError
from core.runner.repository import JobRepository
from core.runner.work import WorkItem
from core.storage.bootstrap import OpenResult, open_database
from core.storage.engine import engine_for_url, write_transaction
from core.storage.owner_settings import read_setting, write_setting
from core.storage.schema import metadata
from core.storage.store import Store
from tests.postgresql import PostgresServer
from tests.unit.runner.test_queue import JOB, prepare


@pytest.fixture
def url(postgresql: PostgresServer) -> Iterator[str]:
    """A database without tables."""
    with postgresql.new_database("without_tables") as url:
        yield url


def titles(store: Store) -> list[str]:
    return [conversation.title for conversation in ConversationRepository(store).list()]


def schema(url: str) -> dict[str, list[str]]:
    """Return the columns and indexes of all tables but Alembic's own."""
    engine = create_engine(url)
    tables = inspect(engine)
    names = set(tables.get_table_names()) - {"alembic_version"}
    columns = {
        name: sorted(
            f"{column['name']} {column['type']!r} {column['nullable']}" for column in tables.get_columns(name)
        )
        for name in names
    }
    query = text("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'")
    with engine.connect() as connection:
        indexes = [row.indexdef for row in connection.execute(query) if row.tablename in names]
    engine.dispose()
    return columns | {"indexes": sorted(indexes)}


def test_gives_a_new_and_a_migrated_database_the_same_schema(postgresql: PostgresServer, url: str) -> None:
    Store.open(url).close()
    with postgresql.new_database("migrated") as old:
        engine = create_engine(old)
        with engine.begin() as connection:
            # An early version of the app had no other table that is still in use.
            metadata.tables["meta"].create(connection)
            connection.execute(text("INSERT INTO meta (key, value) VALUES ('version', '1')"))
        engine.dispose()
        store = Store.open(old)

        assert store.problem is None
        assert schema(old) == schema(url)
        store.close()


def test_is_created_once_by_processes_that_start_together(url: str) -> None:
    def open_patiently(_number: int) -> OpenResult:
        return open_database(url, Path(), lock_timeout=60)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(open_patiently, range(4)))

    for result in results:
        assert result.engine
        result.engine.dispose()
    assert [result.problem for result in results] == [None] * 4


def test_lets_processes_write_one_after_the_other(url: str) -> None:
    stores = [Store(partial(open_database, url, Path()), lock_timeout=60) for _ in range(4)]

    def increment(connection: Connection) -> None:
        count = int(read_setting(connection, "local", "count") or 0)
        write_setting(connection, "local", "count", str(count + 1))

    def write(store: Store) -> None:
        for _ in range(25):
            store.write(increment)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, stores))

    assert stores[0].read(lambda connection: read_setting(connection, "local", "count")) == "100"
    for store in stores:
        assert store.problem is None
        store.close()


def test_continues_in_memory_while_another_process_writes_for_long(url: str) -> None:
    store = Store(partial(open_database, url, Path()), lock_timeout=0.05, retry_interval=0)
    other = engine_for_url(url, 1)
    with write_transaction(other, 1):
        ConversationRepository(store).create("meanwhile")
        assert titles(store) == ["meanwhile"]
        assert store.problem
    other.dispose()

    assert store.problem is None
    assert titles(store) == ["meanwhile"]
    store.close()


def test_connects_again_when_the_server_has_closed_the_connections(url: str) -> None:
    store = Store.open(url)
    ConversationRepository(store).create("before")
    other = create_engine(url)
    with other.begin() as connection:
        ended = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        assert all(connection.scalars(ended))
    other.dispose()

    ConversationRepository(store).create("after")

    assert store.problem is None
    assert titles(store) == ["after", "before"]
    store.close()


def test_claims_nothing_that_other_processes_may_claim_meanwhile(url: str) -> None:
    store = Store(partial(open_database, url, Path()), lock_timeout=0.05)
    queue = JobRepository(store, "local").create(JOB, [WorkItem("a")])
    other = engine_for_url(url, 1)
    with write_transaction(other, 1), pytest.raises(PlaygroundError, match="shared database"):
        queue.claim(1, prepare)
    other.dispose()
    store.close()
