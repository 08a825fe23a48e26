"""The lines of an input file: one request each, in JSON."""

import codecs
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import orjson

from core.batches.limits import batch_endpoints
from core.errors.types import PlaygroundError

ENDPOINTS: tuple[str, ...] = tuple(batch_endpoints())


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One line of an input file."""

    custom_id: str
    body: dict[str, Any]
    url: str
    method: str = "POST"

    def to_json(self) -> bytes:
        """Return the line with its end."""
        line = {"custom_id": self.custom_id, "method": self.method, "url": self.url, "body": self.body}
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True, slots=True)
class InputFile:
    """An input file on disk whose lines are valid, all for one endpoint and one model."""

    path: Path
    lines: int
    bytes: int
    url: str
    model: str
    sha256: str


def write_lines(path: Path, lines: Iterable[RequestLine]) -> InputFile:
    """Write *lines* to *path* as they come. Raises PlaygroundError if there are none.

    A file with that name is replaced once all lines are written.
    """
    digest, count, size = hashlib.sha256(), 0, 0
    first: RequestLine | None = None
    with replace_file(path) as file:
        for line in lines:
            first = first or line
            data = line.to_json()
            file.write(data)
            digest.update(data)
            count += 1
            size += len(data)
        if first is None:
            raise PlaygroundError("There are no requests.", "Add at least one row.")
    return InputFile(path, count, size, first.url, str(first.body.get("model", "")), digest.hexdigest())


def read_lines(path: Path) -> Iterator[RequestLine]:
    """Read a file that has been checked, line by line.

    One that was submitted elsewhere may have a byte order mark and blank lines, which the API accepts.
    """
    with path.open("rb") as file:
        for data in file:
            if data.removeprefix(codecs.BOM_UTF8).strip():
                yield parse_request(data)


def parse_request(data: bytes) -> RequestLine:
    """Parse a line that has been checked."""
    line = orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    return RequestLine(line["custom_id"], line["body"], line["url"], line["method"])


@contextmanager
def replace_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that gets the name *path* when the block ends; if it raises, the file is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, because a file cannot be renamed to another disk. Two sessions may write one file.
    partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
