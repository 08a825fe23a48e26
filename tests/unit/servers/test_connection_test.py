"""Everything that can be wrong with a connection has a message of its own and a hint."""

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


async def connection_result(
    handler: RequestHandler | StubResponse, path: str = "/v1", timeout: float = 20, **more: Any
) -> ConnectionResult:
    async with stub_server(handler) as server:
        return await check_connection(profile(server.root + path, **more), timeout)


async def test_lists_the_models_with_their_shutdown_dates() -> None:
    rows = [{"id": "a", "shutdown_date": "2027-01-14"}, {"id": "b"}, {"id": "c", "shutdown_date": 1799884800}]

    result = await connection_result(http_response({"object": "list", "data": rows}))

    assert (result.ok, result.title) == (True, "Connected")
    assert result.models == {"a": date(2027, 1, 14), "b": None, "c": date(2027, 1, 14)}
    assert result.latency


async def test_reports_a_server_without_models() -> None:
    result = await connection_result(http_response({"object": "list", "data": []}))

    assert (result.ok, result.title) == (True, "Connected, but the server has no model")


CASES: list[Any] = [
    pytest.param(
        http_response("<html>Open WebUI</html>"),
        "/v1",
        "The server sent a web page, not an API response",
        id="html",
    ),
    pytest.param(
        http_response("<html>404</html>", 404),
        "/v1",
        "The server sent a web page, not an API response",
        id="html 404",
    ),
    pytest.param(http_response({"hello": 1}), "/v1", "This is not an OpenAI-compatible API", id="other json"),
    pytest.param(http_response(REFUSAL, 401), "/v1", "The API key was rejected", id="401"),
    pytest.param(http_response({"detail": "no"}, 403), "/v1", "Permission denied", id="403"),
    pytest.param(http_response({"detail": "Not Found"}, 404), "/v1", "Not found on this server", id="404"),
    pytest.param(
        http_response("", 307, location="/other"),
        "/v1",
        "The server redirects to another address",
        id="redirect",
    ),
    pytest.param(
        http_response("<html>", 407), "/v1", "A proxy responded instead of the server", id="proxy sign-in"
    ),
    pytest.param(
        http_response("<html>", 503, x_squid_error="ERR"),
        "/v1",
        "A proxy responded instead of the server",
        id="proxy",
    ),
    pytest.param(
        http_response("The plain HTTP request was sent to HTTPS port", 400),
        "/v1",
        "This port requires HTTPS",
        id="https port",
    ),
    pytest.param((ConnectionFault.RESET,), "/v1", "The connection was lost", id="reset"),
    pytest.param((b"SSH-2.0-OpenSSH\r\n\r\n",), "/v1", "Could not reach the server", id="not http"),
    pytest.param(
        http_response("<html>", 503), "/v1", "The server is overloaded or still loading", id="loading"
    ),
]


@pytest.mark.parametrize(("response", "path", "title"), CASES)
async def test_explains_each_failure(response: StubResponse, path: str, title: str) -> None:
    result = await connection_result(response, path)

    assert (result.ok, result.title) == (False, title)
    assert result.hint
    assert KEY not in str(result)


async def test_explains_that_a_server_sends_nothing() -> None:
    result = await connection_result((ConnectionFault.HANG,), timeout=0.5)

    assert (result.ok, result.title) == (False, "The server accepts connections but does not respond")
    assert result.hint


@pytest.mark.parametrize("path", ["/v1", "/api"])
async def test_quotes_a_web_page_and_suggests_no_version_that_was_tried(path: str) -> None:
    page = http_response(f"<html><title>Sign in {KEY}</title>")

    result = await connection_result(page, path)

    assert result.explanation
    assert result.explanation.status == 200
    assert result.explanation.detail.startswith("A web page: Sign in")
    assert "under /v1" not in result.hint
    assert KEY not in str(result)


async def test_reports_a_refused_connection() -> None:
    async with stub_server(()) as server:
        url = server.url

    assert (await check_connection(profile(url))).title == "Connection refused: no server at this address"


