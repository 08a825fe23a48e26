"""Storage of saved prompts, by owner."""

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from core.prompts.prompts import Prompt, prompts_from_json
from core.storage.schema import prompts
from core.storage.store import Store


class PromptRepository:
    """The saved prompts of *owner*, identified by name."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def list(self) -> Sequence[Prompt]:
        """Return all saved prompts, sorted by name."""
        query = select(prompts.c.body).where(prompts.c.owner == self._owner).order_by(prompts.c.name)
        bodies = self._store.read(lambda connection: connection.scalars(query).all())
        return [Prompt.model_validate_json(body) for body in bodies]

    def get(self, name: str) -> Prompt | None:
        """Return the prompt called *name*, or None."""
        query = select(prompts.c.body).where(prompts.c.owner == self._owner, prompts.c.name == name)
        body = self._store.read(lambda connection: connection.scalar(query))
        return None if body is None else Prompt.model_validate_json(body)

    def save(self, *new_prompts: Prompt) -> None:
        """Save prompts in one transaction; each replaces the one with its name."""

        def upsert(connection: Connection) -> None:
            for prompt in new_prompts:
                matches = prompts.c.owner == self._owner, prompts.c.name == prompt.name
                body = prompt.model_dump_json()
                if not connection.execute(update(prompts).where(*matches).values(body=body)).rowcount:
                    row = {"id": uuid4().hex, "owner": self._owner, "name": prompt.name, "body": body}
                    connection.execute(insert(prompts).values(row))

        self._store.write(upsert)

    def delete(self, name: str) -> None:
        """Delete a prompt; to undo, save it again."""
        matches = prompts.c.owner == self._owner, prompts.c.name == name
        self._store.write(lambda connection: connection.execute(delete(prompts).where(*matches)))

    def import_json(self, text: str) -> Sequence[Prompt]:
        """Save and return the prompts of a file.

        Raises FileValidationError, and saves nothing, if any part of the file is invalid.
        """
        imported = prompts_from_json(text)
        self.save(*imported)
        return imported
