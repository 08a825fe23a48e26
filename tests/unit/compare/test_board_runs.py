"""Running the cells of a board: with the sandbox, and with a server that decides when it replies."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from core.calls import CallService, new_run
from core.client.profile import Profile
from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import CellState, cell_states
from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import VariantJob, new_job
from core.compare.running.processes import cancel_board, running_work
from core.compare.running.runs import BoardProgress, BoardRuns, shared_progress
from core.runner import runner
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import Budget, Claim, WorkItem
from core.runs.run import RunState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for


@dataclass(slots=True)
class BoardStarter:
    """Runs boards as the app does."""

    calls: CallService
    repository: BoardRepository
    profiles: dict[str, Profile]
    runners: Runners = field(default_factory=Runners)
    runs: BoardRuns = field(init=False)

    def __post_init__(self) -> None:
        self.runs = BoardRuns(self.runners)

    @property
    def jobs(self) -> JobRepository:
        return JobRepository(self.calls.open_store(), "local")

    async def start(self, board: Board, *wanted: CellState) -> int:
        self.repository.save(board)
        return await self.runs.start(
            board, self.calls, self.profiles, wanted or {CellState.MISSING, CellState.STALE}
        )

    async def run(self, board: Board, *wanted: CellState) -> int:
        """Start and wait for the end."""
        count = await self.start(board, *wanted)
        await self.runs.wait(board.id, "local")
        return count

    def states(self, board: Board) -> Counter[CellState]:
        return Counter(cell_states(board, self.repository.cells(board.id)).values())

    async def until(self, board: Board, condition: Callable[[int], bool]) -> None:
        """Return when the number of results of *board* fulfils *condition*."""
        while not condition(len(self.repository.cells(board.id))):
            await asyncio.sleep(0.01)


@pytest.fixture
def starter(calls: CallService, store: Store, sandbox: SandboxServer) -> BoardStarter:
    profile = profile_for(sandbox.url, sandbox.key)
    return BoardStarter(calls, BoardRepository(store), {"test": profile})


@pytest.mark.parametrize("cases", [1, 40])
async def test_runs_every_cell_once(starter: BoardStarter, cases: int) -> None:
    board = board_of(variant_of(id="a"), variant_of("Bye {{name}}", id="b"), cases=cases, repetitions=2)

    count = await starter.run(board)

    assert count == cases * 4
    assert starter.states(board) == {CellState.DONE: cases * 4}
    progress = starter.runs.progress(board.id, "local")
    assert (progress.work.done, progress.is_running, progress.errors) == (cases * 4, False, {})
    run = starter.repository.cells(board.id)[CellKey("b", "c0", 1)].run
    assert run.capability == "compare"
    assert run.first_token is not None
    assert run.text


async def test_runs_nothing_again_that_is_done(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), cases=3)
    await starter.run(board)

    assert await starter.run(board) == 0


async def test_does_not_stop_for_a_variant_that_fails(starter: BoardStarter) -> None:
    board = board_of(
        variant_of(id="a"),
        variant_of(id="b", model="no-such-model"),
        variant_of(id="c", profile_id="removed"),
        cases=5,
    )

    await starter.run(board)

    states = cell_states(board, starter.repository.cells(board.id))
    assert {states[key] for key in states if key.variant_id == "a"} == {CellState.DONE}
    assert {states[key] for key in states if key.variant_id == "c"} == {CellState.MISSING}
    errors = starter.runs.progress(board.id, "local").errors
    assert errors.keys() == {"b", "c"}
    assert errors["b"].status == 404


async def test_runs_an_edited_variant_again_and_keeps_its_earlier_results(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=3)
    await starter.run(board)
    edited = board.with_variants([variant_of("Bye {{name}}", id="a"), board.variants[1]])

    count = await starter.run(edited, CellState.STALE)

    assert count == 3
    assert starter.states(edited) == {CellState.DONE: 6}
    runs = starter.repository.earlier_runs(board.id, CellKey("a", "c0", 1))
    assert len(runs) == 2
    assert runs[0].started_at > runs[1].started_at


async def test_runs_failed_cells_again_when_their_cause_is_gone(starter: BoardStarter) -> None:
    bad = variant_of(id="a", response_format={"type": "json_schema", "json_schema": {"name": "?"}})
    board = board_of(bad, cases=3)
    await starter.run(board)
    assert starter.states(board) == {CellState.FAILED: 3}

    assert await starter.run(board, CellState.MISSING) == 0
    assert await starter.run(board, CellState.FAILED) == 3


async def test_keeps_what_arrived_when_it_is_stopped_and_resumes_the_rest(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=60)
    await starter.start(board)
    await starter.until(board, lambda results: results > 3)

    await starter.runs.stop(board.id, starter.jobs)

    done = len(starter.repository.cells(board.id))
    assert starter.states(board) == Counter({CellState.DONE: done, CellState.MISSING: 120 - done})
    first = {key: cell.run.id for key, cell in starter.repository.cells(board.id).items()}
    resumed = await starter.run(board)
    cells = starter.repository.cells(board.id)
    assert resumed == 120 - done
    assert starter.states(board) == {CellState.DONE: 120}
    assert {key: cells[key].run.id for key in first} == first


async def test_requests_nothing_more_for_a_board_that_is_deleted(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=60)
    await starter.start(board)
    await starter.until(board, lambda results: results > 3)

    starter.repository.delete(board.id)
    await cancel_board(starter.runners, starter.jobs, board.id)

    assert not starter.runs.progress(board.id, "local").is_running
    assert starter.jobs.list("compare", unfinished=True) == []
    done = len(starter.repository.cells(board.id))
    assert starter.states(board) == Counter({CellState.DONE: done, CellState.MISSING: 120 - done})


@dataclass(slots=True)
class OtherApp:
    """What another process knows of boards: what is in the database."""

    store: Store
    runs: BoardRuns = field(default_factory=lambda: BoardRuns(Runners()))

    @property
    def jobs(self) -> JobRepository:
        return JobRepository(self.store, "local")

    def progress(self, board: Board) -> BoardProgress:
        work = running_work(self.jobs, "compare").get(board.id, ())
        return shared_progress(self.runs.progress(board.id, "local"), self.jobs, work)


async def test_is_seen_and_stopped_in_another_process(
    starter: BoardStarter, open_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_RENEWAL_INTERVAL", 0.02)
    board = board_of(variant_of(id="a"), cases=400)
    await starter.start(board)
    await starter.until(board, lambda results: results > 3)

    other = OtherApp(open_store())
    assert (other.progress(board).is_running, other.progress(board).work.total) == (True, 400)
    await other.runs.stop(board.id, other.jobs)
    await starter.runs.wait(board.id, "local")

    assert not other.progress(board).is_running

    progress = starter.runs.progress(board.id, "local").work
    assert progress.done < 400
    assert progress.waiting == 400 - progress.done


async def test_does_not_continue_with_a_prompt_that_was_edited_since(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), cases=60)
    await starter.start(board)
    await starter.until(board, lambda results: results > 3)
    await starter.runs.stop(board.id, starter.jobs)
    edited = board.with_variants([variant_of("Goodbye {{name}}", id="a")])

    await starter.run(edited)

    texts = {
        run.params["messages"][0]["content"].split()[0]
        for run in RunRepository(starter.calls.open_store())
        .get_many([cell.run.id for cell in starter.repository.cells(board.id).values()])
        .values()
    }
    assert texts == {"Goodbye"}
    assert starter.states(edited) == {CellState.DONE: 60}


async def test_continues_after_a_process_that_was_killed(starter: BoardStarter, store: Store) -> None:
    board = board_of(variant_of(id="a"), cases=12)
    starter.repository.save(board)
    saved, items = new_job(board, board.variants[0], list(board.cell_keys()), starter.profiles["test"])
    job = VariantJob.of(saved)
    queue = JobRepository(store, "local").create(saved, items)

    def claim(item: WorkItem) -> Claim:
        request = job.prepare(item)
        run = new_run("compare", request.call.endpoint, request.params, starter.profiles["test"])
        return Claim(item, run, request.call)

    assert len(queue.claim(5, claim)) == 5  # and then the process is killed

    assert await starter.run(board) == 12
    assert starter.states(board) == {CellState.DONE: 12}
    assert queue.progress().done == 12


async def test_does_not_request_again_what_is_under_way(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), cases=40)
    await starter.start(board)

    again = await starter.start(board)
    await starter.runs.wait(board.id, "local")

    assert again <= 40
    runs = RunRepository(starter.calls.open_store()).list("compare", limit=100)
    assert len(runs) == 40
    assert {run.state for run in runs} == {RunState.DONE}


async def test_stops_at_its_budget_and_continues_with_another_one(starter: BoardStarter) -> None:
    board = board_of(variant_of(id="a"), variant_of("Bye {{name}}", id="b"), cases=5)
    starter.repository.save(board)

    await starter.runs.start(board, starter.calls, starter.profiles, budget=Budget(tokens=2))
    await starter.runs.wait(board.id, "local")

    assert starter.runs.progress(board.id, "local").is_over_budget
    assert starter.states(board) == {CellState.DONE: 2, CellState.MISSING: 8}

    await starter.run(board)
    assert starter.states(board) == {CellState.DONE: 10}
    assert not starter.runs.progress(board.id, "local").is_over_budget
