"""The files of all owners."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

from core.sandbox.api.errors import ApiError
from core.sandbox.files.database import SandboxDatabase

_BATCH_FILE_SECONDS = 30 * 24 * 3600


class FileStore:
    """File objects in the database, and their contents beside it. An owner sees only its own files."""

    def __init__(self, database: SandboxDatabase) -> None:
        self._database = database

    def path(self, name: str) -> Path:
        """Return the path of a content; *name* is one that the sandbox has made, not the client."""
        return self._database.contents / name

    def new_path(self) -> tuple[str, Path]:
        """Return the id of a new file, and where its content is to be written before `add`."""
        file_id = f"file-{secrets.token_hex(12)}"
        return file_id, self._database.contents / file_id

    def add(
        self, file_id: str, owner: str, filename: str, purpose: str, seconds: int | None = None
    ) -> dict[str, Any]:
        """Add the file whose content has been written; adding the same file again changes nothing."""
        created = int(time.time())
        if seconds is None and purpose in ("batch", "batch_output"):
            seconds = _BATCH_FILE_SECONDS
        expires_at = None if seconds is None else created + seconds
        body = {
            "object": "file",
            "id": file_id,
            "purpose": purpose,
            "filename": filename,
            "bytes": (self._database.contents / file_id).stat().st_size,
            "created_at": created,
            "expires_at": expires_at,
            "status": "processed",
            "status_details": None,
        }
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO files (id, owner, body, expires_at) VALUES (?, ?, ?, ?)",
                (file_id, owner, json.dumps(body), expires_at),
            )
        return body

    def list(self, owner: str) -> list[dict[str, Any]]:
        """Return the file objects of *owner*, oldest first. Expired ones are deleted first."""
        query = "SELECT id, owner FROM files WHERE expires_at <= ?"
        for file_id, file_owner in self._database.rows(query, (time.time(),)):
            self.delete(file_owner, file_id)
        rows = self._database.rows("SELECT body FROM files WHERE owner = ? ORDER BY position", (owner,))
        return [json.loads(row[0]) for row in rows]

    def get(self, owner: str, file_id: str) -> dict[str, Any]:
        """Raises ApiError (404) for a file that is missing, expired or another owner's."""
        query = "SELECT body FROM files WHERE id = ? AND owner = ? AND (expires_at IS NULL OR expires_at > ?)"
        rows = self._database.rows(query, (file_id, owner, time.time()))
        if not rows:
            raise ApiError(404, f"No such File object: {file_id[:100]}", param="id")
        body: dict[str, Any] = json.loads(rows[0][0])
        return body

    def content(self, owner: str, file_id: str) -> Path:
        return self._database.contents / str(self.get(owner, file_id)["id"])

    def delete(self, owner: str, file_id: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM files WHERE id = ? AND owner = ?", (file_id, owner))
        # Only names that this store has given: they contain no separators.
        (self._database.contents / file_id).unlink(missing_ok=True)
