"""Boards that leave as a batch."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from core.batches.folder import batch_folder
from core.batches.hand_over import prepare_job_batch
from core.calls import CallService
from core.compare.boards.cells import CellState, cell_states
from core.compare.boards.repository import BoardRepository
from core.compare.running.batch import batch_job, batch_requests, save_batch_results
from core.compare.running.runs import BoardRuns
from core.errors.types import Explanation, PlaygroundError
from core.runner.external_results import ExternalResult
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.sandbox.server import SandboxServer
from core.storage.store import Store
from tests.servers import COMPLETION
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for

BOARD = board_of(variant_of(id="a"), cases=4, repetitions=2)
KEYS = list(BOARD.cell_keys())
ERROR = Explanation("The request of the batch failed", "Retry it.")


def completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    return {**COMPLETION, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def test_writes_a_request_for_each_cell(tmp_path: Path) -> None:
    job, items = batch_job(BOARD, BOARD.variants[0], KEYS, profile_for("http://127.0.0.1:9/v1"))

    record = prepare_job_batch(batch_requests(job, items), job, job.base_url, tmp_path, "compare")

    lines = [
        orjson.loads(line) for line in batch_folder(tmp_path, record.id).input_file.read_bytes().splitlines()
    ]
    assert [line["custom_id"] for line in lines] == [f"{key.case_id}/{key.repetition}" for key in KEYS]
    assert {line["body"]["messages"][0]["content"] for line in lines} == {
        f"Say hello to {number}." for number in range(4)
    }
    assert all("stream" not in line["body"] for line in lines)


def test_makes_results_of_the_batch_those_of_its_cells(store: Store) -> None:
    boards, profile = BoardRepository(store), profile_for("http://127.0.0.1:9/v1")
    boards.save(BOARD)
    job, items = batch_job(BOARD, BOARD.variants[0], KEYS, profile)
    queue = JobRepository(store, "local").create(job, items)
    results = {item.key: ExternalResult(completion(f"Hello from {item.key}")) for item in items[:5]}
    results[items[5].key] = ExternalResult({}, ERROR)

    assert save_batch_results(job, queue, boards, results, profile) == 6
    assert save_batch_results(job, queue, boards, results, profile) == 0

    cells = boards.cells(BOARD.id)
    states = list(cell_states(BOARD, cells).values())
    assert states == [CellState.DONE] * 5 + [CellState.FAILED] + [CellState.MISSING] * 2
    assert cells[KEYS[0]].run.text == "Hello from c0/1"


async def test_does_not_request_cells_that_a_batch_is_to_bring(
    store: Store, calls: CallService, sandbox: SandboxServer
) -> None:
    boards, profile = BoardRepository(store), profile_for(sandbox.url, sandbox.key)
    boards.save(BOARD)
    job, items = batch_job(BOARD, BOARD.variants[0], KEYS[:5], profile)
    queue = JobRepository(store, "local").create(job, items)
    runs = BoardRuns(Runners())

    assert await runs.start(BOARD, calls, {"test": profile}) == 3
    await runs.wait(BOARD.id, "local")

    queue.cancel_waiting()  # as when the batch is cancelled
    assert await runs.start(BOARD, calls, {"test": profile}) == 5
    await runs.wait(BOARD.id, "local")
    assert set(cell_states(BOARD, boards.cells(BOARD.id)).values()) == {CellState.DONE}


def test_makes_no_batch_without_cells(tmp_path: Path) -> None:
    job, items = batch_job(BOARD, BOARD.variants[0], [], profile_for("http://127.0.0.1:9/v1"))

    with pytest.raises(PlaygroundError):
        prepare_job_batch(batch_requests(job, items), job, job.base_url, tmp_path)
