"""Storage of schemas by their content, and of the rows that were extracted with each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, or_, select, update

from core.extractor.documents import TextDocument
from core.extractor.results.outcome import Outcome, OutcomeKind
from core.json_schema.schema import JsonSchema, SchemaDocument
from core.json_schema.validation import validate
from core.json_values import storable_text
from core.storage.schema import extracted_rows, extractor_schemas, work_jobs
from core.storage.store import Store


@dataclass(frozen=True, slots=True)
class ExtractedRow:
    """What was extracted from a document. *value* is the corrected one if the user has edited it."""

    id: str
    document: str
    text: str
    outcome: OutcomeKind
    value: Any
    problems: tuple[str, ...]
    run_id: str
    is_edited: bool = False
    expected: dict[str, Any] | None = None

    def is_invalid(self, name: str) -> bool:
        """Whether a problem concerns the field *name* or a value inside it."""
        return any(problem.startswith((f"{name}:", f"{name}.", f"{name}[")) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class SavedSchema:
    """A schema with the number of its rows. Schemas of the same name are versions of each other."""

    document: SchemaDocument
    version: int
    rows: int


@dataclass(frozen=True, slots=True)
class JobRows:
    """A job with the number of its rows."""

    job_id: str
    title: str
    created_at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Rows with *search* in their name, text or values, and of one job; empty for any."""

    search: str = ""
    job_id: str = ""


ALL_ROWS = RowFilter()


