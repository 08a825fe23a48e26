"""Imports of results in the background: one at a time, once each, and repeated after an error."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.batches.batch import BatchRecord, BatchStatus, RequestCounts
from core.batches.folder import batch_folder
from core.batches.repository import BatchRepository
from core.batches.results.result_imports import ResultImports
from core.runs import event_loop
from core.storage.run_repository import RunRepository
from tests.servers import StubServer, stub_server
from tests.unit.batches.batch_server import BatchServer, not_found
from tests.unit.batches.input_lines import to_bytes
from tests.unit.batches.results.test_results import http_failure, success
from tests.unit.conftest import profile_for

Prepare = Callable[..., BatchRecord]
TIMEOUT = 60


@pytest.fixture
async def imports(tmp_path: Path) -> AsyncIterator[ResultImports]:
    event_loop.set_loop(asyncio.get_running_loop())
    yield ResultImports(tmp_path)
    event_loop.set_loop(None)


@pytest.fixture
def api() -> BatchServer:
    results = to_bytes([success("b"), http_failure("a")])
    return BatchServer(files={"file-out": ("out.jsonl", results)})


@pytest.fixture
async def server(api: BatchServer) -> AsyncIterator[StubServer]:
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        yield server


def completed(record: BatchRecord) -> BatchRecord:
    return replace(record, status=BatchStatus.COMPLETED, output_file_id="file-out", remote_id=record.id)


async def test_imports_the_results_of_each_batch_once(
    imports: ResultImports, server: StubServer, repository: BatchRepository, prepare: Prepare
) -> None:
    records = [completed(prepare(server.url, ids=("a", "b"))) for _ in range(3)]
    tasks = [imports.start(record, repository, profile_for(server.url)) for record in records]
    assert all(imports.progress(record.id) for record in records)
    assert imports.start(records[0], repository, profile_for(server.url)) is None

    await asyncio.gather(*(asyncio.wrap_future(task) for task in tasks if task))

    saved = [repository.get(record.id) for record in records]
    assert [record.results for record in saved] == [RequestCounts(2, 1, 1)] * 3
    assert not any(imports.progress(record.id) or imports.is_due(record) for record in saved)
    runs = RunRepository(repository.store).list("batches")
    assert sorted(run.parent_id for run in runs) == sorted(2 * [record.id for record in records])


async def test_saves_the_runs_that_a_killed_process_has_not_saved(
    imports: ResultImports, server: StubServer, repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    record = completed(prepare(server.url, ids=("a", "b")))
    repository.update(record.id, lambda _: replace(record, results=RequestCounts(2, 1, 1)))
    assert not imports.is_due(repository.get(record.id))
    batch_folder(tmp_path, record.id).unsaved_runs.touch()
    assert imports.is_due(repository.get(record.id))

    task = imports.start(record, repository, profile_for(server.url))
    assert task
    await asyncio.wrap_future(task)

    assert len(RunRepository(repository.store).list("batches")) == 2
    assert not imports.is_due(repository.get(record.id))


async def test_explains_an_error_and_imports_again_when_asked(
    imports: ResultImports,
    api: BatchServer,
    server: StubServer,
    repository: BatchRepository,
    prepare: Prepare,
) -> None:
    record = completed(prepare(server.url, ids=("a", "b")))
    api.before = lambda _route: not_found()
    failing = imports.start(record, repository, profile_for(server.url))
    assert failing
    await asyncio.wrap_future(failing)
    assert imports.error(record.id)
    assert not imports.is_due(record)

    api.before = lambda _route: None
    repeated = imports.start(record, repository, profile_for(server.url))
    assert repeated
    await asyncio.wrap_future(repeated)

    assert imports.error(record.id) is None
    assert repository.get(record.id).results == RequestCounts(2, 1, 1)


async def test_ignores_a_batch_that_was_deleted_meanwhile(
    imports: ResultImports, server: StubServer, repository: BatchRepository, prepare: Prepare
) -> None:
    record = completed(prepare(server.url, ids=("a", "b")))
    repository.delete(record.id)

    task = imports.start(record, repository, profile_for(server.url))
    assert task
    await asyncio.wrap_future(task)

    assert imports.error(record.id) is None
    assert imports.progress(record.id) is None


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        ({"status": BatchStatus.COMPLETED, "output_file_id": "f"}, True),
        ({"status": BatchStatus.CANCELLED, "error_file_id": "f"}, True),
        ({"status": BatchStatus.IN_PROGRESS, "output_file_id": "f"}, False),
        ({"status": BatchStatus.GONE, "output_file_id": "f"}, False),
        ({"status": BatchStatus.COMPLETED}, False),
        ({"status": BatchStatus.COMPLETED, "output_file_id": "f", "results": RequestCounts(1, 1)}, False),
    ],
)
def test_imports_only_results_that_there_are(
    tmp_path: Path, prepare: Prepare, changes: dict[str, object], is_due: bool
) -> None:
    record = replace(prepare(), **changes)  # type: ignore[arg-type]
    assert ResultImports(tmp_path).is_due(record) is is_due
