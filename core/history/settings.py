"""Settings of an owner about what is recorded, and for how long."""

from datetime import timedelta

from core.storage.owner_settings import RECORD_RUNS, read_setting, write_setting
from core.storage.store import Store

_RETENTION_DAYS = "history_retention_days"


class HistorySettings:
    """Settings of *owner*, which apply to all of its sessions at once."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    @property
    def is_recording(self) -> bool:
        """Whether requests, responses and events are saved; figures always are."""
        return self._read(RECORD_RUNS) != "no"

    def set_recording(self, is_recording: bool) -> None:
        self._write(RECORD_RUNS, "yes" if is_recording else "no")

    @property
    def retention(self) -> timedelta | None:
        """After how long runs are deleted; None if they never are."""
        days = self._read(_RETENTION_DAYS)
        return timedelta(days=int(days)) if days else None

    def set_retention(self, retention: timedelta | None) -> None:
        self._write(_RETENTION_DAYS, str(retention.days) if retention else "")

    def _read(self, name: str) -> str | None:
        return self._store.read(lambda connection: read_setting(connection, self._owner, name))

    def _write(self, name: str, value: str) -> None:
        self._store.write(
            lambda connection: write_setting(connection, self._owner, name, value), ("setting", name)
        )
