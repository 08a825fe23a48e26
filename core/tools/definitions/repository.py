"""Storage of declared tools, by owner."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from core.storage.schema import declared_tools
from core.storage.store import Store
from core.tools.definitions.declared_tool import ToolDeclaration


class ToolRepository:
    """The declared tools of *owner*, identified by name."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def list(self) -> Sequence[ToolDeclaration]:
        """Return all declared tools, sorted by name."""
        query = (
            select(declared_tools.c.body)
            .where(declared_tools.c.owner == self._owner)
            .order_by(declared_tools.c.name)
        )
        bodies = self._store.read(lambda connection: connection.scalars(query).all())
        return [ToolDeclaration.model_validate_json(body) for body in bodies]

    def save(self, tool: ToolDeclaration) -> None:
        """Save a tool, which replaces the one with its name."""
        matches = declared_tools.c.owner == self._owner, declared_tools.c.name == tool.name
        body = tool.model_dump_json()

        def upsert(connection: Connection) -> None:
            if not connection.execute(update(declared_tools).where(*matches).values(body=body)).rowcount:
                row = {"owner": self._owner, "name": tool.name, "body": body}
                connection.execute(insert(declared_tools).values(row))

        self._store.write(upsert)

    def delete(self, name: str) -> None:
        """Delete a tool; to undo, save it again."""
        matches = declared_tools.c.owner == self._owner, declared_tools.c.name == name
        self._store.write(lambda connection: connection.execute(delete(declared_tools).where(*matches)))
