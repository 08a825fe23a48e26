"""What a worker takes from its environment, and which jobs it runs."""

import pytest

from core.compare.boards.judge import Judge
from core.compare.boards.repository import BoardRepository
from core.compare.judging.job import judge_job
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.verdicts import pairs_to_judge
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.runner.work import WorkJob
from core.storage.store import Store
from core.worker.handlers import handler_of
from core.worker.offers import connection_string
from core.worker.worker import profile_for_job
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for

OPENAI = "https://api.openai.com/v1"


def job_of(base_url: str, capability: str = "compare") -> WorkJob:
    return WorkJob(capability, "profile", base_url, "m")


def test_has_the_key_of_its_environment() -> None:
    profile = profile_for_job(job_of(OPENAI), {"OPENAI_API_KEY": "sk-worker"})

    assert (profile.base_url, profile.key) == (OPENAI, "sk-worker")


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="no key"),
        pytest.param({"OPENAI_API_KEY": "sk-worker", "OPENAI_BASE_URL": "https://other/v1"}, id="another"),
    ],
)
def test_sends_no_key_to_another_server(environ: dict[str, str]) -> None:
    with pytest.raises(PlaygroundError, match=f"no key for {OPENAI}") as raised:
        profile_for_job(job_of(OPENAI), environ)

    assert "OPENAI_BASE_URL" in raised.value.hint
    assert "sk-worker" not in str(raised.value)


def test_runs_only_jobs_that_need_nothing_of_the_app(store: Store) -> None:
    with pytest.raises(PlaygroundError, match="cannot run jobs of batches"):
        handler_of(job_of(OPENAI, "batches"), store, "local")


def test_judges_the_replies_of_a_board(store: Store) -> None:
    judge = Judge(profile_id="test", settings=ChatSettings(model="m"))
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=1, judge=judge)
    cells = cells_of(board, lambda key: run_of(f"Reply of {key.variant_id}"))
    BoardRepository(store).save(board)
    job, items = judge_job(board, cells, pairs_to_judge(cells), judge, profile_for(OPENAI))
    prepare, save = handler_of(job, store, "local")

    for item in items:
        request = prepare(item)
        assert "Reply of a" in request.params["messages"][-1]["content"]
        save(item, run_of('{"reason": "Shorter.", "winner": "first"}'))

    verdicts = JudgingRepository(store).verdicts(board.id, judge.digest)
    assert [(verdict.winner, verdict.reason) for verdict in verdicts] == [("first", "Shorter.")] * 2


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg"])
def test_connects_to_the_database_of_the_app(driver: str) -> None:
    url = connection_string(f"{driver}://ada:p%40ss@db:5433/team?sslmode=require")

    assert url == "postgresql://ada:p%40ss@db:5433/team?sslmode=require"
