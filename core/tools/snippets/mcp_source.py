"""The part of a loop's script that calls tools of MCP servers."""

from collections.abc import Sequence

from core.mcp.servers import HttpServer, McpServer, StdioServer
from core.snippets import Expression, literal
from core.tools.definitions.mcp_tool import McpTool

# What a script enters around its loop.
MCP_CONTEXT = "mcp_servers()"

_TOKEN = "MCP_TOKEN"
_IMPORTS = """from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from anyio.from_thread import start_blocking_portal
from mcp import Client
"""
_CALLS = '''
MCP_CALLS = {}


@contextmanager
def mcp_servers() -> Iterator[None]:
    """Connect to the MCP servers, on an event loop in another thread."""
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        for name, server in MCP_SERVERS.items():
            client = stack.enter_context(portal.wrap_async_context_manager(Client(server)))
            MCP_CALLS[name] = partial(portal.call, client.call_tool)
        yield


def call_mcp_tool(server: str, tool: str, /, **arguments: object) -> str:
    """Return the result of a tool of an MCP server as text."""
    result = MCP_CALLS[server](tool, arguments)
    text = "\\n\\n".join(getattr(block, "text", f"[{block.type}]") for block in result.content)
    if result.is_error:
        raise ValueError(text)
    return text or json.dumps(result.structured_content)
'''


def mcp_source(tools: Sequence[McpTool]) -> str:
    """Write the imports, the servers of *tools*, and what connects to them and calls a tool."""
    servers = dict.fromkeys(tool.connection.server for tool in tools)
    imports = _IMPORTS
    if any(isinstance(server, StdioServer) for server in servers):
        imports += "from mcp import StdioServerParameters\n"
    if any(isinstance(server, HttpServer) and server.token for server in servers):
        imports += "import httpx2\nfrom mcp.client.streamable_http import streamable_http_client\n"
    entries = {server.address: Expression(_server_source(server)) for server in servers}
    source = f"\nMCP_SERVERS = {literal(entries)}\n"
    if "os.environ" in source:
        imports += "import os\n"
    return imports + source + _CALLS


def mcp_callee(tool: McpTool) -> str:
    """Write the function that calls *tool*."""
    return f"partial(call_mcp_tool, {literal(tool.connection.server.address)}, {literal(tool.server_name)})"


def _server_source(server: McpServer) -> str:
    """Write what `Client` connects to, without the values of variables and the token."""
    if isinstance(server, StdioServer):
        arguments = f"command={literal(server.command)}, args={literal([*server.arguments])}"
        if server.environment:
            variables = {name: Expression(f"os.environ[{literal(name)}]") for name in server.environment}
            arguments += f", env={literal(variables)}"
        return f"StdioServerParameters({arguments})"
    if not server.token:
        return literal(server.url)
    headers = f'{{"Authorization": "Bearer " + os.environ["{_TOKEN}"]}}'
    return f"streamable_http_client({literal(server.url)}, http_client=httpx2.AsyncClient(headers={headers}))"
