"""What a person enters about a server."""

import pytest

from core.errors.types import PlaygroundError
from core.mcp.servers import (
    McpAccess,
    StdioServer,
    mcp_access,
    parse_http_server,
    parse_stdio_server,
)


@pytest.mark.parametrize(
    ("value", "access"),
    [
        (None, McpAccess.OFF),
        ("0", McpAccess.OFF),
        ("maybe", McpAccess.OFF),
        ("http", McpAccess.HTTP),
        ("1", McpAccess.ALL),
        (" On ", McpAccess.ALL),
    ],
)
def test_allows_what_the_operator_has_set(value: str | None, access: McpAccess) -> None:
    assert mcp_access({} if value is None else {"PLAYGROUND_MCP": value}) is access


@pytest.mark.parametrize(
    ("line", "name", "command", "arguments"),
    [
        ("uvx mcp-server-time", "mcp-server-time", "uvx", ("mcp-server-time",)),
        (
            "npx -y @scope/server-files '/my files'",
            "server-files",
            "npx",
            ("-y", "@scope/server-files", "/my files"),
        ),
        ("uv run server.py ; rm x", "server", "uv", ("run", "server.py", ";", "rm", "x")),
        ("python -m my_server", "my_server", "python", ("-m", "my_server")),
        ("/opt/tools/files --root $HOME", "files", "/opt/tools/files", ("--root", "$HOME")),
    ],
)
def test_parses_a_command_without_a_shell(
    line: str, name: str, command: str, arguments: tuple[str, ...]
) -> None:
    assert parse_stdio_server(line, environ={}) == StdioServer(name, command, arguments)


def test_takes_names_of_variables_that_are_set() -> None:
    server = parse_stdio_server("tool", "A_KEY, B A_KEY", {"A_KEY": "1", "B": "2"})
    assert server.environment == ("A_KEY", "B")


@pytest.mark.parametrize(
    ("line", "variables"), [("", ""), ('tool "open', ""), ("a\0b", ""), ("tool", "A=1"), ("tool", "UNSET")]
)
def test_rejects_other_commands(line: str, variables: str) -> None:
    with pytest.raises(PlaygroundError):
        parse_stdio_server(line, variables, {})


def test_parses_a_url_with_its_token() -> None:
    server = parse_http_server(" localhost:8000/mcp/ ", "Bearer secret-token-9")
    assert (server.name, server.url) == ("localhost:8000", "http://localhost:8000/mcp/")
    assert server.token
    assert server.token.get_secret_value() == "secret-token-9"
    assert "secret-token-9" not in repr(server)


@pytest.mark.parametrize("url", ["", "ftp://host/mcp", "http://user:key@host/mcp", "https://host/mcp?key=1"])
def test_rejects_urls_that_base_urls_may_not_have(url: str) -> None:
    with pytest.raises(PlaygroundError) as error:
        parse_http_server(url)
    assert "base URL" not in str(error.value)
