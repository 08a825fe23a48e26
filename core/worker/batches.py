"""Follows the batches that apps have submitted with the key of this worker."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from core.batches.remote.queue_watch import QueueWatch
from core.batches.remote.submission_jobs import SubmissionJobs
from core.batches.repository import BatchRepository
from core.batches.results.result_imports import ResultImports
from core.client.profile import profile_from_environment
from core.runs import event_loop
from core.storage.store import Store

# Seconds until batches are noticed that an app has submitted since.
_INTERVAL = 5.0
_LONGEST_DELAY = 60.0


async def follow_batches(
    store: Store, environ: Mapping[str, str], data_directory: Path, longest_delay: float = _LONGEST_DELAY
) -> None:
    """Follow the batches of the server and the key in *environ* until this is cancelled.

    Apps and workers take turns (`core.batches.remote.polling`). Statuses are in the database that they share.
    Input files and results are in the data directory of an app: a worker which shares that submits batches
    and imports results, too.
    """
    profile = profile_from_environment(environ)
    if profile is None:
        return
    event_loop.set_loop(asyncio.get_running_loop())
    submissions, imports = SubmissionJobs(data_directory), ResultImports(data_directory)
    watch = QueueWatch(data_directory, submissions, longest_delay, imports)
    try:
        while True:
            # It ends by itself when nothing is left to follow.
            watch.start(BatchRepository(store), profile, profile.base_url)
            await asyncio.sleep(min(_INTERVAL, longest_delay))
    finally:
        watch.stop()
