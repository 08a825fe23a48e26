"""The live routes over HTTP, with the sessions of two owners and the sandbox as their server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from components.live.routes import live_routes
from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.sandbox.server import SandboxServer

SEND_BODY = {"action": "send", "text": "What is 6 times 7?"}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=live_routes()), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await resources.jobs.stop_all()
    await close_http_clients()


@pytest.fixture
def session(server: SandboxServer) -> Iterator[LiveSession]:
    session = open_session(server, "owner")
    yield session
    live_sessions.close(session)


@pytest.fixture
def other_session(server: SandboxServer) -> Iterator[LiveSession]:
    """A session of another owner."""
    session = open_session(server, "other owner")
    yield session
    live_sessions.close(session)


def open_session(server: SandboxServer, owner: str) -> LiveSession:
    """Open a session that shows a new conversation."""
    server.reset()
    session = live_sessions.open(owner)
    session.conversation = uuid4().hex
    session.settings = ChatSettings(model="gpt-4o-mini")
    session.profile = Profile(
        id="p", name="P", kind="custom", base_url=server.url, api_key=SecretStr(server.key), max_retries=0
    )
    return session


def auth_headers(session: LiveSession) -> dict[str, str]:
    return {"x-live-token": session.token}


def parse_events(response: httpx2.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


async def send(
    client: httpx2.AsyncClient, session: LiveSession, body: dict[str, Any] = SEND_BODY
) -> list[dict[str, Any]]:
    """Send a message and return all events of the stream of its reply."""
    response = await client.post("/send", headers=auth_headers(session), json=body)
    assert response.status_code == 200, response.text
    return parse_events(response)


async def get_transcript(client: httpx2.AsyncClient, session: LiveSession) -> dict[str, Any]:
    response = await client.get("/transcript", headers=auth_headers(session))
    transcript: dict[str, Any] = response.json()
    return transcript


async def wait_for_run(client: httpx2.AsyncClient, session: LiveSession) -> str:
    """Wait until a reply is in progress and return the id of its run."""
    while not (run_id := (await get_transcript(client, session))["running"]):
        await asyncio.sleep(0.01)
    return str(run_id)


async def send_to_slow_server(
    client: httpx2.AsyncClient, session: LiveSession, server: SandboxServer, body: dict[str, Any] = SEND_BODY
) -> tuple[asyncio.Task[list[dict[str, Any]]], str]:
    """Send a message whose reply starts after a minute; return the task of `send` and the id of the run."""
    server.settings.update({"faults": ["slow=60"]})
    sending = asyncio.create_task(send(client, session, body))
    return sending, await wait_for_run(client, session)
