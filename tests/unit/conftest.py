"""Settings for every unit test, and a database and a call service for each that wants one."""

from collections.abc import AsyncIterator, Iterator
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

# The first example of a property may load a vocabulary, and the machine may be busy.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(directory=tmp_path)
    yield store
    store.close()


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
