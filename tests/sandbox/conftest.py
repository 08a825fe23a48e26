"""A real sandbox and the real SDK for every test: nothing is mocked."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
from hypothesis import settings
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client, DefaultHttpx2Client, OpenAI

from core.sandbox.server import SandboxServer
from tests.sandbox.client import ChatHelper

# The first example of a property may load a vocabulary, and the machine may be busy.
settings.register_profile("sandbox", deadline=None)
settings.load_profile("sandbox")


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _as_new(server: SandboxServer) -> None:
    server.reset()


@pytest.fixture(scope="session")
def sdk(server: SandboxServer) -> Iterator[OpenAI]:
    with DefaultHttpx2Client(trust_env=False) as http_client:
        yield OpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)


@pytest.fixture
async def aio(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    async with DefaultAsyncHttpx2Client(trust_env=False) as http_client:
        yield AsyncOpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)


@pytest.fixture(scope="session")
def ask(sdk: OpenAI) -> ChatHelper:
    return ChatHelper(sdk)


@pytest.fixture(scope="session")
def http(server: SandboxServer) -> Iterator[httpx2.Client]:
    """A bare client at the root, with the key, for what no SDK would send."""
    headers = {"authorization": f"Bearer {server.key}"}
    root = server.url.removesuffix("/v1")
    with httpx2.Client(base_url=root, headers=headers, trust_env=False, timeout=30) as client:
        yield client
