"""Saved servers, which contain no secrets."""

import pytest

from core.mcp.repository import McpServerRepository, SavedServer
from core.mcp.servers import McpServer, StdioServer, parse_http_server, parse_stdio_server
from core.storage.store import Store

TIME = StdioServer("time", "uvx", ("mcp-server-time",), ("TZ",))
LOCAL = parse_http_server("http://localhost:8000/mcp", "secret-token-7")


def saved(server: McpServer) -> SavedServer:
    result = SavedServer.of(server)
    assert result
    return result


def test_saves_and_replaces_and_deletes(store: Store) -> None:
    servers, others = McpServerRepository(store), McpServerRepository(store, "another")
    servers.save(saved(TIME))
    servers.save(saved(LOCAL))
    servers.save(saved(StdioServer("time", "uvx", ("mcp-server-time",))))

    assert [server.address for server in servers.list()] == [
        "http://localhost:8000/mcp",
        "uvx mcp-server-time",
    ]
    assert servers.list()[1].environment == ()
    assert others.list() == []
    others.delete(LOCAL.address)
    assert len(servers.list()) == 2
    servers.delete(LOCAL.address)
    assert [server.address for server in servers.list()] == ["uvx mcp-server-time"]


def test_saves_no_token() -> None:
    assert "secret-token-7" not in saved(LOCAL).model_dump_json()


@pytest.mark.parametrize(
    "command",
    [
        "npx server --api-key abc",
        "npx server --token=abc",
        "docker run -e GITHUB_TOKEN=abc image",
        "npx mcp-remote https://example.com --header 'Authorization: Bearer abc'",
        "uvx mcp-server-postgres postgresql://user:pass@localhost/db",
        "npx server ghp_abcdefghijklmnop1234",
        "npx server 3f2a9c4e-11d2-4b7a-9d65-0a1b2c3d4e5f",
    ],
)
def test_saves_no_command_that_may_contain_a_secret(command: str) -> None:
    assert SavedServer.of(parse_stdio_server(command)) is None


def test_saves_no_url_that_may_contain_a_secret() -> None:
    assert SavedServer.of(parse_http_server("https://example.com/s/Zk3vQ0aT9xLmN4pR7sYw/mcp")) is None


@pytest.mark.parametrize(
    "command", ["uvx mcp-server-time", "npx -y @modelcontextprotocol/server-filesystem '/my files'"]
)
def test_saves_what_was_entered(command: str) -> None:
    assert saved(parse_stdio_server(command)).address == command
