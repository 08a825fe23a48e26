"""Requests the items of the jobs that apps offer, with the key in the environment of this process.

Beside them, it follows batches.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.calls import CallService
from core.client.profile import Profile, profile_from_environment
from core.errors.types import NotFound, PlaygroundError
from core.paths import data_directory
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import WorkJob
from core.runs.jobs import Jobs
from core.storage.store import Store
from core.worker.batches import follow_batches
from core.worker.handlers import handler_of
from core.worker.offers import TASK_NAME, connection_string, create_tables

if TYPE_CHECKING:
    from procrastinate import App

_STALLED_CHECK_INTERVAL = 30.0
_log = logging.getLogger(__name__)


class Worker:
    """Works on one job after the other, each with as many requests at once as its server allows."""

    def __init__(self, database_url: str, store: Store, environ: Mapping[str, str]) -> None:
        self._database_url = database_url
        self._store = store
        self._environ = environ
        self._runners = Runners()

    async def run(self) -> None:
        """Work until the process receives a signal to end; what arrived until then is saved."""
        from procrastinate import App, PsycopgConnector

        await asyncio.to_thread(create_tables, self._database_url)
        app = App(connector=PsycopgConnector(conninfo=connection_string(self._database_url)))
        app.task(name=TASK_NAME)(self.request_items)
        async with app.open_async():
            beside = [
                asyncio.create_task(_retry_stalled_tasks(app)),
                asyncio.create_task(follow_batches(self._store, self._environ, data_directory())),
            ]
            # A task that is under way at the end is stopped: its items are requested by another process.
            await app.run_worker_async(shutdown_graceful_timeout=0, delete_jobs="always")
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def request_items(self, job_id: str, owner: str) -> None:
        """Request items of a job until none is left. Cancellation stops the calls and saves what arrived."""
        try:
            job = await asyncio.to_thread(JobRepository(self._store, owner).get, job_id)
            profile = profile_for_job(job, self._environ)
            prepare, on_end = await asyncio.to_thread(handler_of, job, self._store, owner)
        except NotFound:
            return
        except PlaygroundError as error:
            _log.warning("Job %s: %s. %s", job_id, error, error.hint)
            return
        calls = CallService(Jobs(), lambda: self._store, owner, "worker", lambda _run: None)
        runner = await self._runners.start(job, calls, profile, prepare, on_end)
        state = await runner.wait()
        _log.info("Job %s: %s", job_id, runner.error.title if runner.error else state)


def profile_for_job(job: WorkJob, environ: Mapping[str, str]) -> Profile:
    """Return the server of *job* with the key in *environ*.

    Raises PlaygroundError if the key there is for another server. Nothing of a key is in the database.
    """
    profile = profile_from_environment(environ)
    if profile and profile.base_url == job.base_url:
        return profile
    raise PlaygroundError(
        f"This worker has no key for {job.base_url}",
        "Start it with OPENAI_BASE_URL and OPENAI_API_KEY of that server.",
    )


async def _retry_stalled_tasks(app: "App") -> None:
    """Let tasks be taken again whose worker was killed."""
    while True:
        for task in await app.job_manager.get_stalled_jobs():
            await app.job_manager.retry_job(task)
        await asyncio.sleep(_STALLED_CHECK_INTERVAL)
