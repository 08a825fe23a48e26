"""Fixtures: a real sandbox server and real clients. Nothing is mocked."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from hypothesis import settings
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client, DefaultHttpx2Client, OpenAI

from core.sandbox.server import SandboxServer
from tests.sandbox.client import ChatHelper

# No deadline: the first example may have to load an encoding, and the machine may be busy.
settings.register_profile("sandbox", deadline=None)
settings.load_profile("sandbox")


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _reset_server(server: SandboxServer) -> None:
    server.reset()


@pytest.fixture(scope="session")
def client(server: SandboxServer) -> Iterator[OpenAI]:
    with DefaultHttpx2Client(trust_env=False) as http_client:
        yield OpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)


@pytest.fixture
async def async_client(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    async with DefaultAsyncHttpx2Client(trust_env=False) as http_client:
        yield AsyncOpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)


@pytest.fixture(scope="session")
def chat(client: OpenAI) -> ChatHelper:
    return ChatHelper(client)


@pytest.fixture(scope="session")
def http_client(server: SandboxServer) -> Iterator[httpx2.Client]:
    """A plain HTTP client with the key, for requests that the SDK cannot send."""
    headers = {"authorization": f"Bearer {server.key}"}
    root = server.url.removesuffix("/v1")
    with httpx2.Client(base_url=root, headers=headers, trust_env=False, timeout=30) as client:
        yield client
