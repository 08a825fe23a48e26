"""The judge of a board in the background."""

import asyncio
import json

import pytest

from core.calls import CallService
from core.compare.boards.board import Case
from core.compare.boards.judge import Judge
from core.compare.boards.repository import BoardRepository
from core.compare.judging.job import CAPABILITY
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.runs import JudgeRuns
from core.compare.judging.verdicts import pairs_to_judge
from core.compare.running.processes import cancel_board
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import Budget, RunnerState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for

JUDGE = Judge(profile_id="test", settings=ChatSettings(model="gpt-4o-mini"))
BOARD = board_of(variant_of(id="a"), variant_of(id="b"), cases=2, judge=JUDGE)


async def test_judges_each_pair_once_in_both_orders(
    calls: CallService, store: Store, sandbox: SandboxServer
) -> None:
    boards, judging, runs = BoardRepository(store), JudgingRepository(store), JudgeRuns(Runners())
    cells = cells_of(BOARD, lambda key: run_of(key.variant_id))
    boards.save(BOARD)
    boards.add_results(BOARD.id, list(cells.values()))
    profiles = {"test": profile_for(sandbox.url, key=sandbox.key)}

    await runs.start(BOARD, cells, calls, profiles)
    runner = runs.runner(BOARD.id, calls.owner)
    assert runner
    await runner.wait()

    verdicts = judging.verdicts(BOARD.id, JUDGE.digest)
    orders = {(verdict.first_run_id, verdict.second_run_id) for verdict in verdicts}
    assert len(verdicts) == len(orders) == 4
    with pytest.raises(PlaygroundError, match="nothing to judge"):
        await runs.start(BOARD, cells, calls, profiles)
    assert len(JobRepository(store, calls.owner).list(CAPABILITY)) == 1


async def test_judges_replies_of_the_responses_api(
    calls: CallService, store: Store, sandbox: SandboxServer
) -> None:
    board = board_of(variant_of(id="a", api="responses"), variant_of(id="b"), cases=1, judge=JUDGE)
    runs = JudgeRuns(Runners())
    BoardRepository(store).save(board)

    cells = cells_of(board, lambda key: run_of(key.variant_id))
    await runs.start(board, cells, calls, {"test": profile_for(sandbox.url, key=sandbox.key)})
    runner = runs.runner(board.id, calls.owner)
    assert runner
    await runner.wait()

    [question] = {
        json.loads(run.params["messages"][-1]["content"])["question"]
        for run in RunRepository(store, calls.owner)
        .get_many([verdict.run_id for verdict in JudgingRepository(store).verdicts(board.id, JUDGE.digest)])
        .values()
    }
    assert question == "Say hello to 0."


async def test_explains_that_the_server_of_the_judge_was_removed(calls: CallService) -> None:
    with pytest.raises(PlaygroundError, match="removed"):
        await JudgeRuns(Runners()).start(BOARD, {}, calls, {})


async def test_continues_within_a_budget_what_another_process_has_left(
    calls: CallService, store: Store, sandbox: SandboxServer
) -> None:
    boards, judging = BoardRepository(store), JudgingRepository(store)
    board = BOARD.with_cases([Case(variables={"name": str(number)}) for number in range(20)])
    cells = cells_of(board, lambda key: run_of(key.variant_id))
    boards.save(board)
    boards.add_results(board.id, list(cells.values()))
    profiles = {"test": profile_for(sandbox.url, key=sandbox.key)}

    first = JudgeRuns(Runners())
    await first.start(board, cells, calls, profiles, Budget(tokens=1_000))
    runner = first.runner(board.id, calls.owner)
    assert runner
    assert await runner.wait() is RunnerState.OVER_BUDGET
    judged = len(judging.verdicts(board.id, JUDGE.digest))
    assert 0 < judged < 40

    # Another process knows what is in the database only.
    second = JudgeRuns(Runners())
    await second.start(board, cells, calls, profiles)
    runner = second.runner(board.id, calls.owner)
    assert runner
    assert await runner.wait() is RunnerState.DONE
    assert (runner.progress.done, runner.progress.failed) == (40, 0)
    assert len(judging.verdicts(board.id, JUDGE.digest)) == 40
    assert len(JobRepository(store, calls.owner).list(CAPABILITY)) == 1


async def test_judges_no_replies_that_have_been_replaced(calls: CallService, store: Store) -> None:
    boards, jobs, runs = BoardRepository(store), JobRepository(store, calls.owner), JudgeRuns(Runners())
    boards.save(BOARD)
    profiles = {"test": profile_for("http://127.0.0.1:9/v1")}
    for _ in range(2):
        cells = cells_of(BOARD, lambda key: run_of(key.variant_id))
        boards.add_results(BOARD.id, list(cells.values()))
        await runs.start(BOARD, cells, calls, profiles, Budget(tokens=0))
        runner = runs.runner(BOARD.id, calls.owner)
        assert runner
        await runner.wait()

    replaced, current = reversed([jobs.queue(job.id).progress() for job in jobs.list(CAPABILITY)])
    assert (replaced.waiting, replaced.cancelled) == (0, 4)
    assert (current.waiting, current.cancelled) == (4, 0)


async def test_judges_nothing_more_for_a_board_that_is_deleted(
    calls: CallService, store: Store, sandbox: SandboxServer
) -> None:
    boards, judging, jobs = (
        BoardRepository(store),
        JudgingRepository(store),
        JobRepository(store, calls.owner),
    )
    board = BOARD.with_cases([Case(variables={"name": str(number)}) for number in range(60)])
    boards.save(board)
    runners = Runners()
    runs = JudgeRuns(runners)
    cells = cells_of(board, lambda key: run_of(key.variant_id))
    await runs.start(board, cells, calls, {"test": profile_for(sandbox.url, key=sandbox.key)})
    while not judging.verdicts(board.id, JUDGE.digest):
        await asyncio.sleep(0.01)

    boards.delete(board.id)
    await cancel_board(runners, jobs, board.id)
    boards.restore(board.id)

    [job] = jobs.list(CAPABILITY)
    progress = jobs.queue(job.id).progress()
    assert progress.is_complete
    assert progress.cancelled
    assert len(judging.verdicts(board.id, JUDGE.digest)) == progress.done
    assert len(pairs_to_judge(cells, judging.verdicts(board.id, JUDGE.digest))) == progress.cancelled
