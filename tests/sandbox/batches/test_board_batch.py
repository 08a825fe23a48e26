"""Cells of a board leave as a batch for each variant, and their results come back as cells."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.hand_over import job_results, prepare_job_batch
from core.batches.repository import BatchRepository
from core.compare.boards.cells import CellState, cell_states
from core.compare.boards.repository import BoardRepository
from core.compare.running.batch import batch_job, batch_requests, save_batch_results
from core.generation.api_name import ApiName
from core.runner.repository import JobRepository
from core.sandbox.server import SandboxServer
from tests.sandbox.batches.app_batches import AppBatches
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@pytest.mark.parametrize("api", ["chat.completions", "responses"])
async def test_brings_back_a_cell_for_each_line(
    app_client: "AsyncOpenAI",
    repository: BatchRepository,
    tmp_path: Path,
    server: SandboxServer,
    api: ApiName,
) -> None:
    variant = variant_of("What is {{name}} plus 40?").model_copy(update={"api": api})
    board = board_of(variant, cases=5, repetitions=2)
    store, profile = repository.store, profile_for(server.url, server.key)
    boards, batches = BoardRepository(store), AppBatches(app_client, repository, tmp_path)
    boards.save(board)
    job, items = batch_job(board, variant, list(board.cell_keys()), profile)
    queue = JobRepository(store, "local").create(job, items)
    record = prepare_job_batch(batch_requests(job, items), job, batches.address, tmp_path, "compare", api)

    # Two of the ten lines fail.
    await batches.join(await batches.submit_record(record, outcome="lines-fail"))

    results = job_results(repository, job.id, tmp_path)
    assert save_batch_results(job, queue, boards, results, profile) == 10
    assert save_batch_results(job, queue, boards, results, profile) == 0
    cells = boards.cells(board.id)
    states = cell_states(board, cells)
    assert Counter(states.values()) == {CellState.DONE: 8, CellState.FAILED: 2}
    for key, cell in cells.items():
        if states[key] is CellState.FAILED:
            assert cell.run.error
            continue
        assert cell.run.endpoint == f"{api}.create"
        assert str(40 + int(key.case_id.removeprefix("c"))) in cell.run.text
        assert cell.run.cost
        assert "batch" in cell.run.cost.basis.lower()
    assert queue.progress().is_complete
