"""MCP servers for tests: `python tests/mcp_server.py KIND`, most of them made with the `mcp` package."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image
from mcp.server.mcpserver.exceptions import ToolError

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f80f00010401"
    "0079c0b5a60000000049454e44ae426082"
)
_calls = count(1)


def add(a: int, b: int) -> int:
    """Add two integers."""
    return a + b


def greet(name: str, greeting: str | None = None) -> str:
    """Greet a person. <b>&nbsp;</b> [link](https://example.com) ![x](https://example.com/x.png)"""
    return f"{greeting or '안녕하세요'}, {name}"


def count_calls() -> int:
    """Count the calls of this process."""
    return next(_calls)


def fail() -> str:
    """Always fail."""
    raise ToolError("the disk is full")


def crash() -> str:
    """End the process."""
    print("fatal: out of memory", file=sys.stderr, flush=True)
    os._exit(3)


def hang() -> str:
    """Never return."""
    while True:
        time.sleep(60)


def repeat(characters: int) -> str:
    """Return a long text."""
    return "x" * characters


def picture() -> Image:
    """Return an image."""
    return Image(data=PIXEL, format="png")


def variable(name: str) -> str:
    """Return an environment variable."""
    return os.environ.get(name, "(not set)")


def start_child() -> str:
    """Start a process, and return its and the own id."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return f"{os.getpid()} {child.pid}"


async def learn(context: Context) -> str:
    """Add a tool."""
    context.mcp_server.add_tool(lambda: "new", name="learned", description="A new tool.")
    await context.notify_tools_changed()  # to clients that listen
    await context.session.send_tool_list_changed()  # to those of older protocol versions
    return "learned"


TOOLS: tuple[Callable[..., Any], ...] = (
    add,
    count_calls,
    fail,
    crash,
    hang,
    repeat,
    picture,
    variable,
    start_child,
    learn,
)


def tools_server() -> MCPServer:
    """Return a server with good and bad tools."""
    server = MCPServer("sample")
    for tool in TOOLS:
        server.add_tool(tool)
    server.add_tool(greet, name="files.read/인사")
    return server


def many_tools_server() -> MCPServer:
    """Return a server with 2,000 tools."""
    server = MCPServer("many")
    for number in range(2_000):
        server.add_tool(lambda: "done", name=f"tool_{number}", description=f"Tool {number}.")
    return server


def run_odd_server() -> None:
    """Write text between the messages, and a result that takes exponential time to check."""
    schema = {"type": "object", "properties": {"code": {"type": "string", "pattern": "^(a+)+$"}}}
    tool = {"name": "odd", "inputSchema": {"type": "object"}, "outputSchema": schema}
    results: dict[str, Any] = {
        "initialize": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "odd", "version": "1"},
        },
        "tools/list": {
            "tools": [tool, {"name": "no_object", "inputSchema": {"type": "object", "x": "y" * 60_000}}]
        },
        "tools/call": {"content": [], "structuredContent": {"code": "a" * 40 + "!"}},
    }
    for line in sys.stdin:
        print("Thinking about it…", flush=True)
        request = json.loads(line)
        answer = {"jsonrpc": "2.0", "id": request.get("id")}
        if result := results.get(request["method"]):
            print(json.dumps({**answer, "result": result}), flush=True)
        elif "id" in request:
            error = {"code": -32601, "message": "Method not found"}
            print(json.dumps({**answer, "error": error}), flush=True)


def main(kind: str) -> None:
    match kind:
        case "tools":
            tools_server().run()
        case "many":
            many_tools_server().run()
        case "odd":
            run_odd_server()
        case "crash":
            sys.exit("Missing configuration: set SAMPLE_TOKEN.")
        case "silent":  # also when its standard input is closed
            hang()


if __name__ == "__main__":
    main(sys.argv[1])
