"""Connections to URLs, good and bad ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from core.errors.types import PlaygroundError
from core.mcp.connection import ConnectionState, McpConnection
from core.mcp.servers import parse_http_server
from tests import mcp_server
from tests.servers import http_response, stub_server
from tests.unit.mcp.programs import until


@asynccontextmanager
async def http_server(json_response: bool) -> AsyncIterator[str]:
    app = mcp_server.tools_server().streamable_http_app(json_response=json_response)
    config = uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        await task


@pytest.mark.parametrize("json_response", [False, True])
async def test_calls_the_tools_of_a_url(json_response: bool) -> None:
    async with http_server(json_response) as url:
        connection = McpConnection(parse_http_server(url))
        await connection.connect()

        assert connection.state is ConnectionState.CONNECTED
        assert await connection.call_tool("add", {"a": 19, "b": 23}) == "42"
        with pytest.raises(PlaygroundError):
            await connection.call_tool("repeat", {"characters": 10_000_000})
        assert await connection.call_tool("add", {"a": 1, "b": 2}) == "3"
        await connection.close()


@pytest.mark.parametrize(
    ("status", "token", "title"),
    [
        (401, "", "The server requires a token (401)"),
        (401, "wrong-token-1", "The server rejected the token (401)"),
        (404, "", "There is no MCP server at this URL (404)"),
        (307, "", "The server redirects to another URL"),
        (500, "", "The server reported an error (500)"),
    ],
)
async def test_explains_what_a_server_answers(status: int, token: str, title: str) -> None:
    async with stub_server(http_response("no", status, location="/elsewhere")) as stub:
        connection = McpConnection(parse_http_server(f"{stub.root}/mcp", token))
        await connection.connect()
        await connection.close()

    assert connection.problem
    assert connection.problem.title == title
    assert {request.path for request in stub.requests} == {"/mcp"}
    expected = f"Bearer {token}" if token else None
    assert {request.headers.get("authorization") for request in stub.requests} == {expected}


async def test_explains_a_server_that_is_protected_by_oauth() -> None:
    challenge = 'Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource"'
    async with stub_server(http_response("no", 401, www_authenticate=challenge)) as stub:
        connection = McpConnection(parse_http_server(f"{stub.root}/mcp"))
        await connection.connect()
        await connection.close()

    assert connection.problem
    assert connection.problem.title == "The server requires a sign-in with OAuth (401)"
    assert "personal access token" in connection.problem.hint
    assert {request.path for request in stub.requests} == {"/mcp"}


async def test_explains_a_page_and_a_server_that_does_not_run() -> None:
    async with stub_server(http_response("<html>")) as stub:
        connection = McpConnection(parse_http_server(stub.root))
        await connection.connect()
        assert connection.problem
        assert "text/html" in connection.problem.detail

    await connection.connect()
    assert connection.problem.title == "Connection refused: no server at this address"
    await connection.close()
