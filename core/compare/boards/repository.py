"""Storage of boards and their results, by owner."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import Cell
from core.errors.types import NotFound, Unreadable
from core.runs.run import Run, RunState
from core.storage.compare_schema import compare_boards, compare_cells, compare_ratings
from core.storage.engine import sanitise_text
from core.storage.history_schema import IMPORTED_TAG, deleted_runs, run_tags
from core.storage.own_runs import own_runs
from core.storage.run_repository import RunRepository, upsert_run
from core.storage.schema import runs
from core.storage.store import Store

_RUNS_PER_QUERY = 500
# What is in the JSON of a response that calls tools. In a text, such as that of a reply, quotes are escaped.
_CALLS = ('"tool_calls": [', '"type": "function_call"', '"type": "custom_tool_call"')


@dataclass(frozen=True, slots=True)
class BoardSummary:
    """A board in a list."""

    id: str
    name: str
    created_at: datetime
    results: int


class SavedResult(NamedTuple):
    """A run as the result of a place. Later results have higher numbers."""

    number: int
    key: CellKey
    digest: str
    run_id: str


class BoardVersion(NamedTuple):
    """The numbers of the last edit, result and rating of a board, and how many ratings it has."""

    saved: int | None
    result: int | None
    rating: int | None
    ratings: int


class BoardRepository:
    """The boards of *owner*. A database failure raises nothing: see `Store.problem`."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def save(self, board: Board) -> None:
        """Save a new or edited board, which becomes the first in the list."""

        def upsert(connection: Connection) -> None:
            saved = 1 + (connection.scalar(select(func.max(compare_boards.c.saved))) or 0)
            values = {
                "name": sanitise_text(board.name),
                "body": sanitise_text(board.model_dump_json()),
                "saved": saved,
            }
            matches = compare_boards.c.id == board.id, compare_boards.c.owner == self._owner
            if not connection.execute(update(compare_boards).where(*matches).values(values)).rowcount:
                row = {"id": board.id, "owner": self._owner, "created_at": datetime.now(UTC), **values}
                connection.execute(insert(compare_boards).values(row))

        self._store.write(upsert)

    def get(self, board_id: str) -> Board:
        """Return a board. Raises NotFound or Unreadable."""
        columns = compare_boards.c
        is_shown = columns.owner == self._owner, columns.deleted_at.is_(None)
        query = select(columns.body).where(columns.id == board_id, *is_shown)
        body = self._store.read(lambda connection: connection.scalar(query))
        if body is None:
            raise NotFound("This board no longer exists. Reload the page.")
        try:
            return _parse_board(body)
        except ValidationError as error:
            raise Unreadable(
                "This board cannot be read", "Another version of the app has saved it.", detail=str(error)
            ) from error

    def version(self, board_id: str) -> BoardVersion:
        """Return what changes with every edit of a board, and with every result and rating."""
        boards, cells, ratings = compare_boards.c, compare_cells.c, compare_ratings.c
        is_shown = boards.id == board_id, boards.owner == self._owner, boards.deleted_at.is_(None)
        query = select(
            select(boards.saved).where(*is_shown).scalar_subquery(),
            select(func.max(cells.seq)).where(cells.board_id == board_id).scalar_subquery(),
            select(func.max(ratings.seq)).where(ratings.board_id == board_id).scalar_subquery(),
            select(func.count()).where(ratings.board_id == board_id).scalar_subquery(),
        )
        return BoardVersion(*self._store.read(lambda connection: connection.execute(query).one()))

    def list(self, limit: int = 50) -> Sequence[BoardSummary]:
        """Return the boards with the number of their results, last saved first."""
        columns = compare_boards.c
        count = select(func.count()).where(compare_cells.c.board_id == columns.id).scalar_subquery()
        query = (
            select(columns.id, columns.name, columns.created_at, count)
            .where(columns.owner == self._owner, columns.deleted_at.is_(None))
            .order_by(columns.saved.desc())
            .limit(limit)
        )
        return [BoardSummary(*row) for row in self._store.read(lambda c: c.execute(query).all())]

    def delete(self, board_id: str) -> None:
        """Hide a board; `restore` undoes this, `core.storage.board_deletion` makes it permanent."""
        self._set_deleted(board_id, datetime.now(UTC))

    def restore(self, board_id: str) -> None:
        """Undo the deletion of a board."""
        self._set_deleted(board_id, None)

    def _set_deleted(self, board_id: str, moment: datetime | None) -> None:
        matches = compare_boards.c.id == board_id, compare_boards.c.owner == self._owner
        statement = update(compare_boards).where(*matches).values(deleted_at=moment)
        self._store.write(lambda connection: connection.execute(statement))

    def board_of(self, run_id: str) -> str | None:
        """Return the id of the board that a run is, or was, a result of."""
        is_cell = compare_cells.c.board_id == compare_boards.c.id, compare_cells.c.run_id == run_id
        is_shown = compare_boards.c.owner == self._owner, compare_boards.c.deleted_at.is_(None)
        query = select(compare_boards.c.id).where(*is_cell, *is_shown)
        return self._store.read(lambda connection: connection.scalar(query))

    def deleted_results(self, board_id: str) -> Sequence[str]:
        """Return the ids of the board's runs that were deleted in the history, and can be restored."""
        is_result = compare_cells.c.run_id == deleted_runs.c.run_id, compare_cells.c.board_id == board_id
        query = select(deleted_runs.c.run_id).where(*is_result, deleted_runs.c.owner == self._owner)
        return self._store.read(lambda connection: connection.scalars(query).all())

    def restore_results(self, board_id: str) -> None:
        """Undo the deletion of the board's runs."""
        results = select(compare_cells.c.run_id).where(compare_cells.c.board_id == board_id)
        is_result = deleted_runs.c.run_id.in_(results), deleted_runs.c.owner == self._owner
        self._store.write(lambda connection: connection.execute(delete(deleted_runs).where(*is_result)))

    def add_cell(self, board_id: str, key: CellKey, digest: str, run_id: str) -> None:
        """Make a run the result of a place, unless it is. The results before it remain."""
        row = {**key._asdict(), "board_id": board_id, "digest": digest, "run_id": run_id}
        exists = select(compare_cells.c.seq).where(compare_cells.c.run_id == run_id)

        def add(connection: Connection) -> None:
            if connection.scalar(exists) is None:
                connection.execute(insert(compare_cells).values(row))

        self._store.write(add)

    def add_results(self, board_id: str, cells: Sequence[Cell]) -> None:
        """Save *cells* of an imported board with their runs, which are tagged so: others made the calls."""

        def add(connection: Connection) -> None:
            for cell in cells:
                upsert_run(connection, self._owner, cell.run)
            rows = [
                {**cell.key._asdict(), "board_id": board_id, "digest": cell.digest, "run_id": cell.run.id}
                for cell in cells
            ]
            if rows:
                connection.execute(insert(compare_cells), rows)
                tag = {"owner": self._owner, "tag": IMPORTED_TAG}
                connection.execute(insert(run_tags), [{**tag, "run_id": cell.run.id} for cell in cells])

        self._store.write(add)

    def cells(self, board_id: str) -> dict[CellKey, Cell]:
        """Return the latest ended result of each place, its run without messages; see `_runs`."""
        return self.latest_cells(self.results_after(board_id, 0))

    def results_after(self, board_id: str, number: int) -> Sequence[SavedResult]:
        """Return the results that were saved after the one with *number*, in order."""
        columns = compare_cells.c
        query = (
            select(
                columns.seq,
                columns.variant_id,
                columns.case_id,
                columns.repetition,
                columns.digest,
                columns.run_id,
            )
            .where(columns.board_id == board_id, columns.seq > number)
            .order_by(columns.seq)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return [SavedResult(seq, CellKey(*place), digest, run_id) for seq, *place, digest, run_id in rows]

    def latest_cells(self, results: Sequence[SavedResult]) -> dict[CellKey, Cell]:
        """Return the latest of *results* of each place whose run has ended.

        A result is saved just before its run is; until then the place has its earlier one.
        """
        latest = {result.key: result for result in results}
        ended = self._ended_runs([result.run_id for result in latest.values()])
        unsaved = {result.key for result in latest.values() if result.run_id not in ended}
        ended |= self._ended_runs([result.run_id for result in results if result.key in unsaved])
        return {
            result.key: Cell(result.key, result.digest, ended[result.run_id])
            for result in results
            if result.run_id in ended
        }

    def replaced_cells(self, board_id: str) -> Sequence[Cell]:
        """Return the ended results of all places that later ones have replaced, the earliest first."""
        results = self.results_after(board_id, 0)
        ended = self._ended_runs([result.run_id for result in results])
        known = [result for result in results if result.run_id in ended]
        latest = {result.key: result.run_id for result in known}
        return [
            Cell(result.key, result.digest, ended[result.run_id])
            for result in known
            if latest[result.key] != result.run_id
        ]

    def count_results(self, board_id: str) -> int:
        """Count the results of a board with those that later ones have replaced."""
        is_result = runs.c.id == compare_cells.c.run_id, runs.c.owner == self._owner
        query = select(func.count()).where(compare_cells.c.board_id == board_id, *is_result)
        return self._store.read(lambda connection: connection.scalar(query)) or 0

    def earlier_runs(self, board_id: str, key: CellKey) -> Sequence[Run]:
        """Return the runs that a place had, the newest first, with its present one."""
        columns = compare_cells.c
        query = (
            select(columns.run_id)
            .where(columns.board_id == board_id, columns.variant_id == key.variant_id)
            .where(columns.case_id == key.case_id, columns.repetition == key.repetition)
            .order_by(columns.seq.desc())
        )
        ids = self._store.read(lambda connection: connection.scalars(query).all())
        loaded = self._runs(ids)
        return [loaded[run_id] for run_id in ids if run_id in loaded]

    def _ended_runs(self, run_ids: Sequence[str]) -> dict[str, Run]:
        loaded = self._runs(run_ids)
        return {run_id: run for run_id, run in loaded.items() if run.state is not RunState.RUNNING}

    def _runs(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return runs, those that call tools with their responses: a summary has the text of a reply only."""
        repository = RunRepository(self._store, self._owner)
        loaded: dict[str, Run] = {}
        # In slices, because a statement has a limited number of parameters.
        for start in range(0, len(run_ids), _RUNS_PER_QUERY):
            ids = run_ids[start : start + _RUNS_PER_QUERY]
            loaded |= repository.summaries(ids)
            for run_id, run in repository.get_many(self._calling(ids)).items():
                loaded[run_id] = replace(loaded[run_id], response=run.response)
        return loaded

    def _calling(self, run_ids: Sequence[str]) -> Sequence[str]:
        """Return those of *run_ids* that call tools. The finish reason of a chosen call is "stop"."""
        calls = or_(*(runs.c.wire.contains(part, autoescape=True) for part in _CALLS))
        query = select(runs.c.id).where(*own_runs(self._owner, run_ids), calls)
        return self._store.read(lambda connection: connection.scalars(query).all())


# The pages read the same board again and again, and to parse one with many cases takes milliseconds.
@lru_cache(maxsize=8)
def _parse_board(body: str) -> Board:
    return Board.model_validate_json(body)
