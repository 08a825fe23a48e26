"""What this process does with batches, also while no page is open: submit them, import results."""

from functools import cache
from typing import TYPE_CHECKING

from core.paths import data_directory

if TYPE_CHECKING:
    from core.batches.remote.queue_watch import QueueWatch
    from core.batches.remote.submission_jobs import SubmissionJobs
    from core.batches.results.result_imports import ResultImports


@cache
def submission_jobs() -> "SubmissionJobs":
    """Return the submissions of this process."""
    from core.batches.remote.submission_jobs import SubmissionJobs

    return SubmissionJobs(data_directory())


@cache
def result_imports() -> "ResultImports":
    """Return the imports of results in this process."""
    from core.batches.results.result_imports import ResultImports

    return ResultImports(data_directory())


@cache
def queue_watch() -> "QueueWatch":
    """Return what follows the batches of servers in this process."""
    from core.batches.remote.queue_watch import QueueWatch

    return QueueWatch(data_directory(), submission_jobs(), imports=result_imports())
