"""The routes of a comparison over HTTP, with the session of an owner and the sandbox as its server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount

from components.compare.comparisons import add_comparison
from components.compare.routes import compare_routes
from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.compare.quick.comparison import QuickComparison
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.sandbox.server import SandboxServer

PROMPT = "What is 6 times 7?"
Event = dict[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    app = Starlette(routes=[Mount("/comparisons", routes=compare_routes())])
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as http:
        yield http
    await resources.jobs.stop_all()
    await close_http_clients()


@pytest.fixture
def session(server: SandboxServer) -> Iterator[LiveSession]:
    server.reset()
    session = live_sessions.open("owner")
    session.profiles = {
        "test": Profile(
            id="test",
            name="Test",
            kind="custom",
            base_url=server.url,
            api_key=SecretStr(server.key),
            max_retries=0,
        )
    }
    yield session
    live_sessions.close(session)


class ComparisonClient:
    """What the component does with one comparison."""

    def __init__(self, http: httpx2.AsyncClient, session: LiveSession, *models: str) -> None:
        self.http = http
        self.session = session
        variants = (
            Variant(id=letter, profile_id="test", settings=ChatSettings(model=model))
            for letter, model in zip("abcdef", models, strict=False)
        )
        self.id = add_comparison(QuickComparison(tuple(variants), PROMPT))

    @property
    def headers(self) -> dict[str, str]:
        return {"x-live-token": self.session.token}

    async def post(self, path: str, **body: Any) -> httpx2.Response:
        return await self.http.post(f"/comparisons/{self.id}/{path}", headers=self.headers, json=body)

    async def get(self, path: str = "") -> httpx2.Response:
        return await self.http.get(f"/comparisons/{self.id}{path}", headers=self.headers)

    async def view(self) -> Any:
        response = await self.get()
        assert response.status_code == 200, response.text
        return response.json()

    async def run(self, text: str = PROMPT, **body: Any) -> list[Event]:
        """Send a prompt, and return all events of its stream."""
        response = await self.post("run", text=text, **body)
        assert response.status_code == 200, response.text
        return parse_events(response)

    async def wait_for_runs(self, count: int) -> list[str]:
        """Wait until *count* replies are in progress, and return the ids of their runs."""
        while True:
            turns = (await self.view())["turns"]
            runs = (
                [reply["run"] for reply in turns[-1]["replies"].values() if not reply["message"]]
                if turns
                else []
            )
            if len(runs) == count:
                return runs
            await asyncio.sleep(0.01)


@pytest.fixture
def comparison(http: httpx2.AsyncClient, session: LiveSession) -> ComparisonClient:
    """Three variants."""
    return ComparisonClient(http, session, "gpt-4o-mini", "gpt-4o", "gpt-4o-mini")


def parse_events(response: httpx2.Response) -> list[Event]:
    return [json.loads(line) for line in response.text.splitlines()]
