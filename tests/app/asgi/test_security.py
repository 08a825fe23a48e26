"""Requests from other hosts and origins are rejected, and every response has the security headers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from components.asgi import routes as asgi_routes
from components.asgi.network import LOOPBACK, AccessPolicy
from components.asgi.security import CONTENT_SECURITY_POLICY, SecurityMiddleware

ORIGIN = "http://localhost:8501"


async def page(_request: Request) -> Response:
    return PlainTextResponse("inside", headers={"x-frame-options": "ALLOWALL"})


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


@pytest.fixture
def page_requests() -> list[str]:
    """An item for each call of `on_page`."""
    return []


OpenClient = Callable[..., TestClient]


@pytest.fixture
def open_client(page_requests: list[str]) -> Iterator[OpenClient]:
    """Returns a client at the address *peer* of an app with *policy*."""
    with ExitStack() as stack:

        def open_with(policy: AccessPolicy, peer: str = "127.0.0.1", url: str = ORIGIN) -> TestClient:
            def on_page() -> None:
                page_requests.append("page")

            security = Middleware(SecurityMiddleware, policy=policy, on_page=on_page)
            routes = [Route("/{path:path}", page, methods=["GET", "POST"]), WebSocketRoute("/ws", greet)]
            app = Starlette(routes=routes, middleware=[security])
            return stack.enter_context(TestClient(app, base_url=url, client=(peer, 50_000)))

        yield open_with


@pytest.fixture
def client(open_client: OpenClient) -> TestClient:
    return open_client(AccessPolicy())


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:1", "[::1]:8501", "[::1]"])
def test_accepts_the_host_names_of_loopback(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).text == "inside"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8501", "127.0.0.1.nip.io", "", "0.0.0.0"]
)
def test_rejects_other_host_names(client: TestClient, host: str) -> None:
    response = client.get("/", headers={"host": host})

    assert response.status_code == 421
    assert "inside" not in response.text


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
def test_rejects_other_origins(client: TestClient, origin: str) -> None:
    assert client.post("/", headers={"origin": origin}).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        client.websocket_connect("ws://localhost:8501/ws", headers={"origin": origin}),
    ):
        pass
    assert caught.value.code == 4403


def test_accepts_its_own_origin(client: TestClient) -> None:
    assert client.post("/", headers={"origin": ORIGIN}).text == "inside"
    with client.websocket_connect("ws://localhost:8501/ws", headers={"origin": ORIGIN}) as socket:
        assert socket.receive_text() == "inside"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent", "/_stcore/agent/interact"])
def test_blocks_the_service_routes_of_streamlit(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_adds_the_security_headers_to_every_response(client: TestClient) -> None:
    for response in (client.get("/"), client.get("/any/asset.js")):
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"


def test_allows_no_source_but_this_server() -> None:
    sources = [
        source for directive in CONTENT_SECURITY_POLICY.split("; ") for source in directive.split()[1:]
    ]

    assert set(sources) <= {"'self'", "'none'", "'unsafe-inline'", "'wasm-unsafe-eval'", "data:", "blob:"}
    assert "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:" in CONTENT_SECURITY_POLICY


def test_calls_on_page_only_for_pages(client: TestClient, page_requests: list[str]) -> None:
    client.get("/asset.js", headers={"accept": "*/*"})
    assert page_requests == []

    client.get("/chat", headers={"accept": "text/html,*/*"})
    assert page_requests == ["page"]


def test_ignores_host_names_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOWED_HOSTS", "play.example")

    policies = [each.kwargs["policy"] for each in asgi_routes.middleware() if "policy" in each.kwargs]
    assert policies == [AccessPolicy(LOOPBACK)]


@pytest.mark.parametrize(
    "peer", ["192.168.1.7", "::ffff:192.168.1.7", "2001:db8::1", "fe80::1%eth0", "nobody", ""]
)
def test_rejects_other_machines_whatever_host_they_claim(open_client: OpenClient, peer: str) -> None:
    response = open_client(AccessPolicy(), peer).get("/")

    assert response.status_code == 403
    assert "inside" not in response.text


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_accepts_this_machine(open_client: OpenClient, peer: str) -> None:
    assert open_client(AccessPolicy(), peer).get("/").text == "inside"


SHARED_URL = "http://192.168.1.2:8501"
SHARED = AccessPolicy(LOOPBACK | {"192.168.1.2"}, (ip_network("192.168.1.0/24"),))


@pytest.mark.parametrize(("peer", "status"), [("192.168.1.7", 200), ("127.0.0.1", 200), ("192.168.2.7", 403)])
def test_accepts_the_machines_of_trusted_networks(open_client: OpenClient, peer: str, status: int) -> None:
    assert open_client(SHARED, peer, SHARED_URL).get("/").status_code == status


def test_rejects_a_web_socket_without_origin_from_a_network(open_client: OpenClient) -> None:
    client = open_client(SHARED, "192.168.1.7", SHARED_URL)

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("ws://192.168.1.2:8501/ws"):
        pass
    with client.websocket_connect("ws://192.168.1.2:8501/ws", headers={"origin": SHARED_URL}) as socket:
        assert socket.receive_text() == "inside"
