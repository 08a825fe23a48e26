"""Whatever is wrong with a connection gets its own plain message and its fix."""

from datetime import date
from typing import Any

import pytest

from core.client.profile import Profile
from core.servers.connection_test import ConnectionResult, check_connection, proxy_for
from tests.servers import (
    MODELS,
    ConnectionFault,
    RequestHandler,
    StubResponse,
    by_path,
    http_response,
    stub_server,
)

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"
REFUSAL = {
    "error": {"message": f"Incorrect API key: {KEY}", "code": "invalid_api_key", "type": "x", "param": None}
}


def profile(url: str, **more: Any) -> Profile:
    return Profile(id="t", name="t", kind="custom", base_url=url, **{"api_key": KEY, **more})


async def diagnosis(
    script: RequestHandler | StubResponse, path: str = "/v1", **more: Any
) -> ConnectionResult:
    async with stub_server(script) as server:
        return await check_connection(profile(server.root + path, **more), timeout=0.5)


async def test_lists_the_models_with_their_shutdown_dates() -> None:
    rows = [{"id": "a", "shutdown_date": "2027-01-14"}, {"id": "b"}, {"id": "c", "shutdown_date": 1799884800}]

    found = await diagnosis(http_response({"object": "list", "data": rows}))

    assert (found.ok, found.title) == (True, "Connected")
    assert found.models == {"a": date(2027, 1, 14), "b": None, "c": date(2027, 1, 14)}
    assert found.latency


async def test_says_that_a_server_has_no_model_yet() -> None:
    found = await diagnosis(http_response({"object": "list", "data": []}))

    assert (found.ok, found.title) == (True, "Connected, but the server has no model")


CASES: list[Any] = [
    pytest.param(
        http_response("<html>Open WebUI</html>"), "/v1", "A web page answered, not an API", id="html"
    ),
    pytest.param(
        http_response("<html>404</html>", 404), "/v1", "A web page answered, not an API", id="html 404"
    ),
    pytest.param(http_response({"hello": 1}), "/v1", "This is not an OpenAI-compatible API", id="other json"),
    pytest.param(http_response(REFUSAL, 401), "/v1", "The API key was refused", id="401"),
    pytest.param(http_response({"detail": "no"}, 403), "/v1", "The key may not do this", id="403"),
    pytest.param(http_response({"detail": "Not Found"}, 404), "/v1", "Not found on this server", id="404"),
    pytest.param(
        http_response("", 307, location="/other"), "/v1", "The server redirects elsewhere", id="redirect"
    ),
    pytest.param(
        http_response("<html>", 407), "/v1", "A proxy answered in the server's place", id="proxy sign-in"
    ),
    pytest.param(
        http_response("<html>", 503, x_squid_error="ERR"),
        "/v1",
        "A proxy answered in the server's place",
        id="proxy",
    ),
    pytest.param(
        http_response("The plain HTTP request was sent to HTTPS port", 400),
        "/v1",
        "This port speaks https",
        id="https port",
    ),
    pytest.param(
        (ConnectionFault.HANG,),
        "/v1",
        "The server accepts connections but does not answer",
        id="hanging server",
    ),
    pytest.param((ConnectionFault.RESET,), "/v1", "The connection broke off", id="reset"),
    pytest.param((b"SSH-2.0-OpenSSH\r\n\r\n",), "/v1", "Could not reach the server", id="not http"),
    pytest.param(
        http_response("<html>", 503), "/v1", "The server is overloaded or still loading", id="loading"
    ),
]


@pytest.mark.parametrize(("answer", "path", "title"), CASES)
async def test_gives_each_trouble_its_own_message(answer: StubResponse, path: str, title: str) -> None:
    found = await diagnosis(answer, path)

    assert (found.ok, found.title) == (False, title)
    assert found.hint
    assert KEY not in str(found)


async def test_says_that_nothing_listens_at_a_dead_port() -> None:
    async with stub_server(()) as server:
        url = server.url

    assert (await check_connection(profile(url))).title == "Nothing listens at this address"


async def test_says_that_there_is_no_such_host() -> None:
    assert (await check_connection(profile("http://nobody.invalid/v1"), 4)).title == "No such host"


async def test_asks_for_a_key_where_none_was_given() -> None:
    assert (await diagnosis(http_response(REFUSAL, 401), api_key=None)).title == "The server wants a key"


async def test_says_that_a_port_speaks_only_http() -> None:
    async with stub_server(()) as server:
        found = await check_connection(profile(server.url.replace("http", "https")), timeout=3)

    assert found.title == "This port does not speak https"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "The address lacks its /v1"),
        ("/v1/chat/completions", "The address goes too far"),
    ],
)
async def test_finds_the_address_that_was_meant(path: str, title: str) -> None:
    async with stub_server(
        by_path({"/v1/models": http_response(MODELS), "/models": http_response("<html>")})
    ) as server:
        found = await check_connection(profile(server.root + path))

    assert (found.title, found.suggested_url) == (title, server.url)
    assert server.url in found.hint


async def test_suggests_where_a_redirect_points() -> None:
    found = await diagnosis(http_response("", 308, location="https://api.example.org/v1/models"))

    assert found.suggested_url == "https://api.example.org/v1"


async def test_asks_only_once_when_the_key_is_refused() -> None:
    async with stub_server(http_response(REFUSAL, 401)) as server:
        await check_connection(profile(server.root))

    assert len(server.requests) == 1


async def test_blames_the_proxy_that_does_not_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server((ConnectionFault.RESET,)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:hunter2@127.0.0.1:{proxy.port}")
        found = await check_connection(profile("http://llm.example.org/v1"))

    assert found.title == "The proxy in between does not connect"
    assert f"127.0.0.1:{proxy.port}" in found.hint
    assert "hunter2" not in str(found)


async def test_knows_which_hosts_go_around_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example.org")

    assert proxy_for("https://api.example.org/v1") == "proxy:3128"
    assert proxy_for("https://intern.example.org/v1") is None
    assert proxy_for("https://localhost/v1") is None
