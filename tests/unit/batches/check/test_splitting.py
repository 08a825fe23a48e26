"""A file that is too much for one batch becomes several, which together are the file."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.batches.check import splitting
from core.batches.check.preflight import CheckCancelled, check_file
from core.batches.check.splitting import PartSize, batch_maximum, part_sizes, split_file
from core.batches.input.request_line import InputFile, RequestLine, read_lines, write_lines
from core.errors.types import PlaygroundError
from tests.unit.batches.input_lines import EMBEDDINGS, chat_line, embedding_line, with_files, write_file

SIZES = st.lists(st.builds(PartSize, st.just(1), *[st.integers(0, 20)] * 3), max_size=40)
MAXIMA = st.builds(PartSize, st.integers(1, 8), *[st.integers(1, 60)] * 3)


def checked(path: Path) -> InputFile:
    file = check_file(path).file
    assert file is not None
    return file


@given(SIZES, MAXIMA)
def test_fills_parts_within_the_maximum_and_loses_nothing(lines: list[PartSize], maximum: PartSize) -> None:
    parts = list(part_sizes(lines, maximum))
    assert sum(parts, PartSize()) == sum(lines, PartSize())
    start = 0
    for part in parts:
        own = lines[start : start + part.lines]
        start += part.lines
        assert sum(own, PartSize()) == part
        assert part.fits(maximum) or part.lines == 1
        # The next line would have been too much.
        assert start == len(lines) or not (part + lines[start]).fits(maximum)


@pytest.mark.parametrize(
    ("maximum", "lines"),
    [
        (replace(batch_maximum(), lines=4), [4, 4, 2]),
        (replace(batch_maximum(), bytes=500), [3, 3, 3, 1]),
        (replace(batch_maximum(), inputs=7), [3, 3, 3, 1]),
        (batch_maximum(max_tokens=25), [2, 2, 2, 2, 2]),
        (batch_maximum(), [10]),
        (batch_maximum(max_tokens=1), [1] * 10),
    ],
    ids=["lines", "bytes", "inputs", "tokens", "fits", "a line is too much"],
)
def test_splits_by_each_limit(tmp_path: Path, maximum: PartSize, lines: list[int]) -> None:
    path = write_file(
        tmp_path, *(embedding_line(f"행-{number}", ["서울의 날씨", "비"]) for number in range(10))
    )
    parts = split_file(checked(path), tmp_path / "parts", maximum)
    assert [part.lines for part in parts] == lines
    assert b"".join(part.path.read_bytes() for part in parts) == path.read_bytes()
    assert [replace(checked(part.path)) for part in parts] == parts


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12), st.integers(1, 5), st.booleans())
@with_files
def test_concatenated_parts_are_the_file(
    tmp_path: Path, texts: list[str], lines: int, ends_with_newline: bool
) -> None:
    requests = (
        RequestLine(f"id-{number}", {"model": "text-embedding-3-small", "input": text or "-"}, EMBEDDINGS)
        for number, text in enumerate(texts)
    )
    file = write_lines(tmp_path / "input.jsonl", requests)
    if not ends_with_newline:
        file.path.write_bytes(file.path.read_bytes()[:-1])
    parts = split_file(file, tmp_path / "parts", replace(batch_maximum(), lines=lines))
    assert b"".join(part.path.read_bytes() for part in parts) == file.path.read_bytes()
    read = [line.custom_id for part in parts for line in read_lines(part.path)]
    assert read == [f"id-{number}" for number in range(len(texts))]


def test_adds_up_the_tokens_of_the_parts(tmp_path: Path) -> None:
    path = write_file(tmp_path, *(chat_line(f"r-{number}") for number in range(9)))
    parts = split_file(checked(path), tmp_path / "parts", batch_maximum(max_tokens=30))
    assert len(parts) > 1
    assert sum(check_file(part.path).tokens for part in parts) == check_file(path).tokens


def test_rejects_too_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitting, "MAX_PARTS", 2)
    file = checked(write_file(tmp_path, *(chat_line(f"r-{number}") for number in range(3))))
    with pytest.raises(PlaygroundError, match="more than 2 batches"):
        split_file(file, tmp_path / "parts", batch_maximum(max_tokens=1))
    assert not (tmp_path / "parts").exists()


def test_writes_nothing_when_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.batches.check.file_check.PROGRESS_BYTES", 1)
    file = checked(write_file(tmp_path, chat_line("a"), chat_line("b")))
    with pytest.raises(CheckCancelled):
        split_file(file, tmp_path / "parts", is_cancelled=lambda: True)
    assert not (tmp_path / "parts").exists()
