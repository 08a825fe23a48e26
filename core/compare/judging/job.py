"""The job in which a judge compares the replies of a board, pair by pair."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import Cells
from core.compare.boards.judge import Judge, JudgedPair, parse_verdict
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.verdicts import Verdict
from core.compare.variants.reply import reply_text
from core.compare.variants.requests import chat_request
from core.completions.call import ChatCompletionCall
from core.json_values import json_objects
from core.runner.work import WorkItem, WorkJob, WorkRequest
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "compare.judge"


class _JudgeJobData(BaseModel):
    board_id: str
    judge: Judge


def judge_job(
    board: Board, cells: Cells, pairs: Sequence[tuple[CellKey, CellKey]], judge: Judge, profile: "Profile"
) -> tuple[WorkJob, list[WorkItem]]:
    """Create a job that judges the *pairs* of *cells*; see `pairs_to_judge`."""
    questions = _questions(board)
    cases = {case.id: case for case in board.cases}
    data = _JudgeJobData(board_id=board.id, judge=judge).model_dump(mode="json")
    title = f"{board.name} · judge"
    job = WorkJob(CAPABILITY, profile.id, profile.base_url, judge.settings.model, title, data=data)
    items = []
    for first, second in pairs:
        one, other = cells[first].run, cells[second].run
        case = cases[first.case_id]
        pair = JudgedPair(questions[case.id], reply_text(one), reply_text(other), case.expected or "")
        item_data = {"first": one.id, "second": other.id, "pair": asdict(pair)}
        items.append(WorkItem(f"{one.id}/{other.id}", item_data))
    return job, items


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """Makes the requests of a job, and saves the verdicts."""

    board_id: str
    judge: Judge
    repository: JudgingRepository

    @classmethod
    def of(cls, job: WorkJob, repository: JudgingRepository) -> "JudgeJob":
        data = _JudgeJobData.model_validate(job.data)
        return cls(data.board_id, data.judge, repository)

    def prepare(self, item: WorkItem) -> WorkRequest:
        """Build the request that judges a pair."""
        return WorkRequest(self.judge.request(JudgedPair(**item.data["pair"])), ChatCompletionCall())

    def save(self, item: WorkItem, run: Run) -> None:
        """Save the verdict of a reply; a call that fails has none, and can be made again."""
        if run.state is RunState.DONE:
            winner, reason = parse_verdict(run.text)
            verdict = Verdict(item.data["first"], item.data["second"], winner, reason, run.id)
            self.repository.add_verdict(self.board_id, self.judge.digest, verdict)


def _questions(board: Board) -> Mapping[str, str]:
    """Return what the first enabled variant asks in each case, without its instructions."""
    variant = board.enabled_variants[0]
    questions = {}
    for case in board.cases:
        messages = json_objects(chat_request(variant, case.variables)["messages"])
        texts = [str(message["content"]) for message in messages if message["role"] == "user"]
        questions[case.id] = "\n\n".join(texts)
    return questions
