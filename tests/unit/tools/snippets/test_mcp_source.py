"""The script of a loop that calls tools of an MCP server."""

import shlex
import sys
from pathlib import Path

import pytest

from core.mcp.connection import McpConnection
from core.mcp.servers import McpServer, parse_http_server, parse_stdio_server
from core.mcp.tools import ServerTool
from core.sandbox.server import SandboxServer
from core.snippets import SnippetOptions
from core.tools.definitions.mcp_tool import mcp_tool
from core.tools.loop.modes import ToolMode, ToolSetup
from core.tools.loop.tool_loop import LoopLimits
from core.tools.requests.model_api import ToolChoice, ToolSettings
from core.tools.snippets.loop_script import loop_snippets
from tests import mcp_server
from tests.scripts import run_python

_SCHEMA = (
    '{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, '
    '"required": ["a", "b"]}'
)


def setup_of(server: McpServer) -> ToolSetup:
    tool = mcp_tool(McpConnection(server), ServerTool("add", "Add two integers a and b.", _SCHEMA), "add")
    assert tool
    return ToolSetup(tool, ToolMode.RUN)


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_runs_on_the_sandbox(tmp_path: Path, number: int) -> None:
    server = parse_stdio_server(
        shlex.join([sys.executable, mcp_server.__file__, "tools"]), "PATH", environ={"PATH": ""}
    )
    settings = ToolSettings("gpt-4o", choice=ToolChoice("required"))
    with SandboxServer() as sandbox:
        options = SnippetOptions(sandbox.url, sandbox.key)
        snippets = loop_snippets(
            "Add 19 and 23.", settings, [setup_of(server)], LoopLimits(rounds=3), options
        )
        output = run_python(snippets[number].source, tmp_path)

    assert "-> 42" in output


def test_reads_the_token_from_the_environment() -> None:
    server = parse_http_server("http://localhost:8000/mcp", "secret-token-7")
    options = SnippetOptions("https://api.openai.com/v1")
    source, _ = (
        snippet.source
        for snippet in loop_snippets(
            "Add.", ToolSettings("gpt-4o"), [setup_of(server)], LoopLimits(rounds=3), options
        )
    )

    compile(source, "script.py", "exec")
    assert 'os.environ["MCP_TOKEN"]' in source
    assert "secret-token-7" not in source