class ExtractionRepository:
    """The schemas and extracted rows of *owner*."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def save_schema(self, document: SchemaDocument) -> None:
        """Save *document* unless a schema of the same content is saved."""

        def save(connection: Connection) -> None:
            matches = self._has_digest(extractor_schemas.c.digest, document.digest)
            query = select(extractor_schemas.c.id).where(extractor_schemas.c.owner == self._owner, matches)
            if connection.scalar(query) is None:
                row = {
                    "id": uuid4().hex,
                    "owner": self._owner,
                    "name": document.name,
                    "digest": document.digest,
                }
                body = json.dumps(document.schema, ensure_ascii=False)
                connection.execute(
                    insert(extractor_schemas).values(**row, body=body, created_at=datetime.now(UTC))
                )

        self._store.write(save)

    def schema(self, digest: str) -> SchemaDocument | None:
        """Return the saved schema with *digest*; None if there is none."""
        columns = extractor_schemas.c
        matches = columns.owner == self._owner, self._has_digest(columns.digest, digest)
        query = select(columns.name, columns.body).where(*matches)
        row = self._store.read(lambda connection: connection.execute(query).one_or_none())
        return SchemaDocument(row.name, json.loads(row.body)) if row else None

    def has_schemas(self) -> bool:
        query = select(extractor_schemas.c.seq).where(extractor_schemas.c.owner == self._owner).limit(1)
        return self._store.read(lambda connection: connection.scalar(query)) is not None

    def schemas(self) -> list[SavedSchema]:
        """Return the saved schemas, the newest first."""
        columns = extractor_schemas.c
        count = (
            select(func.count())
            .where(extracted_rows.c.owner == self._owner, extracted_rows.c.digest == columns.digest)
            .scalar_subquery()
        )
        query = (
            select(columns.name, columns.body, count)
            .where(columns.owner == self._owner)
            .order_by(columns.seq)
        )
        # They are numbered from the oldest.
        versions: dict[str, int] = {}
        saved = []
        for name, body, rows in self._store.read(lambda connection: connection.execute(query).all()):
            versions[name] = versions.get(name, 0) + 1
            saved.append(SavedSchema(SchemaDocument(name, json.loads(body)), versions[name], rows))
        return saved[::-1]

    def save_row(
        self, key: tuple[str, str], digest: str, document: TextDocument, result: tuple[Outcome, str]
    ) -> None:
        """Save the outcome and run of *document*; the row of *key*, a job and an item, is replaced."""
        (job_id, item), (outcome, run_id) = key, result
        values = {
            "digest": digest,
            "document": document.name,
            "text": document.text,
            "expected": _to_json(document.expected),
            "outcome": outcome.kind.value,
            "value": _to_json(outcome.value),
            "problems": _to_json(outcome.problem_texts()),
            "run_id": run_id,
            "edited": False,
        }

        def save(connection: Connection) -> None:
            matches = extracted_rows.c.job_id == job_id, extracted_rows.c.key == item
            if not connection.execute(update(extracted_rows).where(*matches).values(**values)).rowcount:
                new = {"id": uuid4().hex, "owner": self._owner, "job_id": job_id, "key": item}
                connection.execute(
                    insert(extracted_rows).values(**new, **values, created_at=datetime.now(UTC))
                )

        self._store.write(save)

    def rows(
        self, digest: str, rows: RowFilter = ALL_ROWS, limit: int = 500, offset: int = 0
    ) -> list[ExtractedRow]:
        """Return rows of a schema: the newest job first, and of a job in the order of its documents."""
        started = func.min(extracted_rows.c.seq).over(partition_by=extracted_rows.c.job_id)
        query = self._select(select(extracted_rows), digest, rows)
        query = query.order_by(started.desc(), extracted_rows.c.key).limit(limit).offset(offset)
        return [_to_row(row) for row in self._store.read(lambda connection: connection.execute(query).all())]

    def row(self, row_id: str) -> ExtractedRow | None:
        """Return the row with *row_id*; None if it was deleted."""
        columns = extracted_rows.c
        query = select(extracted_rows).where(columns.owner == self._owner, columns.id == row_id)
        row = self._store.read(lambda connection: connection.execute(query).one_or_none())
        return _to_row(row) if row else None

    def count(self, digest: str, rows: RowFilter = ALL_ROWS) -> int:
        query = self._select(select(func.count()).select_from(extracted_rows), digest, rows)
        return self._store.read(lambda connection: connection.scalar(query)) or 0

    def compared(self, digest: str, rows: RowFilter = ALL_ROWS) -> list[tuple[Any, dict[str, Any]]]:
        """Return the values of the rows that have expected ones, with these."""
        columns = extracted_rows.c
        query = self._select(select(columns.value, columns.expected), digest, rows)
        query = query.where(columns.expected != "null")
        pairs = self._store.read(lambda connection: connection.execute(query).all())
        return [(json.loads(value), json.loads(expected)) for value, expected in pairs]

    def sources(self, digest: str, limit: int = 50) -> list[JobRows]:
        """Return the jobs that have rows of a schema, the newest first."""
        jobs, rows = work_jobs.c, extracted_rows.c
        query = (
            select(jobs.id, jobs.title, jobs.created_at, func.count())
            .join(extracted_rows, rows.job_id == jobs.id)
            .where(rows.owner == self._owner, self._has_digest(rows.digest, digest))
            .group_by(jobs.seq, jobs.id, jobs.title, jobs.created_at)
            .order_by(jobs.seq.desc())
            .limit(limit)
        )
        return [JobRows(*row) for row in self._store.read(lambda c: c.execute(query).all())]

    def saved_runs(self, run_ids: Sequence[str]) -> set[str]:
        """Return those of *run_ids* that have a row."""
        columns = extracted_rows.c
        query = select(columns.run_id).where(columns.owner == self._owner, columns.run_id.in_(run_ids))
        return set(self._store.read(lambda connection: connection.scalars(query).all()))

    def edit(self, row_id: str, value: Any, schema: JsonSchema) -> None:
        """Replace the value of a row by one that the user has corrected."""
        problems = [f"{problem.field}: {problem.message}" for problem in validate(value, schema)]
        values = {
            "value": _to_json(value),
            "problems": _to_json(problems),
            "outcome": (OutcomeKind.MISMATCH if problems else OutcomeKind.VALID).value,
            "edited": True,
        }
        matches = extracted_rows.c.owner == self._owner, extracted_rows.c.id == row_id
        self._store.write(lambda c: c.execute(update(extracted_rows).where(*matches).values(**values)))

    def delete(self, row_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Delete rows, and return them for `restore`; their runs remain in the history."""
        matches = extracted_rows.c.owner == self._owner, extracted_rows.c.id.in_(row_ids)

        def remove(connection: Connection) -> list[dict[str, Any]]:
            rows = connection.execute(select(extracted_rows).where(*matches)).mappings().all()
            connection.execute(delete(extracted_rows).where(*matches))
            return [dict(row) for row in rows]

        return self._store.run_transaction(remove)

    def restore(self, deleted: Sequence[Mapping[str, Any]]) -> None:
        """Save deleted rows again, without those whose document has been extracted again since."""

        def save(connection: Connection) -> None:
            columns = extracted_rows.c
            jobs = {row["job_id"] for row in deleted}
            query = select(columns.job_id, columns.key).where(columns.job_id.in_(jobs))
            existing = {(row.job_id, row.key) for row in connection.execute(query)}
            rows = [dict(row) for row in deleted if (row["job_id"], row["key"]) not in existing]
            if rows:
                connection.execute(insert(extracted_rows), rows)

        self._store.write(save)

    def _select(self, query: Select[Any], digest: str, rows: RowFilter) -> Select[Any]:
        columns = extracted_rows.c
        query = query.where(columns.owner == self._owner, self._has_digest(columns.digest, digest))
        if rows.job_id:
            query = query.where(columns.job_id == rows.job_id)
        if not rows.search:
            return query
        searched = (columns.document, columns.text, columns.value)
        return query.where(or_(*(column.icontains(rows.search, autoescape=True) for column in searched)))

    @staticmethod
    def _has_digest(column: Any, digest: str) -> ColumnElement[bool]:
        result: ColumnElement[bool] = column == digest
        return result


def _to_json(value: Any) -> str:
    # Not with escapes, because rows are searched for texts.
    return storable_text(json.dumps(value, ensure_ascii=False))


def _to_row(row: Row[Any]) -> ExtractedRow:
    return ExtractedRow(
        row.id,
        row.document,
        row.text,
        OutcomeKind(row.outcome),
        json.loads(row.value),
        tuple(json.loads(row.problems)),
        row.run_id,
        row.edited,
        json.loads(row.expected),
    )
