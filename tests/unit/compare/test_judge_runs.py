"""The judge of a board in the background."""

import pytest

from core.calls import CallService
from core.compare.boards.judge import Judge
from core.compare.boards.repository import BoardRepository
from core.compare.judging.job import CAPABILITY
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.runs import JudgeRuns
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.sandbox.server import SandboxServer
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


async def test_explains_that_the_server_of_the_judge_was_removed(calls: CallService) -> None:
    with pytest.raises(PlaygroundError, match="removed"):
        await JudgeRuns(Runners()).start(BOARD, {}, calls, {})
