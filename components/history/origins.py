"""The pages that runs come from, and the address at which each shows a run again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from components.runtime import resources
from components.session import repositories, session
from core.errors.types import NotFound, Unreadable
from core.runs.run import Run

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """A page that makes runs, and the button that opens one there.

    *query* returns the parameters of the address; None if nothing is left to open, as after a deletion.
    """

    page: str
    label: str
    icon: str
    query: Callable[[Run], Query | None]


def _conversation(run: Run) -> Query | None:
    conversation_id = repositories.conversation_repository().conversation_of(run.id)
    return {"c": conversation_id} if conversation_id else None


def _board(run: Run) -> Query | None:
    from core.compare.boards.repository import BoardRepository

    board_id = BoardRepository(resources.store(), session.OWNER).board_of(run.id)
    return {"board": board_id} if board_id else None


def _comparison(run: Run) -> Query | None:
    comparison_id = repositories.saved_drafts("compare").find(run.id)
    return {"comparison": comparison_id} if comparison_id else None


def _judged_board(run: Run) -> Query | None:
    from core.compare.boards.repository import BoardRepository
    from core.runner.repository import JobRepository

    try:
        board_id = JobRepository(resources.store(), session.OWNER).get(run.parent_id).data["board_id"]
        return {"board": BoardRepository(resources.store(), session.OWNER).get(board_id).id}
    except (NotFound, Unreadable):
        return None


def _loop(run: Run) -> Query | None:
    return {"loop": run.parent_id} if run.recorded and run.parent_id else None


def _check(run: Run) -> Query | None:
    return {"check": run.parent_id} if run.recorded and run.parent_id else None


def _batch(run: Run) -> Query | None:
    from core.batches.repository import BatchRepository

    records = BatchRepository(resources.store(), session.OWNER).list() if run.parent_id else []
    return next(
        ({"batch": record.id} for record in records if run.parent_id in (record.id, record.job_id)), None
    )


def _run(run: Run) -> Query | None:
    return {"run": run.id} if run.recorded else None


def find_origin(run: Run) -> tuple[Origin, Query] | None:
    """Return the page that shows *run* again, and its address there; None if none does."""
    for origin in ORIGINS.get(run.capability, ()):
        if query := origin.query(run):
            return origin, query
    return None


_BOARD = Origin("compare.py", "Open board", ":material/compare:", _board)
_EXTRACTION = Origin("extractor.py", "Open in Extractor", ":material/data_object:", _run)
_COMPARISON = Origin("compare.py", "Open comparison", ":material/compare:", _comparison)
# By the capability of a run: the first one that has it. A page that makes runs enters this table.
ORIGINS: Mapping[str, Sequence[Origin]] = {
    "chat": (Origin("chat.py", "Open conversation", ":material/forum:", _conversation),),
    "compare": (_BOARD, _COMPARISON),
    "compare.batch": (_BOARD,),
    "compare.judge": (Origin("compare.py", "Open board", ":material/compare:", _judged_board),),
    "tools": (Origin("tools.py", "Open in Tools", ":material/build:", _loop),),
    "tools-check": (Origin("tools.py", "Open in Tools", ":material/build:", _check),),
    "vision": (Origin("vision.py", "Open in Vision", ":material/visibility:", _run),),
    "embeddings": (Origin("embeddings.py", "Open in Embeddings", ":material/scatter_plot:", _run),),
    "extractor": (_EXTRACTION,),
    "extractor-consistency": (_EXTRACTION,),
    "extractor.batch": (_EXTRACTION,),
    "batches": (Origin("batches.py", "Open batch", ":material/stacks:", _batch),),
    "resilience": (Origin("resilience.py", "Open in Resilience", ":material/health_and_safety:", _run),),
}
