"""The outer wall: foreign hosts and sites are turned away, and every answer carries the policy."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from components.asgi import routes as asgi_routes
from components.asgi.security import CONTENT_SECURITY_POLICY, LOOPBACK, SecurityMiddleware

HOME = "http://localhost:8501"


async def page(_request: Request) -> Response:
    return PlainTextResponse("inside", headers={"x-frame-options": "ALLOWALL"})


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def client(asked: list[str]) -> Iterator[TestClient]:
    guard = Middleware(SecurityMiddleware, hosts=LOOPBACK, on_page=lambda: asked.append("page"))
    routes = [Route("/{path:path}", page, methods=["GET", "POST"]), WebSocketRoute("/ws", echo)]
    with TestClient(Starlette(routes=routes, middleware=[guard]), base_url=HOME) as found:
        yield found


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:1", "[::1]:8501", "[::1]"])
def test_answers_to_the_names_of_this_machine(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).text == "inside"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8501", "127.0.0.1.nip.io", "", "0.0.0.0"]
)
def test_turns_away_other_host_names(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"host": host})

    assert answer.status_code == 421
    assert "inside" not in answer.text


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:9999",
        "http://localhost",
        "null",
        "",
        "https://localhost:8501.evil",
    ],
)
def test_turns_away_other_sites(client: TestClient, origin: str) -> None:
    assert client.post("/", headers={"origin": origin}).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("ws://localhost:8501/ws", headers={"origin": origin}),
    ):
        pass
    assert closed.value.code == 4403


def test_lets_its_own_pages_in(client: TestClient) -> None:
    assert client.post("/", headers={"origin": HOME}).text == "inside"
    with client.websocket_connect("ws://localhost:8501/ws", headers={"origin": HOME}) as socket:
        assert socket.receive_text() == "inside"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent", "/_stcore/agent/interact"])
def test_hides_what_only_operators_and_agents_want(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_adds_the_policy_to_every_answer(client: TestClient) -> None:
    for answer in (client.get("/"), client.get("/any/asset.js")):
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_lets_nothing_load_from_elsewhere() -> None:
    sources = [word for directive in CONTENT_SECURITY_POLICY.split("; ") for word in directive.split()[1:]]

    assert set(sources) <= {"'self'", "'none'", "'unsafe-inline'", "'wasm-unsafe-eval'", "data:", "blob:"}
    assert "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:" in CONTENT_SECURITY_POLICY


def test_tells_when_a_page_is_asked_for(client: TestClient, asked: list[str]) -> None:
    client.get("/asset.js", headers={"accept": "*/*"})
    assert asked == []

    client.get("/chat", headers={"accept": "text/html,*/*"})
    assert asked == ["page"]


def test_takes_no_other_host_name_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOWED_HOSTS", "play.example")

    assert asgi_routes.middleware()[0].kwargs["hosts"] == LOOPBACK