async def test_reports_an_unknown_host() -> None:
    assert (await check_connection(profile("http://unknown.invalid/v1"), 4)).title == "Host not found"


async def test_asks_for_a_key_if_the_profile_has_none() -> None:
    assert (
        await connection_result(http_response(REFUSAL, 401), api_key=None)
    ).title == "The server requires an API key"


NO_DATABASE = {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}
ALIVE = http_response("I'm alive!")


@pytest.mark.parametrize(
    ("pages", "key", "title"),
    [
        pytest.param(
            {"/v1/models": http_response(NO_DATABASE, 400)}, None, "The server requires an API key", id="400"
        ),
        pytest.param(
            {"/v1/models": http_response(NO_DATABASE, 400)}, KEY, "The API key was rejected", id="wrong key"
        ),
        pytest.param(
            {"/v1/models": http_response({"error": "x"}, 500), "/health/liveliness": ALIVE},
            None,
            "The server requires an API key",
            id="500",
        ),
        pytest.param(
            {"/v1/models": http_response({"error": "x"}, 500), "/health/liveliness": ALIVE},
            KEY,
            "Internal server error",
            id="500 with a key",
        ),
        pytest.param(
            {"/v1/models": http_response({"error": "x"}, 500)},
            None,
            "Internal server error",
            id="not LiteLLM",
        ),
    ],
)
async def test_asks_for_the_key_of_litellm_without_a_database(
    pages: dict[str, StubResponse | RequestHandler], key: str | None, title: str
) -> None:
    assert (await connection_result(by_path(pages), api_key=key)).title == title


async def test_reports_a_port_without_https() -> None:
    async with stub_server(()) as server:
        result = await check_connection(profile(server.url.replace("http", "https")), timeout=20)

    assert result.title == "This port does not use HTTPS"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "/v1 is missing from the base URL"),
        ("/v1/chat/completions", "The path of the base URL is too long"),
    ],
)
async def test_suggests_the_base_url_that_was_probably_meant(path: str, title: str) -> None:
    async with stub_server(
        by_path({"/v1/models": http_response(MODELS), "/models": http_response("<html>")})
    ) as server:
        result = await check_connection(profile(server.root + path))

    assert (result.title, result.suggested_url) == (title, server.url)
    assert server.url in result.hint


@pytest.mark.parametrize("path", ["/v1beta/openai", "/v1/acct/x/openai"])
async def test_suggests_no_other_version_for_the_path_of_a_gateway(path: str) -> None:
    """Other paths of a gateway can respond, or require a key, although the base URL is right."""
    pages = {
        f"{path}/models": http_response({"detail": "Not Found"}, 404),
        "/v1/models": http_response(MODELS),
    }
    async with stub_server(by_path(pages)) as server:
        result = await check_connection(profile(server.root + path))

    assert (result.title, result.suggested_url) == ("Not found on this server", None)
    assert len(server.requests) == 1


async def test_suggests_the_target_of_a_redirect() -> None:
    result = await connection_result(http_response("", 308, location="https://api.example.org/v1/models"))

    assert result.suggested_url == "https://api.example.org/v1"


async def test_sends_only_one_request_if_the_key_is_rejected() -> None:
    async with stub_server(http_response(REFUSAL, 401)) as server:
        await check_connection(profile(server.root))

    assert len(server.requests) == 1


async def test_reports_a_proxy_that_does_not_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stub_server((ConnectionFault.RESET,)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:hunter2@127.0.0.1:{proxy.port}")
        result = await check_connection(profile("http://llm.example.org/v1"))

    assert result.title == "Could not connect through the proxy"
    assert f"127.0.0.1:{proxy.port}" in result.hint
    assert "hunter2" not in str(result)


async def test_finds_the_proxy_for_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example.org")

    assert proxy_for("https://api.example.org/v1") == "proxy:3128"
    assert proxy_for("https://intern.example.org/v1") is None
    assert proxy_for("https://localhost/v1") is None
