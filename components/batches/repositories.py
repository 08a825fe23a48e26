"""The batches of this session's owner, and their files. The database is imported when it is first used."""

from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import session
from core.errors.types import NotFound
from core.paths import data_directory

if TYPE_CHECKING:
    from core.batches.batch import BatchRecord
    from core.batches.folder import BatchFolder
    from core.batches.repository import BatchRepository
    from core.batches.results.results import ResultTable


def batch_repository() -> "BatchRepository":
    from core.batches.repository import BatchRepository

    return BatchRepository(resources.store(), session.OWNER)


def find_batch(batch_id: str) -> "BatchRecord | None":
    """Return the batch with our id *batch_id*; None if it was deleted, which another page may do."""
    try:
        return batch_repository().get(batch_id)
    except NotFound:
        return None


def batch_folder(batch_id: str) -> "BatchFolder":
    """Return the folder with the files of our batch *batch_id*."""
    from core.batches import folder

    return folder.batch_folder(data_directory(), batch_id)


def result_table(batch_id: str) -> "ResultTable":
    from core.batches.results.results import ResultTable

    return ResultTable(resources.store(), batch_id)


def server_address() -> str:
    """Return what the records of the active server have as their base URL.

    The sandbox has another port in each process, and the same batches.
    """
    profile = session.profile()
    return "sandbox" if profile.kind == "sandbox" else profile.base_url


def is_on_active_server(record: "BatchRecord") -> bool:
    """Whether requests about *record* may be sent: another server would say that it does not exist."""
    return record.base_url == server_address() and not is_in_other_account(record)


def is_in_other_account(record: "BatchRecord") -> bool:
    """Whether *record* is a batch on the active server that cannot be followed with the active key.

    One that has ended can be retried, and its results are here.
    """
    from core.batches.account import account_id, is_in_account

    is_here = record.base_url == server_address() and record.status.is_active
    return is_here and not is_in_account(record, account_id(session.profile()))
