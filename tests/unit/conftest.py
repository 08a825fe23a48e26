"""Settings for every unit test, and a database and a call service for each that wants one."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from pydantic import SecretStr

from core.calls import CallService
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.runs.jobs import Jobs
from core.runs.run import Run
from core.storage.store import Store
from tests.postgresql import PostgresServer, SharedDatabase, postgres_server

# The first example of a property may load a vocabulary, and the machine may be busy.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")


# The tests that are run on each database, if they use one.
_ON_EACH_DATABASE = (
    "batches/remote",
    "batches/results/test_results.py",
    "compare/test_board_results.py",
    "compare/test_board_start.py",
    "compare/test_repository.py",
    "compare/test_ratings.py",
    "conversations",
    "extractor/test_rows.py",
    "history",
    "mcp/test_repository.py",
    "prompts",
    "runner/test_kill.py",
    "runner/test_processes.py",
    "runner/test_queue.py",
    "runner/test_shared_limits.py",
    "storage",
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: about SQLite itself, so not run on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.definition.path.relative_to(Path(__file__).parent)
    is_on_each = any(path.is_relative_to(tests) for tests in _ON_EACH_DATABASE)
    is_on_each &= not metafunc.definition.get_closest_marker("sqlite")
    if is_on_each and "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_database(postgresql: PostgresServer) -> Iterator[SharedDatabase]:
    with SharedDatabase.of(postgresql) as database:
        yield database


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; on SQLite, it is the one in `tmp_path`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'history.db'}"
        return
    database: SharedDatabase = request.getfixturevalue("postgresql_database")
    yield database.url
    database.empty()


@pytest.fixture
def open_store(database_url: str) -> Iterator[Callable[[], Store]]:
    """Open the database again, as another process would."""
    with ExitStack() as stores:

        def open_store() -> Store:
            store = Store.open(database_url)
            stores.callback(store.close)
            return store

        yield open_store


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


@pytest.fixture
def ended_runs() -> list[Run]:
    """The runs that `calls` has reported as ended."""
    return []


@pytest.fixture
async def calls(store: Store, ended_runs: list[Run]) -> AsyncIterator[CallService]:
    """The call service of a browser session, with nothing running before or after the test."""
    jobs = Jobs()
    jobs.session_opened("session")
    yield CallService(jobs, lambda: store, "local", "session", ended_runs.append)
    await jobs.stop_all()
    await close_http_clients()


def profile_for(url: str, key: str = "k", max_retries: int = 0) -> Profile:
    """Return a profile of the test server at *url*."""
    return Profile(
        id="test",
        name="Test",
        kind="custom",
        base_url=url,
        api_key=SecretStr(key),
        max_retries=max_retries,
    )
