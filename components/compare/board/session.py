"""What this browser session has open on the Boards view, and its requests that the page does not wait for."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from components.compare.board.repositories import board_repository, saved_similarity
from components.session import session
from components.session.panel_cache import PanelCache
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.runs import event_loop

if TYPE_CHECKING:
    from core.compare.boards.board import Board, Case
    from core.compare.boards.repository import BoardVersion
    from core.compare.boards.results import BoardResults
    from core.compare.boards.successor import Change
    from core.embeddings.cache import VectorCache
    from core.errors.types import Explanation

# Seconds that the page waits, so that what is fast is drawn at once.
_SHORT_WAIT = 0.25


@dataclass(slots=True, eq=False)
class BoardSession:
    """What is open, and what a rerun of the page must not forget.

    *inspected* is the run whose details are open, *edited* the variant whose settings are. *edits* counts
    what must give an editor new widgets: its opening, or cases that it has not made itself. *deleted* is the
    last board that was deleted, *drawn* the version of the board that was drawn last. The editor of cases is
    *case_editor*; *case_base* are the cases that its changes apply to. *successor_changes* are by the id of
    the variant, *blind_row* is the row that is rated blind, and *import_notes* are about the board that was
    imported last.
    """

    inspected: str | None = None
    edited: str | None = None
    edits: int = 0
    blind_row: int = 0
    import_notes: tuple[str, Sequence[str]] | None = None
    successor_changes: "Mapping[str, tuple[Change, ...]]" = field(default_factory=dict)
    deleted: "Board | None" = None
    drawn: "BoardVersion | None" = None
    case_editor: str = ""
    case_base: "tuple[Case, ...]" = ()
    cache: PanelCache = field(default_factory=PanelCache)
    errors: "dict[str, Explanation]" = field(default_factory=dict)
    _vectors: "VectorCache | None" = None
    _results: "BoardResults | None" = None
    _tasks: "dict[str, Future[None]]" = field(default_factory=dict)

    @property
    def opened(self) -> tuple[str | None, str | None, int]:
        """What is open beside the board."""
        return self.inspected, self.edited, self.edits

    def inspect(self, run_id: str | None) -> None:
        self.inspected = run_id

    def edit(self, variant_id: str | None) -> None:
        self.edited = variant_id
        self.edits += 1

    def results(self, board: "Board") -> "BoardResults":
        """Return the results of *board* as they are now."""
        from core.compare.boards.results import BoardResults

        results = self._results
        if results is None or results.board != board:
            # Texts that were compared once need no other request, neither after an edit nor after a restart.
            results = BoardResults(board, saved_similarity(board))
        results.refresh(board_repository())
        self._results = results
        return results

    @property
    def vectors(self) -> "VectorCache":
        """The embeddings of similarity checks."""
        from core.embeddings.cache import VectorCache

        if self._vectors is None:
            self._vectors = VectorCache()
        return self._vectors

    def start(self, board_id: str, request: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run *request* for a board in the background, unless another one is still under way."""
        if self.is_busy(board_id):
            return
        self.errors.pop(board_id, None)
        self._tasks[board_id] = task = event_loop.submit(self._run(board_id, request()))
        wait([task], _SHORT_WAIT)

    def is_busy(self, board_id: str) -> bool:
        """Whether a request for a board is under way."""
        task = self._tasks.get(board_id)
        if task is not None and task.done():
            self._tasks.pop(board_id).result()  # raises what nobody expected
            return False
        return task is not None

    async def _run(self, board_id: str, request: Coroutine[Any, Any, object]) -> None:
        try:
            await request
        except PlaygroundError as error:
            self.errors[board_id] = explain(error)


def board_session() -> BoardSession:
    """Return the state of this browser session."""
    return session.session_object(BoardSession)
