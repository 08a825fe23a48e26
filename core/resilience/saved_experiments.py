"""The last experiment of each lab in the database, so that a restart of the app does not lose its chart."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from core.storage.owner_settings import RECORD_RUNS, read_setting, write_setting
from core.storage.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SavedExperiments:
    """The experiments of *owner*, by lab: dataclasses of values, which are saved as JSON."""

    store: Store
    owner: str

    def save(self, lab: str, experiment: Any) -> None:
        """Replace the experiment of *lab*, unless the owner records nothing."""
        text = TypeAdapter(type(experiment)).dump_json(experiment).decode()

        def write(connection: Connection) -> None:
            if read_setting(connection, self.owner, RECORD_RUNS) != "no":
                write_setting(connection, self.owner, _name(lab), text)

        self.store.write(write, ("experiment", self.owner, lab))

    def load(self, lab: str, kind: type[T]) -> T | None:
        """Return the experiment of *lab*; None without one that this version of the app can read."""
        text = self.store.read(lambda connection: read_setting(connection, self.owner, _name(lab)))
        try:
            return TypeAdapter(kind).validate_json(text) if text else None
        except ValidationError:
            return None


def _name(lab: str) -> str:
    return f"resilience.{lab}"
