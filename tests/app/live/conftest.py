"""The live routes over HTTP, with two people at their desks and the sandbox behind them."""

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
from core.chat.request import ChatSettings
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.sandbox.server import SandboxServer

QUESTION = {"action": "send", "text": "What is 6 times 7?"}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=live_routes()), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await resources.jobs.stop_all()
    await close_http_clients()


def desk_at(server: SandboxServer, owner: str = "me") -> LiveSession:
    """A desk whose page shows a new conversation."""
    server.reset()
    desk = live_sessions.open(owner)
    desk.conversation = uuid4().hex
    desk.settings = ChatSettings(model="gpt-4o-mini")
    desk.profile = Profile(
        id="p", name="P", kind="custom", base_url=server.url, api_key=SecretStr(server.key), max_retries=0
    )
    return desk


@pytest.fixture
def mine(server: SandboxServer) -> Iterator[LiveSession]:
    desk = desk_at(server)
    yield desk
    live_sessions.close(desk)


@pytest.fixture
def theirs(server: SandboxServer) -> Iterator[LiveSession]:
    desk = desk_at(server, "them")
    yield desk
    live_sessions.close(desk)


def pass_of(desk: LiveSession) -> dict[str, str]:
    return {"x-live-token": desk.token}


async def send(http: httpx2.AsyncClient, desk: LiveSession, body: Any = QUESTION) -> list[dict[str, Any]]:
    """What the browser is told of a reply, from its start to its end."""
    answer = await http.post("/send", headers=pass_of(desk), json=body)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def transcript(http: httpx2.AsyncClient, desk: LiveSession) -> dict[str, Any]:
    answer: dict[str, Any] = (await http.get("/transcript", headers=pass_of(desk))).json()
    return answer


async def running(http: httpx2.AsyncClient, desk: LiveSession) -> str:
    """The id of the reply under way, once there is one."""
    while not (found := (await transcript(http, desk))["running"]):
        await asyncio.sleep(0.01)
    return str(found)


async def ask_in_silence(
    http: httpx2.AsyncClient, desk: LiveSession, server: SandboxServer, body: Any = QUESTION
) -> tuple[asyncio.Task[list[dict[str, Any]]], str]:
    """Ask what is answered after a minute: return what hears of it, and the id of the run."""
    server.settings.update({"faults": ["slow=60"]})
    sending = asyncio.create_task(send(http, desk, body))
    return sending, await running(http, desk)
