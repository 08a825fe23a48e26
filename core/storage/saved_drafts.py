"""What is open on a page, as texts that the app shows again after a restart."""

from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete

from core.storage.engine import sanitise_text
from core.storage.history_schema import settings
from core.storage.owner_settings import RECORD_RUNS, read_setting, write_setting
from core.storage.store import Store

_MAX_DRAFTS = 20
_ids = TypeAdapter(list[str])


@dataclass(frozen=True, slots=True)
class SavedDrafts:
    """The latest drafts of *page* by id. Nothing is saved while *owner* records nothing."""

    store: Store
    page: str
    owner: str = "local"

    def save(self, draft_id: str, text: str) -> None:
        """Save a draft, which replaces the one with its id. The oldest ones are deleted."""
        order = f"{self.page}.drafts"

        def save(connection: Connection) -> None:
            if read_setting(connection, self.owner, RECORD_RUNS) == "no":
                return
            write_setting(connection, self.owner, _name(draft_id), sanitise_text(text))
            saved = _ids.validate_json(read_setting(connection, self.owner, order) or "[]")
            ids = [*(other for other in saved if other != draft_id), draft_id]
            names = [_name(dropped) for dropped in ids[:-_MAX_DRAFTS]]
            is_dropped = settings.c.owner == self.owner, settings.c.name.in_(names)
            connection.execute(delete(settings).where(*is_dropped))
            write_setting(connection, self.owner, order, _ids.dump_json(ids[-_MAX_DRAFTS:]).decode())

        self.store.write(save, ("draft", self.owner, self.page, draft_id))

    def load(self, draft_id: str) -> str | None:
        """Return a draft; None without one. The id may be of a URL, which can contain anything."""
        if not draft_id.isalnum():
            return None
        return self.store.read(lambda connection: read_setting(connection, self.owner, _name(draft_id)))

    def find(self, text: str) -> str | None:
        """Return the id of the newest draft that contains *text*, such as a run's id; None without one."""

        def find(connection: Connection) -> str | None:
            ids = _ids.validate_json(read_setting(connection, self.owner, f"{self.page}.drafts") or "[]")
            drafts = ((each, read_setting(connection, self.owner, _name(each))) for each in reversed(ids))
            return next((each for each, draft in drafts if draft and text in draft), None)

        return self.store.read(find)


def _name(draft_id: str) -> str:
    return f"draft.{draft_id}"
