"""A batch of the lines that did not succeed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import orjson
import pytest

from core.batches.batch import BatchRecord, BatchStatus, RequestCounts
from core.batches.folder import batch_folder
from core.batches.input.request_line import read_lines
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultTable, import_results
from core.batches.retry import find_retry, prepare_retry, save_retry
from core.errors.types import PlaygroundError

Prepare = Callable[..., BatchRecord]


@pytest.fixture
def ended(repository: BatchRepository, prepare: Prepare, tmp_path: Path) -> BatchRecord:
    """A batch of which a succeeded, b expired, and c has no result."""
    record = prepare()
    folder = batch_folder(tmp_path, record.id)
    response = {"status_code": 200, "body": {}}
    folder.output_file.write_bytes(orjson.dumps({"custom_id": "a", "response": response, "error": None}))
    error = {"code": "batch_expired", "message": ""}
    folder.error_file.write_bytes(orjson.dumps({"custom_id": "b", "response": None, "error": error}))
    return import_results(repository, record, folder)


def ids_of(record: BatchRecord, directory: Path) -> list[str]:
    return [line.custom_id for line in read_lines(batch_folder(directory, record.id).input_file)]


def test_has_the_lines_that_did_not_succeed(
    repository: BatchRepository, ended: BatchRecord, tmp_path: Path
) -> None:
    retry = prepare_retry(ended, ResultTable(repository.store, ended.id), tmp_path)

    assert ids_of(retry, tmp_path) == ["b", "c"]
    assert (retry.parent_id, retry.source, retry.lines) == (ended.id, "retry", 2)
    assert (retry.status, retry.remote_id) == (BatchStatus.PREPARED, None)
    assert ids_of(ended, tmp_path) == ["a", "b", "c"]


def test_leaves_only_its_input_file(repository: BatchRepository, ended: BatchRecord, tmp_path: Path) -> None:
    before = {path.name for path in batch_folder(tmp_path, ended.id).path.iterdir()}
    results = ResultTable(repository.store, ended.id)

    expired = prepare_retry(ended, results, tmp_path, [ResultState.EXPIRED])
    missing = prepare_retry(ended, results, tmp_path, [ResultState.MISSING])

    assert (ids_of(expired, tmp_path), ids_of(missing, tmp_path)) == (["b"], ["c"])
    assert {path.name for path in batch_folder(tmp_path, ended.id).path.iterdir()} == before


def test_reads_an_input_file_with_a_byte_order_mark_and_blank_lines(
    repository: BatchRepository, ended: BatchRecord, tmp_path: Path
) -> None:
    path = batch_folder(tmp_path, ended.id).input_file
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\n\n"))

    retry = prepare_retry(ended, ResultTable(repository.store, ended.id), tmp_path)

    assert ids_of(retry, tmp_path) == ["b", "c"]


@pytest.mark.parametrize(
    ("fields", "is_retried"),
    [
        ({}, True),
        ({"status": BatchStatus.IN_PROGRESS}, True),
        ({"status": BatchStatus.COMPLETED, "output_file_id": "file-1"}, True),
        ({"status": BatchStatus.COMPLETED, "results": RequestCounts(2, 1, 1)}, True),
        ({"status": BatchStatus.FAILED, "waits_for_queue": True}, True),
        ({"status": BatchStatus.FAILED}, False),
        ({"status": BatchStatus.GONE}, False),
        ({"parent_id": "another"}, False),
    ],
)
def test_is_not_repeated_unless_it_ended_without_results(
    repository: BatchRepository,
    ended: BatchRecord,
    tmp_path: Path,
    fields: dict[str, object],
    is_retried: bool,
) -> None:
    retry = prepare_retry(ended, ResultTable(repository.store, ended.id), tmp_path)
    retry = replace(retry, **fields)  # type: ignore[arg-type]

    assert find_retry(ended, [ended, retry]) == (retry if is_retried else None)


def test_is_saved_once_by_sessions_at_the_same_time(
    repository: BatchRepository, ended: BatchRecord, tmp_path: Path
) -> None:
    barrier = Barrier(4)

    def retry(_session: int) -> BatchRecord | None:
        barrier.wait()
        try:
            return save_retry(repository, ended, tmp_path)
        except PlaygroundError:
            return None

    with ThreadPoolExecutor(4) as pool:
        saved = [record for record in pool.map(retry, range(4)) if record]

    assert saved == repository.children(ended.id)
    assert len(saved) == 1
    folders = {path.name for path in (tmp_path / "batches").iterdir()}
    assert folders == {ended.id, saved[0].id}


def test_has_a_title_of_its_own(repository: BatchRepository, ended: BatchRecord, tmp_path: Path) -> None:
    rejected = save_retry(repository, ended, tmp_path)
    repository.save(replace(rejected, status=BatchStatus.FAILED))
    second = save_retry(repository, ended, tmp_path)
    folder = batch_folder(tmp_path, second.id)
    third = save_retry(repository, import_results(repository, second, folder), tmp_path)

    titles = [record.title for record in (rejected, second, third)]
    assert titles == ["Title (retry 1)", "Title (retry 2)", "Title (retry 3)"]


def test_is_not_saved_without_its_parent_or_input(
    repository: BatchRepository, ended: BatchRecord, tmp_path: Path
) -> None:
    batch_folder(tmp_path, ended.id).input_file.unlink()
    with pytest.raises(PlaygroundError, match="input file was deleted"):
        save_retry(repository, ended, tmp_path)
    repository.delete(ended.id)
    with pytest.raises(PlaygroundError):
        save_retry(repository, ended, tmp_path)
    assert repository.list() == []


def test_explains_that_there_is_nothing_to_retry(
    repository: BatchRepository, ended: BatchRecord, tmp_path: Path
) -> None:
    with pytest.raises(PlaygroundError, match="no such results"):
        prepare_retry(ended, ResultTable(repository.store, ended.id), tmp_path, [ResultState.CANCELLED])
