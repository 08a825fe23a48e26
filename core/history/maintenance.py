"""What happens to the history in the background: runs are indexed and purged, and lost ones ended."""

import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from core.history.indexer import SLICE, HistoryIndexer
from core.history.repository import HistoryRepository
from core.history.settings import HistorySettings
from core.storage.board_deletion import purge_boards
from core.storage.leases import interrupt_orphans
from core.storage.store import Store

# The part of the time that indexing many runs may take.
_LOAD = 0.25
_PURGE_INTERVAL = 3600.0
# About the time after which the lease of a process that was killed has expired.
_RECOVERY_INTERVAL = 15.0
UNDO_TIME = timedelta(days=1)


class HistoryMaintenance:
    """A thread that maintains the history, with pauses in which other threads run and write."""

    def __init__(self, store: Store, owner: str, poll_interval: float = 3.0) -> None:
        """Look every *poll_interval* seconds for runs that have ended."""
        self._store = store
        self._poll_interval = poll_interval
        self._owner = owner
        self.indexer = HistoryIndexer(store)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="history", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop, and return when the thread no longer uses the database."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        purged_at = recovered_at = float("-inf")
        while not self._stopped.wait(self._poll_interval):
            if time.monotonic() - recovered_at > _RECOVERY_INTERVAL and not self._store.problem:
                # Those of other processes, such as workers: the store has done so for this one.
                self._store.write(interrupt_orphans)
                recovered_at = time.monotonic()
            self._index()
            if time.monotonic() - purged_at > _PURGE_INTERVAL and not self._stopped.is_set():
                purge(self._store, self._owner)
                purged_at = time.monotonic()

    def _index(self) -> None:
        seqs = self.indexer.outstanding()
        for start in range(0, len(seqs), SLICE):
            started = time.monotonic()
            self.indexer.index(seqs[start : start + SLICE])
            if self._stopped.wait((time.monotonic() - started) * (1 / _LOAD - 1)):
                return


def purge(store: Store, owner: str, undo_time: timedelta = UNDO_TIME) -> None:
    """Delete permanently what was deleted before *undo_time*, and what is older than the retention time."""
    if store.problem:
        return
    history, now = HistoryRepository(store, owner), datetime.now(UTC)
    history.purge(now - undo_time)
    store.write(lambda connection: purge_boards(connection, owner, now - undo_time))
    if retention := HistorySettings(store, owner).retention:
        history.delete_started_before(now - retention)
