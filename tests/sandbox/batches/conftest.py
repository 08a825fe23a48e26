"""The app's records and files of batches, and its client for the sandbox."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.repository import BatchRepository
from core.client.client import close_http_clients, create_client_async
from core.sandbox.server import SandboxServer
from core.storage.store import Store
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[BatchRepository]:
    store = Store.open(directory=tmp_path)
    yield BatchRepository(store)
    store.close()


@pytest.fixture
async def app_client(server: SandboxServer) -> "AsyncIterator[AsyncOpenAI]":
    """The client that the app makes for the sandbox."""
    yield await create_client_async(profile_for(server.url, server.key))
    await close_http_clients()
