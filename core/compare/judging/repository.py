"""Storage of ratings, verdicts and similarities, with the board that they are for."""

from collections.abc import Mapping, Sequence
from typing import cast, get_args

from sqlalchemy import Connection, delete, insert, select, update

from core.compare.boards.judge import Winner
from core.compare.judging.ratings import Rating
from core.compare.judging.verdicts import Verdict
from core.storage.compare_schema import (
    compare_boards,
    compare_ratings,
    compare_similarities,
    compare_verdicts,
)
from core.storage.engine import sanitise_text
from core.storage.store import Store


class JudgingRepository:
    """What is thought of the boards of *owner*. That of any other board is not saved, and empty."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def rate(self, board_id: str, run_id: str, rating: Rating, rater: str = "") -> None:
        """Save the rating of a run by *rater*, in place of an earlier one; an empty one deletes it."""
        columns = compare_ratings.c
        matches = columns.board_id == board_id, columns.run_id == run_id, columns.rater == rater
        row = {"board_id": board_id, "run_id": run_id, "rater": rater}
        row["body"] = sanitise_text(rating.model_dump_json(exclude_defaults=True))

        def save(connection: Connection) -> None:
            if self._owns(connection, board_id):
                connection.execute(delete(compare_ratings).where(*matches))
                if not rating.is_empty:
                    connection.execute(insert(compare_ratings).values(row))

        self._store.write(save)

    def ratings(self, board_id: str, rater: str = "") -> dict[str, Rating]:
        """Return the ratings of *rater* by the id of the run."""
        columns = compare_ratings.c
        query = (
            select(columns.run_id, columns.body)
            .join_from(compare_ratings, compare_boards, compare_boards.c.id == columns.board_id)
            .where(columns.board_id == board_id, columns.rater == rater)
            .where(compare_boards.c.owner == self._owner)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return {row.run_id: Rating.model_validate_json(row.body) for row in rows}

    def add_verdict(self, board_id: str, judge: str, verdict: Verdict) -> None:
        """Save a verdict of the judge with the digest *judge*, in place of one on the same pair."""
        columns = compare_verdicts.c
        matches = (
            columns.board_id == board_id,
            columns.judge == judge,
            columns.first_run_id == verdict.first_run_id,
            columns.second_run_id == verdict.second_run_id,
        )
        row = _row(board_id, judge, verdict)

        def save(connection: Connection) -> None:
            if not self._owns(connection, board_id):
                return
            if not connection.execute(update(compare_verdicts).where(*matches).values(row)).rowcount:
                connection.execute(insert(compare_verdicts).values(row))

        self._store.write(save)

    def add_verdicts(self, board_id: str, judge: str, verdicts: Sequence[Verdict]) -> None:
        """Save *verdicts* of the judge with the digest *judge* on a new board, such as an imported one."""
        # The last on each pair, which `add_verdict` would leave.
        by_pair = {(verdict.first_run_id, verdict.second_run_id): verdict for verdict in verdicts}
        rows = [_row(board_id, judge, verdict) for verdict in by_pair.values()]

        def save(connection: Connection) -> None:
            if rows and self._owns(connection, board_id):
                connection.execute(insert(compare_verdicts), rows)

        self._store.write(save)

    def verdicts(self, board_id: str, judge: str) -> list[Verdict]:
        """Return the verdicts of the judge with the digest *judge*."""
        columns = compare_verdicts.c
        query = (
            select(compare_verdicts)
            .join_from(compare_verdicts, compare_boards, compare_boards.c.id == columns.board_id)
            .where(columns.board_id == board_id, columns.judge == judge)
            .where(compare_boards.c.owner == self._owner)
            .order_by(columns.seq)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return [
            Verdict(
                row.first_run_id,
                row.second_run_id,
                cast(Winner, row.winner) if row.winner in get_args(Winner) else None,
                row.reason,
                row.run_id,
            )
            for row in rows
        ]

    def add_similarities(self, board_id: str, values: Mapping[str, float]) -> None:
        """Save similarities by their digest; see `similarity_digest`. Those that are saved remain."""
        columns = compare_similarities.c

        def save(connection: Connection) -> None:
            saved = set(connection.scalars(select(columns.digest).where(columns.board_id == board_id)))
            rows = [
                {"board_id": board_id, "digest": digest, "value": value}
                for digest, value in values.items()
                if digest not in saved
            ]
            if rows and self._owns(connection, board_id):
                connection.execute(insert(compare_similarities), rows)

        self._store.write(save)

    def similarities(self, board_id: str) -> dict[str, float]:
        """Return the similarities by their digest."""
        columns = compare_similarities.c
        query = (
            select(columns.digest, columns.value)
            .join_from(compare_similarities, compare_boards, compare_boards.c.id == columns.board_id)
            .where(columns.board_id == board_id, compare_boards.c.owner == self._owner)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return {row.digest: row.value for row in rows}

    def _owns(self, connection: Connection, board_id: str) -> bool:
        columns = compare_boards.c
        query = select(columns.seq).where(columns.id == board_id, columns.owner == self._owner)
        return connection.scalar(query) is not None


def _row(board_id: str, judge: str, verdict: Verdict) -> dict[str, str]:
    return {
        "board_id": board_id,
        "judge": judge,
        "first_run_id": verdict.first_run_id,
        "second_run_id": verdict.second_run_id,
        "winner": verdict.winner or "invalid",
        "reason": sanitise_text(verdict.reason),
        "run_id": verdict.run_id,
    }
