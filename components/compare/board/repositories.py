"""The boards of this session's owner, and the runs of their cells."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import session
from core.errors.types import NotFound

if TYPE_CHECKING:
    from core.batches.repository import BatchRepository
    from core.compare.boards.board import Board
    from core.compare.boards.repository import BoardRepository
    from core.compare.judging.repository import JudgingRepository
    from core.compare.judging.runs import JudgeRuns
    from core.compare.judging.similarity import TextSimilarity
    from core.compare.running.runs import BoardProgress, BoardRuns
    from core.history.repository import HistoryRepository
    from core.runner.repository import JobRepository
    from core.runner.work import WorkJob

    Running = Mapping[str, Sequence[WorkJob]]


def board_repository() -> "BoardRepository":
    from core.compare.boards.repository import BoardRepository

    return BoardRepository(resources.store(), session.OWNER)


def judging_repository() -> "JudgingRepository":
    from core.compare.judging.repository import JudgingRepository

    return JudgingRepository(resources.store(), session.OWNER)


def saved_similarity(board: "Board") -> "TextSimilarity":
    """Return what the embeddings have said that were requested for *board*."""
    from core.compare.judging.similarity import TextSimilarity

    is_needed = any(check.kind == "similarity" for check in board.checks)
    return TextSimilarity(judging_repository().similarities(board.id) if is_needed else {})


def find_board(board_id: str) -> "Board | None":
    """Return a board; None if it was deleted, which another page may do. Raises Unreadable."""
    try:
        return board_repository().get(board_id)
    except NotFound:
        return None


def update_board(board_id: str, change: "Callable[[Board], Board]") -> None:
    """Save what *change* makes of a board, unless it is deleted or the same."""
    board = find_board(board_id)
    if board and (changed := change(board)) != board:
        board_repository().save(changed)


@cache
def board_runs() -> "BoardRuns":
    """Return the boards that this process runs."""
    from core.compare.running.runs import BoardRuns

    return BoardRuns(resources.runners())


def board_progress(board_id: str, running: "Running | None" = None) -> "BoardProgress":
    """Return how far a board is that this process or another runs. *running* saves the query for it."""
    from core.compare.running.runs import shared_progress

    own = board_runs().progress(board_id, session.OWNER)
    if own.is_running:  # no query, as each run of the page asks several times
        return own
    running = running_boards() if running is None else running
    return shared_progress(own, job_repository(), running.get(board_id, ()))


def running_boards() -> "Running":
    """Return the jobs of the boards that any process runs, by the id of the board."""
    from core.compare.running.jobs import CAPABILITY
    from core.compare.running.processes import running_work

    return running_work(job_repository(), CAPABILITY)


@cache
def judge_runs() -> "JudgeRuns":
    """Return the judges that this process runs."""
    from core.compare.judging.runs import JudgeRuns

    return JudgeRuns(resources.runners())


def job_repository() -> "JobRepository":
    from core.runner.repository import JobRepository

    return JobRepository(resources.store(), session.OWNER)


def batch_repository() -> "BatchRepository":
    from core.batches.repository import BatchRepository

    return BatchRepository(resources.store(), session.OWNER)


def history_repository() -> "HistoryRepository":
    from core.history.repository import HistoryRepository

    return HistoryRepository(resources.store(), session.OWNER)
