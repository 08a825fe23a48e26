"""Storage of the servers that were connected, by owner and without secrets."""

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, delete, insert, select, update

from core.mcp.servers import McpServer, StdioServer
from core.redaction import redact
from core.storage.schema import mcp_servers
from core.storage.store import Store

_SECRET = re.compile(
    r"key|token|secret|passw|credential|auth|bearer"  # the name of one
    r"|(?=[\w-]*\d)[\w-]{20,}",  # what looks like one
    re.IGNORECASE,
)


class SavedServer(BaseModel):
    """What was entered of a server: its command or URL, and names of variables, but no value and no token."""

    model_config = ConfigDict(frozen=True)

    address: str
    is_program: bool
    environment: tuple[str, ...] = ()

    @classmethod
    def of(cls, server: McpServer) -> "SavedServer | None":
        """Return what can be saved of *server*; None if its address may contain a secret."""
        if _SECRET.search(server.address) or redact(server.address) != server.address:
            return None
        if isinstance(server, StdioServer):
            return cls(address=server.address, is_program=True, environment=server.environment)
        return cls(address=server.address, is_program=False)


class McpServerRepository:
    """The saved servers of *owner*, identified by their address."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def list(self) -> Sequence[SavedServer]:
        """Return all servers, the last saved first."""
        query = (
            select(mcp_servers.c.body)
            .where(mcp_servers.c.owner == self._owner)
            .order_by(mcp_servers.c.seq.desc())
        )
        bodies = self._store.read(lambda connection: connection.scalars(query).all())
        return [SavedServer.model_validate_json(body) for body in bodies]

    def save(self, server: SavedServer) -> None:
        """Save a server, which replaces the one with its address."""
        matches = mcp_servers.c.owner == self._owner, mcp_servers.c.address == server.address
        body = server.model_dump_json()

        def upsert(connection: Connection) -> None:
            if not connection.execute(update(mcp_servers).where(*matches).values(body=body)).rowcount:
                row = {"owner": self._owner, "address": server.address, "body": body}
                connection.execute(insert(mcp_servers).values(row))

        self._store.write(upsert)

    def delete(self, address: str) -> None:
        """Delete a server."""
        matches = mcp_servers.c.owner == self._owner, mcp_servers.c.address == address
        self._store.write(lambda connection: connection.execute(delete(mcp_servers).where(*matches)))
