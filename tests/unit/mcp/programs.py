"""Programs that are MCP servers, and connections to them."""

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from core.mcp.connection import McpConnection
from core.mcp.servers import StdioServer, parse_stdio_server
from tests import mcp_server

SCRIPT = mcp_server.__file__


def program(kind: str) -> StdioServer:
    return parse_stdio_server(shlex.join([sys.executable, SCRIPT, kind]))


@asynccontextmanager
async def connected(kind: str = "tools", timeout: float = 60.0) -> AsyncIterator[McpConnection]:
    connection = McpConnection(program(kind), timeout)
    await connection.connect()
    try:
        yield connection
    finally:
        await connection.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)
