"""The check of a whole file: its totals, its bounds, another process, and any content."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.batches.check import file_check, raw_lines
from core.batches.check.preflight import CheckCancelled, Severity, check_file
from core.batches.input.request_line import ENDPOINTS
from core.batches.limits import batch_endpoints, batch_limits
from tests.unit.batches.input_lines import (
    CHAT,
    FILES,
    MODEL,
    Line,
    arbitrary_lines,
    chat_line,
    codes,
    embedding_line,
    with_files,
    write_file,
)


def test_finds_too_many_lines_bytes_inputs_and_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_file(tmp_path, *(embedding_line(str(number), ["a", "b"]) for number in range(3)))
    limits = replace(batch_limits(), lines=2, bytes=100, embedding_inputs=5)
    monkeypatch.setattr(file_check, "batch_limits", lambda: limits)
    report = check_file(path, queue_limit=5)
    expected = ("too_many_tasks", "file_too_large", "too_many_tasks", "token_limit_exceeded")
    assert codes(report) == [(None, code, None, "split") for code in expected]
    assert report.inputs == 6
    assert report.needs_split
    assert not report.can_submit


def test_finds_an_empty_file_and_another_extension(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, name="input.json"))
    assert codes(report) == [
        (None, "empty_file", None, None),
        (None, "invalid_file_format", None, "file_name"),
    ]


def test_bounds_the_findings_of_each_code_and_counts_all(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, *(["{"] * 2_000), "", chat_line()))
    assert len(report.findings) == 101
    assert dict(report.counts) == {"invalid_json_line": 2_000, "blank_line": 1}


def test_numbers_all_lines_of_each_kind(tmp_path: Path) -> None:
    lines: list[Line | str] = ["{", chat_line("a", temperature=9), chat_line("b", user="x", temperature=9)]
    report = check_file(write_file(tmp_path, *lines * 400))
    numbers_of = {(kind.code, kind.param): [*numbers] for kind, numbers in report.lines_by_kind.items()}
    assert numbers_of["invalid_json_line", ""] == [*range(1, 1_200, 3)]
    assert numbers_of["duplicate_custom_id", "custom_id"] == [n for n in range(4, 1_201) if n % 3 != 1]
    assert [*report.invalid_lines] == [*range(1, 1_201)]


def test_bounds_the_lines_and_what_it_remembers_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_check, "MAX_LINES", 2)
    long = "가" * 300
    lines: list[Line | str] = [chat_line(long), chat_line(long, model=long), "not checked"]
    report = check_file(write_file(tmp_path, *lines))
    assert report.counts["duplicate_custom_id"] == 1
    assert dict(report.models) == {MODEL: 1}
    assert report.counts["too_many_tasks"] == 1
    assert "invalid_json_line" not in report.counts
    assert report.file is None


def test_has_an_example_of_each_kind_however_many_findings_its_code_has(tmp_path: Path) -> None:
    lines = [chat_line(f"a-{number}", max_tokens=True) for number in range(150)]
    report = check_file(write_file(tmp_path, *lines, chat_line("b", temperature="warm")))

    codes_of_kinds = {kind for kind in report.lines_by_kind if kind.code == report.findings[0].code}
    assert len(codes_of_kinds) > 1
    assert codes_of_kinds <= {finding.kind for finding in report.findings}


def test_bounds_the_findings_of_a_line(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, chat_line(messages=["x"] * 10_000)))
    assert dict(report.counts) == {"invalid_type": 200}


def test_reads_a_line_that_is_too_long_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "MAX_LINE_BYTES", 300)
    path = write_file(tmp_path, chat_line("a"), chat_line("b" * 700), chat_line("c"))
    report = check_file(path)
    assert codes(report) == [(2, "line_too_long", None, None)]
    assert (report.lines, report.bytes) == (3, path.stat().st_size)


def test_adds_up_the_tokens_of_all_lines(tmp_path: Path) -> None:
    lines = [chat_line(str(number), max_completion_tokens=10) for number in range(5)]
    one, five = (check_file(write_file(tmp_path, *lines[:count])) for count in (1, 5))
    assert five.tokens == 5 * one.tokens
    assert (one.output_limit, five.output_limit) == (10, 50)
    assert check_file(write_file(tmp_path, *lines, chat_line("x"))).output_limit is None


def large_file(folder: Path) -> Path:
    text = "A sentence that repeats. 반복되는 문장. " * 1_500
    messages = [{"role": "user", "content": text}]
    return write_file(folder, *(chat_line(f"row-{number}", messages=messages) for number in range(90)))


def test_checks_a_large_file_in_another_process_with_the_same_result(tmp_path: Path) -> None:
    path, progress = large_file(tmp_path), []
    report = check_file(path, on_progress=lambda done, total: progress.append((done, total)))
    size = path.stat().st_size
    assert progress[-1] == (size, size)
    assert progress == sorted(progress)
    arguments: dict[str, Any] = {"on_progress": lambda *_: None, "is_cancelled": lambda: False}
    assert report == file_check.check_lines(path, None, None, **arguments)
    assert report.can_submit


@pytest.mark.parametrize("is_isolated", [True, False])
def test_stops_when_cancelled(tmp_path: Path, is_isolated: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.batches.check.process.MIN_BYTES", 0 if is_isolated else 2**40)
    with pytest.raises(CheckCancelled):
        check_file(large_file(tmp_path), is_cancelled=lambda: True)


@given(FILES)
@with_files
def test_reports_any_file_without_failing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "input.jsonl"
    path.write_bytes(data)
    report = check_file(path, endpoint=CHAT)
    assert report.bytes == len(data)
    assert report.errors == sum(item.severity is Severity.ERROR for item in report.findings)
    assert all(item.line is None or item.line >= 1 for item in report.findings)


@given(st.sampled_from(ENDPOINTS).flatmap(arbitrary_lines))
@with_files
def test_reports_any_values_of_parameters_without_failing(tmp_path: Path, line: Line) -> None:
    report = check_file(write_file(tmp_path, line))
    assert report.lines == 1
    missing = batch_endpoints()[line["url"]].missing(line["body"])
    assert {*missing} <= {str(item.param).removeprefix("body.") for item in report.findings}
