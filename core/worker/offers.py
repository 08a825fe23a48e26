"""How an app offers its jobs to workers: as tasks of procrastinate, in the database that they share.

A task is a place for one worker. The workers and the app itself run the same job at the same time: the items
are shared by the queue of the job (`core.runner.queue`), not by the tasks.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from core.runner.work import WorkJob

if TYPE_CHECKING:
    from procrastinate import App

TASK_NAME = "request_items"
MAX_WORKERS = 16
# An arbitrary number: processes that create the tables of procrastinate wait for each other with it.
_TABLES_LOCK = 6_736_525


def connection_string(database_url: str) -> str:
    """Return the URL of a database, as SQLAlchemy takes it, for psycopg."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def create_tables(database_url: str) -> None:
    """Create the tables of procrastinate, if there are none. Raises psycopg.Error."""
    import psycopg
    from procrastinate.schema import SchemaManager

    with psycopg.connect(connection_string(database_url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_TABLES_LOCK])
        row = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if row == (None,):
            connection.execute(SchemaManager.get_schema())


class JobOffers:
    """Offers jobs to workers, and withdraws them when they are stopped. Raises procrastinate's exceptions."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._has_tables = False

    async def offer(self, job: WorkJob, owner: str) -> None:
        """Let workers request items of *job*."""
        await asyncio.to_thread(self._offer, job, owner)

    async def withdraw(self, job: WorkJob) -> None:
        """Let no worker request items of *job* any more: those that do stop."""
        await asyncio.to_thread(self._withdraw, job)

    def _offer(self, job: WorkJob, owner: str) -> None:
        with self._app() as app:
            for number in range(MAX_WORKERS):
                # The first worker of each job before the second one of any.
                task = app.configure_task(TASK_NAME, queue=job.id, priority=-number)
                task.defer(job_id=job.id, owner=owner)

    def _withdraw(self, job: WorkJob) -> None:
        with self._app() as app:
            for task in app.job_manager.list_jobs(queue=job.id):
                if task.id is not None:
                    app.job_manager.cancel_job_by_id(task.id, abort=True, delete_job=True)

    @contextmanager
    def _app(self) -> "Iterator[App]":
        from procrastinate import App, SyncPsycopgConnector

        if not self._has_tables:
            create_tables(self._database_url)
            self._has_tables = True
        connector = SyncPsycopgConnector(
            conninfo=connection_string(self._database_url), min_size=1, max_size=1
        )
        app = App(connector=connector)
        with app.open():
            yield app
