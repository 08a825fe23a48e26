"""Request the batches of the active server in the background, as long as one of them is active."""

import asyncio
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from components.batches.repositories import batch_repository, server_address
from components.runtime.batches import queue_watch, result_imports, submission_jobs
from components.session import session
from core.batches.remote.polling import poll_delay
from core.errors.explain import explain
from core.paths import data_directory
from core.runs import event_loop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.batches.batch import BatchRecord
    from core.batches.repository import BatchRepository
    from core.client.profile import Profile
    from core.errors.types import Explanation

REDRAW_INTERVAL = 1.0
# Seconds that the first page waits for a fast server, so that its list is not drawn twice.
_FIRST_WAIT = 0.3
_RETRY_DELAY = 15.0
# Also if no batch is known to be active: a request that failed once does not leave the list as it was.
_MAX_RETRIES = 2
_FIRST_RETRY_DELAY = 3.0
# A batch that is being submitted is not active yet.
_SUBMISSION_DELAY = 2.0
# The results of the newest batches are imported before anyone opens them, because they say what was billed.
_IMPORTED = 20


@dataclass(slots=True, eq=False)
class BatchPolling:
    """The requests for the batches of one server: one at a time, each of which lists all of them.

    *due* is when the next one is sent, None if no batch is active. *failures*: how many have failed in a row.
    """

    profile: "Profile | None" = None
    error: "Explanation | None" = None
    has_batch_api: bool = True
    due: float | None = 0.0
    failures: int = 0
    _is_asked_for: bool = False
    _task: "Future[None] | None" = None

    @property
    def is_watching(self) -> bool:
        """Whether a request is under way, or another one will follow."""
        return self._is_busy or self.due is not None

    @property
    def _is_busy(self) -> bool:
        return self._task is not None and not self._task.done()

    def poll(self, *, is_active: bool = False) -> None:
        """Send the next request if it is due, without waiting for the response.

        *is_active*: there is an active batch, which may be newer than the last response.
        """
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            task.result()  # raises what nobody expected
        profile = session.profile()
        is_first = profile != self.profile
        if is_first:
            self.profile, self.error, self.has_batch_api, self.due = profile, None, True, 0.0
            self.failures = 0
        if is_active and self.due is None and self.has_batch_api:
            self.due = 0.0
        if self.due is None or self.due > time.monotonic() or (self._is_busy and not is_first):
            return
        self.due = None
        is_asked_for, self._is_asked_for = self._is_asked_for, False
        # Opened here, because opening the database must not block the event loop.
        refreshing = self._refresh(profile, batch_repository(), server_address(), is_asked_for=is_asked_for)
        self._task = event_loop.submit(refreshing)
        if is_first:
            wait([self._task], _FIRST_WAIT)

    def refresh(self) -> None:
        """Send a request now, whether or not a batch is active, and whichever process has the turn."""
        self.due = 0.0
        self._is_asked_for = True
        self.failures = 0
        self.has_batch_api = True

    async def _refresh(
        self, profile: "Profile", repository: "BatchRepository", address: str, *, is_asked_for: bool
    ) -> None:
        from core.batches.account import account_id, is_in_account
        from core.batches.remote.polling import refresh_in_turn
        from core.batches.remote.remote_errors import NoBatchApi
        from core.client.client import create_client_async

        error, has_batch_api, delay = None, True, None
        try:
            await asyncio.to_thread(_stop_orphans, repository)
            client = await create_client_async(profile)
            account = account_id(profile)
            records = await refresh_in_turn(client, repository, profile, address, is_asked_for=is_asked_for)
            records = [record for record in records if is_in_account(record, account)]
            delay = poll_delay(records, datetime.now(UTC), profile.kind)
            self.failures = 0
            if await _continue(records, repository, profile, address):
                delay = delay or _SUBMISSION_DELAY
        except NoBatchApi:
            has_batch_api = False
        except _expected_errors() as exception:
            error = explain(exception, base_url=profile.base_url)
            records = await asyncio.to_thread(repository.list, address)
            delay = self._retry_delay(poll_delay(records, datetime.now(UTC), profile.kind))
        if profile == self.profile:
            self.error, self.has_batch_api = error, has_batch_api
            self.due = None if delay is None else time.monotonic() + delay

    def _retry_delay(self, delay: float | None) -> float | None:
        """Return when a request that failed is repeated, in seconds; *delay* is without the failure."""
        self.failures += 1
        if delay is not None:
            return _RETRY_DELAY
        return _FIRST_RETRY_DELAY * 2 ** (self.failures - 1) if self.failures <= _MAX_RETRIES else None


def _stop_orphans(repository: "BatchRepository") -> None:
    """Stop the batches whose requests another process made, which was killed."""
    from core.batches.run_now import recover_runs

    recover_runs(repository, data_directory())


async def _continue(
    records: "Sequence[BatchRecord]", repository: "BatchRepository", profile: "Profile", address: str
) -> bool:
    """Import results, and submit what was interrupted or waits for the queue. Return whether any was."""
    from core.batches.account import account_id
    from core.batches.remote.queue_watch import may_wait
    from core.batches.remote.resubmission import due_submissions

    for record in filter(result_imports().is_due, records[:_IMPORTED]):
        if record.source != "elsewhere":
            result_imports().start(record, repository, profile)
    account = account_id(profile)
    if may_wait(records):
        # Such as after a restart of the process.
        queue_watch().start(repository, profile, address)
    due = await asyncio.to_thread(due_submissions, repository, address, data_directory(), account)
    return bool(submission_jobs().start(due, repository, profile))


def _expected_errors() -> tuple[type[Exception], ...]:
    from core.errors.groups import EXPECTED_ERRORS

    return EXPECTED_ERRORS


def batch_polling() -> BatchPolling:
    """Return the polling of this browser session."""
    return session.session_object(BatchPolling)
