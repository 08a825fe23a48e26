"""Make a batch of the lines that did not succeed."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from core.batches.batch import BatchRecord, BatchStatus, prepare_batch
from core.batches.folder import batch_folder
from core.batches.input.request_line import read_lines, write_lines
from core.batches.input.template_rows import copy_rows
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultTable
from core.errors.types import PlaygroundError

NOT_SUCCEEDED = frozenset(ResultState) - {ResultState.SUCCEEDED}
_RETRY = re.compile(r" \(retry (\d{1,6})\)$")


def find_retry(record: BatchRecord, others: Iterable[BatchRecord]) -> BatchRecord | None:
    """Return the batch of *others* that already retries the requests of *record*; None if there is none.

    What fails there is retried from there. A batch that ended without any result does not count.
    """
    return next((other for other in others if other.parent_id == record.id and _is_useful(other)), None)


def _is_useful(retry: BatchRecord) -> bool:
    if retry.status == BatchStatus.PREPARED or retry.status.is_active or retry.waits_for_queue:
        return True
    return retry.results is not None or bool(retry.output_file_id or retry.error_file_id)


def save_retry(repository: BatchRepository, record: BatchRecord, data_directory: Path) -> BatchRecord:
    """Save the batch that retries *record*, with a title that tells it from others, and return it. Blocking.

    Raises PlaygroundError if another session has done so, or the input file was deleted.
    """
    try:
        new = prepare_retry(record, ResultTable(repository.store, record.id), data_directory)
    except FileNotFoundError as error:
        raise PlaygroundError("The input file was deleted, here and on the server.") from error

    def adapt(child: BatchRecord, siblings: Sequence[BatchRecord]) -> BatchRecord:
        if find_retry(record, siblings):
            raise PlaygroundError("The requests of this batch are already retried.", "Reload the page.")
        return replace(child, title=_title(record.title, len(siblings)))

    try:
        return repository.add_child(new, adapt)
    except PlaygroundError:
        batch_folder(data_directory, new.id).delete()
        raise


def _title(title: str, siblings: int) -> str:
    """Return the title of a retry: "Reviews (retry 2)" after "Reviews (retry 1)"."""
    match = _RETRY.search(title)
    base, number = (title[: match.start()], int(match[1])) if match else (title, 0)
    return f"{base} (retry {number + siblings + 1})"


def prepare_retry(
    record: BatchRecord,
    results: ResultTable,
    data_directory: Path,
    states: Collection[ResultState] = NOT_SUCCEEDED,
) -> BatchRecord:
    """Write the lines of *record* whose result is in *states* to a new folder, and return their batch.

    *record* is its parent. It has not been saved or submitted. Raises PlaygroundError if there are no such
    lines, and FileNotFoundError if the input file was deleted. Blocking.
    """
    ids = {row.custom_id for row in results.rows() if row.state in states}
    if not ids:
        raise PlaygroundError("The batch has no such results.", "Select other states of the results.")
    source = batch_folder(data_directory, record.id).input_file
    # Two sessions may retry the same batch at once.
    partial = source.with_name(f"retry-{uuid4().hex}.jsonl")
    written = write_lines(partial, (line for line in read_lines(source) if line.custom_id in ids))
    new = prepare_batch(written, record.profile_id, record.base_url, record.title, "retry")
    target = batch_folder(data_directory, new.id).input_file
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(target)
    copy_rows(source, target)
    return replace(new, parent_id=record.id, target_job_id=record.target_job_id)
