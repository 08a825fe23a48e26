"""Split an input file into several, so that each is within the limits of a batch."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from core.batches.check.body_rules import embedding_inputs
from core.batches.check.file_check import IsCancelled, Progress, track
from core.batches.check.line_tokens import line_tokens
from core.batches.check.process import run_isolated
from core.batches.input.request_line import InputFile, replace_file
from core.batches.limits import EMBEDDINGS_URL, batch_limits
from core.errors.types import PlaygroundError

# The API takes 2,000 new batches per hour.
MAX_PARTS = 1_000
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PartSize:
    """The size of a line, or of the lines of a part."""

    lines: int = 0
    bytes: int = 0
    inputs: int = 0
    tokens: int = 0

    def __add__(self, other: "PartSize") -> "PartSize":
        return PartSize(
            self.lines + other.lines,
            self.bytes + other.bytes,
            self.inputs + other.inputs,
            self.tokens + other.tokens,
        )

    def fits(self, maximum: "PartSize") -> bool:
        return (
            self.lines <= maximum.lines
            and self.bytes <= maximum.bytes
            and self.inputs <= maximum.inputs
            and self.tokens <= maximum.tokens
        )


def batch_maximum(max_tokens: int | None = None) -> PartSize:
    """Return the limits of one batch; *max_tokens* is the limit of the model's queue."""
    limits = batch_limits()
    tokens = 2**62 if max_tokens is None else max_tokens
    return PartSize(limits.lines, limits.bytes, limits.embedding_inputs, tokens)


def part_sizes(lines: Iterable[PartSize], maximum: PartSize) -> Iterator[PartSize]:
    """Yield the sizes of parts that are as full as possible, in order.

    A line that is larger than *maximum* is a part of its own.
    """
    part = PartSize()
    for line in lines:
        extended = part + line
        if part.lines and not extended.fits(maximum):
            yield part
            extended = line
        part = extended
    if part.lines:
        yield part


def split_file(
    file: InputFile,
    target_folder: Path,
    maximum: PartSize | None = None,
    *,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> list[InputFile]:
    """Write the parts of *file* to *target_folder* as `part-001.jsonl` and so on, and return them.

    Together they have the lines of *file* in the same order. It blocks: call it in a thread. Raises
    CheckCancelled, and PlaygroundError if there are too many parts.
    """
    maximum = maximum or batch_maximum()
    return run_isolated(
        _split,
        (file, target_folder, maximum),
        file.path,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )


def _split(
    file: InputFile, folder: Path, maximum: PartSize, *, on_progress: Progress, is_cancelled: IsCancelled
) -> list[InputFile]:
    needs_tokens = maximum.tokens < batch_maximum().tokens
    lines = (
        _line_size(line.data, file.url, needs_tokens) for line in track(file.path, on_progress, is_cancelled)
    )
    sizes: list[PartSize] = []
    for size in part_sizes(lines, maximum):
        sizes.append(size)
        if len(sizes) > MAX_PARTS:
            message = f"The file would become more than {MAX_PARTS:,} batches."
            raise PlaygroundError(message, "Raise the limit of tokens per batch.")
    parts: list[InputFile] = []
    with file.path.open("rb") as source:
        for number, size in enumerate(sizes, 1):
            path = folder / f"part-{number:03}.jsonl"
            sha256 = _copy(source, path, size.bytes)
            parts.append(InputFile(path, size.lines, size.bytes, file.url, file.model, sha256))
    return parts


def _line_size(data: bytes, url: str, needs_tokens: bool) -> PartSize:
    is_embedding = url == EMBEDDINGS_URL
    if not is_embedding and not needs_tokens:
        return PartSize(1, len(data))
    body = orjson.loads(data)["body"]
    inputs = len(embedding_inputs(body["input"])) if is_embedding else 0
    return PartSize(1, len(data), inputs, line_tokens(body, url) if needs_tokens else 0)


def _copy(source: IO[bytes], path: Path, size: int) -> str:
    """Copy the next *size* bytes to *path*, and return their SHA-256."""
    digest = hashlib.sha256()
    with replace_file(path) as target:
        while size and (chunk := source.read(min(size, _CHUNK_BYTES))):
            target.write(chunk)
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()
