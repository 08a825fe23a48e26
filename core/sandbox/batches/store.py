"""The batches of all owners, and the results of those that are running."""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import ApiError
from core.sandbox.batches.lines import LineResult
from core.sandbox.batches.options import BatchOptions
from core.sandbox.files.database import SandboxDatabase

ENDED = ("completed", "failed", "expired", "cancelled")
_WINDOW = 24 * 3600
_PAGE = 500
_TIMES = (
    "in_progress_at",
    "finalizing_at",
    "completed_at",
    "failed_at",
    "expired_at",
    "cancelling_at",
    "cancelled_at",
)


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch as the API shows it, and its *plan*: the options, and where in the input file it is."""

    id: str
    owner: str
    body: dict[str, Any]
    plan: dict[str, Any]


class BatchStore:
    """Thread-safe. What belongs together is written in one transaction, so a killed process loses nothing."""

    def __init__(self, database: SandboxDatabase) -> None:
        self._database = database

    def add(self, owner: str, params: Mapping[str, Any], options: BatchOptions) -> dict[str, Any]:
        now = time.time()
        body = {
            "id": f"batch_{secrets.token_hex(16)}",
            "object": "batch",
            "endpoint": params["endpoint"],
            "model": None,
            "errors": None,
            "input_file_id": params["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": int(now),
            "expires_at": int(now) + _WINDOW,
            **dict.fromkeys(_TIMES),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "usage": _add_usage(None, {}),
            "metadata": params.get("metadata"),
        }
        output = params.get("output_expires_after") or {}
        plan = {**options.to_dict(), "since": now, "line": 0, "offset": 0, "seconds": output.get("seconds")}
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO batches (id, owner, body, plan, active) VALUES (?, ?, ?, ?, 1)",
                (body["id"], owner, json.dumps(body), json.dumps(plan)),
            )
        return body

    def list(self, owner: str) -> list[dict[str, Any]]:
        """Return the batches of *owner*, oldest first."""
        rows = self._database.rows("SELECT body FROM batches WHERE owner = ? ORDER BY position", (owner,))
        return [json.loads(row[0]) for row in rows]

    def get(self, owner: str, batch_id: str) -> dict[str, Any]:
        query = "SELECT body FROM batches WHERE id = ? AND owner = ?"
        rows = self._database.rows(query, (batch_id, owner))
        if not rows:
            raise ApiError(404, f"No batch found with id '{batch_id[:100]}'.")
        body: dict[str, Any] = json.loads(rows[0][0])
        return body

    def active(self) -> tuple[StoredBatch, ...]:
        """Return the batches that have not ended, oldest first."""
        query = "SELECT id, owner, body, plan FROM batches WHERE active ORDER BY position"
        rows = self._database.rows(query)
        return tuple(StoredBatch(row[0], row[1], *map(json.loads, row[2:])) for row in rows)

    def cancel(self, owner: str, batch_id: str) -> dict[str, Any]:
        """Raises ApiError: 404 for an unknown batch, 409 for one that has ended."""
        with self._database.transaction() as connection:
            body = self.get(owner, batch_id)
            if body["status"] in ENDED:
                message = f"Cannot cancel a batch with status '{body['status']}'."
                raise ApiError(409, message, headers={"x-should-retry": "false"})
            if body["status"] != "cancelling":
                self._change(connection, batch_id, "cancelling")
            return self.get(owner, batch_id)

    def change(self, batch: StoredBatch, status: str, **fields: Any) -> None:
        """Set the status, unless the batch was cancelled in the meantime."""
        with self._database.transaction() as connection:
            if self.get(batch.owner, batch.id)["status"] == batch.body["status"]:
                self._change(connection, batch.id, status, fields)

    def add_results(self, batch: StoredBatch, results: Sequence[tuple[int, LineResult]], offset: int) -> None:
        """Add the results of the next lines, of which the last ends at *offset* of the input file."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT body, plan FROM batches WHERE id = ?", (batch.id,)).fetchone()
            if row is None or not results:
                return
            body, plan = map(json.loads, row)
            for number, result in results:
                body["request_counts"]["completed" if result.succeeded else "failed"] += 1
                body["usage"] = _add_usage(body["usage"], result.usage)
                connection.execute(
                    "INSERT INTO results (batch_id, line, succeeded, text) VALUES (?, ?, ?, ?)",
                    (batch.id, number, result.succeeded, result.text),
                )
            plan.update(line=results[-1][0], offset=offset)
            values = (json.dumps(body), json.dumps(plan), batch.id)
            connection.execute("UPDATE batches SET body = ?, plan = ? WHERE id = ?", values)

    def results(self, batch_id: str, succeeded: bool) -> Iterator[str]:
        """Yield lines of the output or the error file: as in the API, not in the order of the input."""
        query = (
            "SELECT line FROM results WHERE batch_id = ? AND succeeded = ? "
            "ORDER BY (line * 7919) % 10007, line"
        )
        numbers = [row[0] for row in self._database.rows(query, (batch_id, succeeded))]
        for start in range(0, len(numbers), _PAGE):
            page = numbers[start : start + _PAGE]
            marks = ",".join("?" * len(page))
            query = f"SELECT line, text FROM results WHERE batch_id = ? AND line IN ({marks})"
            texts = dict(self._database.rows(query, (batch_id, *page)))
            for number in page:
                yield texts[number]

    def _change(
        self,
        connection: sqlite3.Connection,
        batch_id: str,
        status: str,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        query = "SELECT body, plan FROM batches WHERE id = ?"
        body, plan = map(json.loads, connection.execute(query, (batch_id,)).fetchone())
        now = time.time()
        body.update({"status": status, f"{status}_at": int(now), **(fields or {})})
        plan["since"] = now
        is_active = status not in ENDED
        connection.execute(
            "UPDATE batches SET body = ?, plan = ?, active = ? WHERE id = ?",
            (json.dumps(body), json.dumps(plan), is_active, batch_id),
        )
        if not is_active:
            connection.execute("DELETE FROM results WHERE batch_id = ?", (batch_id,))


def _add_usage(usage: Mapping[str, Any] | None, added: Mapping[str, Any]) -> dict[str, Any]:
    """Return *usage* with that of a completion or of embeddings added."""
    before = usage or {"input_tokens": 0}
    prompt = (added.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    completion = (added.get("completion_tokens_details") or {}).get("reasoning_tokens", 0)
    input_tokens = before["input_tokens"] + added.get("prompt_tokens", 0)
    output_tokens = before.get("output_tokens", 0) + added.get("completion_tokens", 0)
    return {
        "input_tokens": input_tokens,
        "input_tokens_details": {
            "cached_tokens": before.get("input_tokens_details", {}).get("cached_tokens", 0) + prompt
        },
        "output_tokens": output_tokens,
        "output_tokens_details": {
            "reasoning_tokens": before.get("output_tokens_details", {}).get("reasoning_tokens", 0)
            + completion
        },
        "total_tokens": input_tokens + output_tokens,
    }
