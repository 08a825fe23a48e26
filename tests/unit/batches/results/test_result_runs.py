"""The requests of a batch in History: a run for each that was made, once, at the price of a batch."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.folder import BatchFolder, batch_folder
from core.batches.repository import BatchRepository
from core.batches.results.result_runs import save_result_runs
from core.batches.results.results import import_results
from core.history.filter import HistoryFilter
from core.history.indexer import HistoryIndexer
from core.history.repository import HistoryRepository
from core.history.settings import HistorySettings
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.servers import COMPLETION
from tests.unit.batches.results.test_results import CANCELLED, EXPIRED, http_failure, not_made, success, write
from tests.unit.conftest import profile_for

Prepare = Callable[..., BatchRecord]
ENDED = datetime(2026, 11, 20, 12, tzinfo=UTC)
PROFILE = profile_for("https://api.openai.com/v1").model_copy(update={"kind": "openai"})
BILLED = {**COMPLETION, "usage": {"prompt_tokens": 1_000, "completion_tokens": 200, "total_tokens": 1_200}}


@pytest.fixture
def ended(prepare: Prepare) -> Callable[..., BatchRecord]:
    def make(*ids: str) -> BatchRecord:
        states = ((BatchStatus.COMPLETED, ENDED),)
        return replace(prepare(ids=ids), status=BatchStatus.COMPLETED, state_times=states)

    return make


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[[BatchRecord], BatchFolder]:
    return lambda record: batch_folder(tmp_path, record.id)


FolderOf = Callable[[BatchRecord], BatchFolder]


@pytest.fixture
def billed(ended: Prepare, folder_of: FolderOf) -> tuple[BatchRecord, BatchFolder]:
    """A batch of one request with its result."""
    record = ended("a")
    folder = folder_of(record)
    write(folder.output_file, success("a", BILLED))
    return record, folder


def runs_by_id(store: Store) -> Mapping[str, Run]:
    """Return the runs with their contents, by the custom id of their request."""
    repository = RunRepository(store)
    summaries = repository.list("batches", limit=1_000)
    runs = repository.get_many([run.id for run in summaries]).values()
    return {run.note.removeprefix("Sent in a batch as ").rstrip("."): run for run in runs}


def test_saves_request_response_and_cost_of_a_batch(
    repository: BatchRepository, billed: tuple[BatchRecord, BatchFolder]
) -> None:
    record, folder = billed

    save_result_runs(repository, record, folder, PROFILE)

    run = runs_by_id(repository.store)["a"]
    assert (run.state, run.endpoint, run.profile) == (
        RunState.DONE,
        "chat.completions.create",
        PROFILE.name,
    )
    assert run.params["messages"] == [{"role": "user", "content": "안녕"}]
    assert run.response == BILLED
    assert (run.usage, run.started_at, run.parent_id) == (Usage(1_000, 200), ENDED, record.id)
    assert (run.total, run.first_token) == (None, None)
    imported = import_results(repository, record, folder)
    assert imported.cost
    assert run.cost
    assert run.cost.amount == imported.cost


def test_saves_only_requests_that_were_made(
    repository: BatchRepository, ended: Prepare, folder_of: FolderOf
) -> None:
    record = ended("a", "b", "c", "d", "e")
    folder = folder_of(record)
    write(folder.output_file, success("a"), http_failure("e"), success("e"))
    write(folder.error_file, http_failure("b"), not_made("c", EXPIRED), not_made("d", CANCELLED))

    save_result_runs(repository, record, folder, PROFILE)

    runs = runs_by_id(repository.store)
    states = {custom_id: run.state for custom_id, run in runs.items()}
    assert states == {"a": RunState.DONE, "b": RunState.FAILED, "e": RunState.DONE}
    assert runs["b"].error
    assert (runs["b"].error.code, runs["b"].status) == ("rate_limit_exceeded", 429)


def test_saves_each_request_once_by_two_processes(
    repository: BatchRepository, ended: Prepare, folder_of: FolderOf
) -> None:
    ids = tuple(f"line-{number}" for number in range(45))
    record = ended(*ids)
    folder = folder_of(record)
    write(folder.output_file, *map(success, ids))

    with ThreadPoolExecutor(2) as threads:
        attempts = [threads.submit(save_result_runs, repository, record, folder, PROFILE) for _ in range(2)]
        for attempt in attempts:
            attempt.result()
    save_result_runs(repository, record, folder, PROFILE)

    assert len(RunRepository(repository.store).list("batches", limit=1_000)) == len(ids)
    assert runs_by_id(repository.store).keys() == set(ids)


def test_saves_no_contents_if_nothing_is_recorded(
    repository: BatchRepository, billed: tuple[BatchRecord, BatchFolder]
) -> None:
    record, folder = billed
    HistorySettings(repository.store).set_recording(False)

    save_result_runs(repository, record, folder, PROFILE)

    run = runs_by_id(repository.store)["a"]
    assert (run.recorded, run.has_content, run.response) == (False, False, None)
    assert run.usage == Usage(1_000, 200)
    assert run.cost


@pytest.mark.parametrize(
    "changes",
    [{"job_id": "1" * 32}, {"target_job_id": "1" * 32}, {"source": "elsewhere"}],
)
def test_leaves_requests_alone_that_are_runs_already_or_of_no_page(
    repository: BatchRepository, ended: Prepare, folder_of: FolderOf, changes: dict[str, Any]
) -> None:
    record = replace(ended("a"), **changes)
    folder = folder_of(record)
    write(folder.output_file, success("a"))

    save_result_runs(repository, record, folder, PROFILE)

    assert not RunRepository(repository.store).list()


def test_saves_the_number_of_embeddings_instead_of_them(
    repository: BatchRepository, ended: Prepare, folder_of: FolderOf
) -> None:
    record = replace(ended("a"), endpoint="/v1/embeddings")
    folder = folder_of(record)
    vectors = {"object": "list", "data": [{"index": 0, "embedding": [0.5] * 8}], "model": "m"}
    write(folder.output_file, success("a", {**vectors, "usage": {"prompt_tokens": 5, "total_tokens": 5}}))

    save_result_runs(repository, record, folder, PROFILE)

    run = runs_by_id(repository.store)["a"]
    assert run.response
    assert (run.response["data"], run.endpoint) == ("1 embeddings", "embeddings.create")
    assert (run.state, run.usage) == (RunState.DONE, Usage(5, 0))


def test_makes_requests_searchable_and_deletable(
    repository: BatchRepository, billed: tuple[BatchRecord, BatchFolder]
) -> None:
    record, folder = billed
    save_result_runs(repository, record, folder, PROFILE)
    HistoryIndexer(repository.store).catch_up(10)
    history, chosen = HistoryRepository(repository.store), HistoryFilter("안녕", ("batches",))

    (entry,) = history.list(chosen)
    assert entry.prompt == "안녕"
    history.delete(chosen)
    save_result_runs(repository, record, folder, PROFILE)

    assert not history.list(chosen)
