"""The rows of a table stay beside their requests, whatever happens to the input file."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.batches.input.request_line import RequestLine, write_lines
from core.batches.input.template_rows import TemplateRows, adapt_rows, copy_rows, rows_file, write_rows


def request_lines(ids: Sequence[str]) -> list[RequestLine]:
    return [RequestLine(custom_id, {"model": "m"}, "/v1/chat/completions") for custom_id in ids]


def write(path: Path, *ids: str) -> Path:
    """Write an input file with the rows 0, 1, 2 and so on."""
    rows = [{"n": str(number)} for number in range(len(ids))]
    write_lines(path, write_rows(request_lines(ids), rows, path))
    return path


def numbers(path: Path, ids: Sequence[str]) -> list[str | None]:
    rows = TemplateRows(path).find(ids)
    return [rows[custom_id]["n"] if custom_id in rows else None for custom_id in ids]


def test_finds_rows_by_custom_id(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "x", "한", "y")
    assert numbers(path, ["y", "한", "other"]) == ["2", "1", None]
    assert TemplateRows(path).columns == ("n",)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("a", "a", "b"), ("a", "a-2", "b"), ["0", "1", "2"]),
        (("a", "b", "c", "d"), ("b", "d"), ["1", "3"]),
    ],
)
def test_adapts_rows_to_a_corrected_file(
    tmp_path: Path, before: Sequence[str], after: Sequence[str], expected: list[str]
) -> None:
    path = write(tmp_path / "a.jsonl", *before)
    corrected = tmp_path / "b.jsonl"
    write_lines(corrected, request_lines(after))
    adapt_rows(path, corrected)
    assert numbers(corrected, after) == expected


def test_copies_rows_to_a_part(tmp_path: Path) -> None:
    path, part = write(tmp_path / "a.jsonl", "a", "b"), tmp_path / "b.jsonl"
    copy_rows(path, part)
    path.unlink()
    rows_file(path).unlink()
    assert numbers(part, ["b"]) == ["1"]


def test_does_without_rows(tmp_path: Path) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_lines(path, request_lines(["a"]))
    adapt_rows(path, other)
    copy_rows(path, other)
    assert not rows_file(other).exists()
    assert (TemplateRows(path).columns, TemplateRows(path).find(["a"])) == ((), {})


def test_writes_no_rows_if_the_lines_are_not_all_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = write_rows(request_lines(["a", "b"]), [{}, {}], path)
    next(lines)
    lines.close()  # type: ignore[attr-defined]  # a generator, when its file is cancelled
    assert [*tmp_path.iterdir()] == []
