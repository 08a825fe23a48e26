"""A board whose replies were not recorded, read by another process than the one that made the calls."""

import json
from collections.abc import Collection

import pytest

from core.calls import CallService
from core.compare.boards.board import Board
from core.compare.boards.cells import ALL_UNFINISHED, CellState, keys_to_run
from core.compare.boards.checks import Contains, IsJson, Matches, MaxLatency, NotContains
from core.compare.boards.repository import BoardRepository
from core.compare.boards.results import BoardResults, CaseFilter
from core.compare.export.tables import board_json_lines, board_markdown
from core.compare.judging.verdicts import pairs_to_judge
from core.compare.running.jobs import CAPABILITY, VariantJob, new_job
from core.compare.running.runs import BoardRuns
from core.compare.statistics.variant_statistics import Rate, board_statistics
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import WorkJob
from core.sandbox.server import SandboxServer
from core.storage import run_repository
from core.storage.owner_settings import RECORD_RUNS, write_setting
from core.storage.store import Store
from core.storage.unrecorded import UnrecordedRuns
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for

BOARD = board_of(
    variant_of(id="a"),
    variant_of(id="b"),
    repetitions=2,
    checks=(
        Contains(text="yes"),
        NotContains(text="no"),
        Matches(pattern="yes"),
        IsJson(),
        MaxLatency(seconds=2),
    ),
)


def set_recording(store: Store, value: str) -> None:
    store.write(lambda connection: write_setting(connection, "local", RECORD_RUNS, value))


def results_of(store: Store, board: Board = BOARD) -> BoardResults:
    results = BoardResults(board)
    results.refresh(BoardRepository(store))
    return results


def test_does_not_check_count_and_judge_what_is_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_repository, "unrecorded", UnrecordedRuns())
    set_recording(store, "no")
    BoardRepository(store).save(BOARD)
    cells = cells_of(BOARD, lambda _: run_of("yes"))
    BoardRepository(store).add_results(BOARD.id, list(cells.values()))
    assert {tuple(result.passed for result in each) for each in results_of(store).checks.values()} == {
        (True, True, True, False, True)
    }

    monkeypatch.setattr(run_repository, "unrecorded", UnrecordedRuns())  # another process
    results = results_of(store)

    assert {tuple(result.passed for result in each) for each in results.checks.values()} == {
        (None, None, None, None, True)
    }
    assert results.checks[next(iter(results.cells))][0].reason == "This reply was not recorded."
    (first, _) = board_statistics(BOARD, results.current, results.checks)
    assert (first.checks, first.agreement, first.done) == (Rate(4, 4), None, 4)
    assert first.total
    assert first.total.median == 1
    assert pairs_to_judge(results.current) == []
    assert keys_to_run(results.states) == []
    assert set(keys_to_run(results.states, {CellState.LOST})) == set(BOARD.cell_keys())
    assert results.check_counts()[-1] == {True: 8}
    for row_filter in (CaseFilter.DIFFERENT, CaseFilter.UNRATED, CaseFilter.CHECK_FAILED):
        assert not any(results.matches(row, row_filter, {}) for row in results.rows())
    lines = board_json_lines(BOARD, results.cells, results.checks, {}).splitlines()
    assert {json.loads(line)["reply"] for line in lines} == {None}
    assert board_markdown(BOARD, results.cells).count("This reply was not recorded.") == 4


async def test_runs_what_is_lost_again_only_if_it_is_wanted(
    calls: CallService, store: Store, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_repository, "unrecorded", UnrecordedRuns())
    set_recording(store, "no")
    BoardRepository(store).save(BOARD)
    runs, profiles = BoardRuns(Runners()), {"test": profile_for(sandbox.url, sandbox.key)}

    async def run(wanted: Collection[CellState] = ALL_UNFINISHED) -> int:
        count = await runs.start(BOARD, calls, profiles, wanted)
        await runs.wait(BOARD.id, calls.owner)
        return count

    assert await run() == 8
    assert await run() == 0
    monkeypatch.setattr(run_repository, "unrecorded", UnrecordedRuns())  # another process
    assert results_of(store).count(CellState.LOST) == 8
    assert await run() == 0
    set_recording(store, "yes")
    assert await run() == 0

    assert await run({CellState.LOST}) == 8
    assert results_of(store).count(CellState.DONE) == 8


async def test_completes_a_board_with_more_cells_than_stay_in_memory(
    calls: CallService, store: Store, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_repository, "unrecorded", UnrecordedRuns(max_runs=5))
    set_recording(store, "no")
    BoardRepository(store).save(BOARD)
    runs, profiles = BoardRuns(Runners()), {"test": profile_for(sandbox.url, sandbox.key)}

    await runs.start(BOARD, calls, profiles)
    await runs.wait(BOARD.id, calls.owner)

    results = results_of(store)
    assert (results.count(CellState.DONE), results.count(CellState.LOST)) == (5, 3)
    assert await runs.start(BOARD, calls, profiles) == 0


class OfferedJobs:
    """The workers of a test, which only note what they are offered."""

    def __init__(self) -> None:
        self.offered: list[tuple[WorkJob, str]] = []

    async def offer(self, job: WorkJob, owner: str) -> None:
        self.offered.append((job, owner))

    async def withdraw(self, job: WorkJob) -> None:
        pass


@pytest.mark.parametrize(("recording", "offers"), [("yes", 1), ("no", 0)])
async def test_offers_jobs_to_workers_only_while_it_records(
    calls: CallService, store: Store, sandbox: SandboxServer, recording: str, offers: int
) -> None:
    set_recording(store, recording)
    workers, profile = OfferedJobs(), profile_for(sandbox.url, key=sandbox.key)
    job, items = new_job(BOARD, BOARD.variants[0], [*BOARD.cell_keys()][:1], profile)
    JobRepository(store, calls.owner).create(job, items)
    runners = Runners(workers, {CAPABILITY})

    runner = await runners.start(job, calls, profile, VariantJob.of(job).prepare)
    await runner.wait()
    await runners.stop_all()

    assert workers.offered == [(job, calls.owner)] * offers
