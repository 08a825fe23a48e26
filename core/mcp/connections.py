"""The connections of the process, and to which browser sessions they belong."""

import asyncio

from core.errors.types import PlaygroundError
from core.mcp.connection import McpConnection
from core.mcp.servers import McpServer

MAX_CONNECTIONS = 8
# Seconds in which a page that is loaded again takes over the connections of its session.
_RELOAD_GRACE = 20.0


class McpConnections:
    """Closes a connection once no session owns it any more.

    `of` and `share` may be called from any thread, the other methods on the event loop.
    """

    def __init__(self) -> None:
        self._owners: dict[McpConnection, set[str]] = {}
        self._releases: set[asyncio.Task[None]] = set()

    def of(self, owner: str) -> list[McpConnection]:
        """Return the connections of *owner*, oldest first."""
        return [connection for connection, owners in self._owners.copy().items() if owner in owners]

    def add(self, server: McpServer, owner: str) -> McpConnection:
        """Connect to *server* in the background. Raises PlaygroundError if there are too many."""
        if len(self.of(owner)) >= MAX_CONNECTIONS:
            raise PlaygroundError(f"There are {MAX_CONNECTIONS} MCP servers already", "Remove one of them.")
        connection = McpConnection(server)
        self._owners[connection] = {owner}
        connection.start()
        return connection

    def share(self, connection: McpConnection, owner: str) -> None:
        """Let *owner* use an open connection too: its page was loaded again."""
        if connection in self._owners:
            self._owners[connection].add(owner)

    async def remove(self, connection: McpConnection, owner: str) -> None:
        """Remove *connection* from *owner*, and close it if nobody else owns it."""
        owners = self._owners.get(connection, set())
        owners.discard(owner)
        if not owners:
            self._owners.pop(connection, None)
            await connection.close()

    async def session_closed(self, owner: str) -> None:
        """Release the connections of *owner* soon, unless a reload of its page takes them over."""

        def start_release() -> None:
            task = asyncio.create_task(self.release(owner))
            self._releases.add(task)
            task.add_done_callback(self._releases.discard)

        asyncio.get_running_loop().call_later(_RELOAD_GRACE, start_release)

    async def release(self, owner: str) -> None:
        """Remove all connections of *owner*."""
        await asyncio.gather(*(self.remove(connection, owner) for connection in self.of(owner)))

    async def close_all(self) -> None:
        """Close every connection: the app ends."""
        connections = [*self._owners]
        self._owners.clear()
        await asyncio.gather(*(connection.close() for connection in connections))
