"""The files of a batch on disk."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

_VALID_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class BatchFolder:
    """The folder of a batch in the data directory; it need not exist yet."""

    path: Path

    @property
    def input_file(self) -> Path:
        return self.path / "input.jsonl"

    @property
    def output_file(self) -> Path:
        return self.path / "output.jsonl"

    @property
    def error_file(self) -> Path:
        return self.path / "errors.jsonl"

    @property
    def unsaved_runs(self) -> Path:
        """The file that is there while the results are being saved as runs, also after a crash."""
        return self.path / "unsaved_runs"

    @property
    def bytes(self) -> int:
        return _size(self.path)

    def delete(self) -> None:
        """Delete the folder with all its files."""
        shutil.rmtree(self.path, ignore_errors=True)


def batch_folder(data_directory: Path, batch_id: str) -> BatchFolder:
    """Return the folder of our batch *batch_id*. Raises ValueError for what is not an id of ours."""
    if not _VALID_ID.fullmatch(batch_id):
        raise ValueError(f"Not the id of a batch: {batch_id[:40]!r}")
    return BatchFolder(data_directory / "batches" / batch_id)


def _size(folder: Path) -> int:
    # A file may be deleted meanwhile by another session.
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
