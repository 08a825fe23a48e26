"""The prompts that somebody saved."""

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from core.prompts.prompts import Prompt, prompts_from_json
from core.storage.schema import prompts
from core.storage.store import Store


class PromptRepository:
    """The saved prompts of *owner*, known by their names."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def list(self) -> Sequence[Prompt]:
        """Return all saved prompts, by name."""
        query = select(prompts.c.body).where(prompts.c.owner == self._owner).order_by(prompts.c.name)
        bodies = self._store.read(lambda connection: connection.scalars(query).all())
        return [Prompt.model_validate_json(body) for body in bodies]

    def get(self, name: str) -> Prompt | None:
        """Return the prompt called *name*, if there is one."""
        query = select(prompts.c.body).where(prompts.c.owner == self._owner, prompts.c.name == name)
        body = self._store.read(lambda connection: connection.scalar(query))
        return None if body is None else Prompt.model_validate_json(body)

    def save(self, *some: Prompt) -> None:
        """Keep *some*, all or none; one with the same name is replaced."""

        def work(connection: Connection) -> None:
            for prompt in some:
                self._put(connection, prompt)

        self._store.write(work)

    def delete(self, name: str) -> None:
        """Remove a prompt; to undo, save it again."""
        where = prompts.c.owner == self._owner, prompts.c.name == name
        self._store.write(lambda connection: connection.execute(delete(prompts).where(*where)))

    def import_json(self, text: str) -> Sequence[Prompt]:
        """Save the prompts in *text*. Raises Refused and changes nothing if any of them is wrong."""
        found = prompts_from_json(text)
        self.save(*found)
        return found

    def _put(self, connection: Connection, prompt: Prompt) -> None:
        where = prompts.c.owner == self._owner, prompts.c.name == prompt.name
        body = prompt.model_dump_json()
        if not connection.execute(update(prompts).where(*where).values(body=body)).rowcount:
            row = {"id": uuid4().hex, "owner": self._owner, "name": prompt.name, "body": body}
            connection.execute(insert(prompts).values(row))
