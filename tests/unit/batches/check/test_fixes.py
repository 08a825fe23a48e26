"""Corrections of an input file: only what has a finding with a fix changes, and no request is lost."""

import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given

from core.batches.check import raw_lines
from core.batches.check.fixes import FIXES, fix_all, leave_out_invalid, preview_fixes
from core.batches.check.preflight import CheckReport, check_file
from core.json_schema.schema import SchemaDocument
from core.json_schema.strict import check
from tests.unit.batches.input_lines import (
    CHAT,
    FILES,
    MODEL,
    Line,
    chat_line,
    codes,
    embedding_line,
    response_line,
    with_files,
    without,
    write_file,
)

OPEN_SCHEMA = {"type": "object", "properties": {"제목": {"type": "string"}}}


def fixed(path: Path, endpoint: str | None = None) -> tuple[list[Line], CheckReport]:
    """Return the corrected lines of *path*, and the check of the new file."""
    target = fix_all(path, check_file(path, endpoint=endpoint), path.with_name("fixed.jsonl"))
    lines = [orjson.loads(line) for line in target.read_bytes().splitlines()]
    return lines, check_file(target, endpoint=endpoint)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({**chat_line("b"), "method": "GET"}, chat_line("b")),
        (without(chat_line("b"), "method"), chat_line("b")),
        ({**chat_line("b"), "url": "/chat/completions"}, chat_line("b")),
        (without(chat_line("b"), "url"), chat_line("b")),
        (without(chat_line("b"), "custom_id"), chat_line("line-000002")),
        ({**chat_line(), "custom_id": 12}, chat_line("12")),
        (chat_line("a"), chat_line("a-2")),
        (chat_line("b", stream=True, stream_options={"include_usage": True}), chat_line("b")),
        (chat_line("b", temperature=0.5, logprobs=True), chat_line("b")),
        (chat_line("b", max_tokens=7), chat_line("b", max_completion_tokens=7)),
        (chat_line("b", max_tokens=7, max_completion_tokens=9), chat_line("b", max_completion_tokens=9)),
        (without(chat_line("b"), "body", "model"), chat_line("b")),
        (chat_line()["body"], chat_line("line-000002")),
        ({"custom_id": "b", **chat_line(stream=True)["body"]}, chat_line("b")),
    ],
)
def test_corrects_a_line(tmp_path: Path, line: Line, expected: Line) -> None:
    lines, report = fixed(write_file(tmp_path, chat_line("a"), line, chat_line("c")))
    assert lines == [chat_line("a"), expected, chat_line("c")]
    assert report.can_submit


def test_removes_a_byte_order_mark_and_blank_lines(tmp_path: Path) -> None:
    path = write_file(tmp_path, b"\xef\xbb\xbf", chat_line("a"), "", "  ", chat_line("b"), b" ")
    target = fix_all(path, check_file(path), tmp_path / "fixed.jsonl")
    assert target.read_bytes() == write_file(tmp_path, chat_line("a"), chat_line("b")).read_bytes()


def test_does_not_change_the_bytes_of_a_valid_line(tmp_path: Path) -> None:
    valid = json.dumps(chat_line("a", seed=12345678901234567890), indent=None).encode() + b" \r\n"
    path = write_file(tmp_path, valid, {**chat_line("b"), "method": "GET"})
    target = fix_all(path, check_file(path), tmp_path / "fixed.jsonl")
    assert target.read_bytes().startswith(valid)


def test_keeps_what_only_the_author_can_correct(tmp_path: Path) -> None:
    lines: list[Line | str] = [
        chat_line("a"),
        chat_line("b", model="gpt-4o"),
        embedding_line("c", model=MODEL),
        chat_line("d", tools=[{"type": "function", "function": {"name": "f"}}], n="two"),
        "{broken",
        "[]",
    ]
    path = write_file(tmp_path, *lines)
    target = fix_all(path, check_file(path), tmp_path / "fixed.jsonl")
    assert target.read_bytes() == path.read_bytes()


def test_renames_each_duplicate_to_an_id_that_no_line_has(tmp_path: Path) -> None:
    ids = ["a", "a", "a-2", "a", "행", "행", ""]
    lines, report = fixed(write_file(tmp_path, *map(chat_line, ids)))
    renamed = [line["custom_id"] for line in lines]
    assert renamed == ["a", "a-3", "a-2", "a-4", "행", "행-2", "line-000007"]
    assert report.can_submit


def test_renames_many_duplicates_of_one_id_in_linear_time(tmp_path: Path) -> None:
    lines, report = fixed(write_file(tmp_path, *[chat_line("a")] * 5_000))
    assert len({line["custom_id"] for line in lines}) == 5_000
    assert report.can_submit


RESPONSE_BODY = {
    "model": MODEL,
    "instructions": "Be brief.",
    "input": "비",
    "max_output_tokens": 20,
    "reasoning": {"effort": "low"},
    "text": {"format": {"type": "json_schema", "name": "Item", "schema": {"type": "object"}}},
    "tools": [{"type": "function", "strict": False, "name": "f", "parameters": {"type": "object"}}],
    "tool_choice": {"type": "function", "name": "f"},
}
CHAT_BODY = {
    "model": MODEL,
    "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "비"}],
    "max_completion_tokens": 20,
    "reasoning_effort": "low",
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "Item", "schema": {"type": "object"}},
    },
    "tools": [
        {"type": "function", "function": {"strict": False, "name": "f", "parameters": {"type": "object"}}}
    ],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
}


def test_writes_a_request_as_the_endpoint_takes_it(tmp_path: Path) -> None:
    chat, response = chat_line("b"), response_line("b")
    lines, report = fixed(write_file(tmp_path, {**response, "body": CHAT_BODY}))
    assert lines == [{**response, "body": RESPONSE_BODY}]
    assert report.can_submit
    # This model takes no tools in Chat Completions beside an effort.
    less = {name: value for name, value in RESPONSE_BODY.items() if "tool" not in name}
    lines, report = fixed(write_file(tmp_path, {**chat, "body": less}))
    assert lines == [
        {**chat, "body": {name: value for name, value in CHAT_BODY.items() if "tool" not in name}}
    ]
    assert report.can_submit


def test_does_not_make_one_request_of_several_replies_without_a_word(tmp_path: Path) -> None:
    line = {**response_line("b"), "body": {**chat_line(model="gpt-4o", n=3, stop=["."])["body"]}}
    (corrected,), report = fixed(write_file(tmp_path, line))
    assert corrected["body"] == {"model": "gpt-4o", "input": "서울의 날씨", "n": 3}
    assert codes(report) == [(1, "unsupported_parameter", "body.n", None)]


@pytest.mark.parametrize("endpoint", ["chat", "responses", "tool"])
def test_makes_a_schema_strict(tmp_path: Path, endpoint: str) -> None:
    strict = {"name": "Item", "strict": True, "schema": OPEN_SCHEMA}
    function = {"name": "Item", "strict": True, "parameters": OPEN_SCHEMA}
    line: Line = {
        "chat": chat_line(response_format={"type": "json_schema", "json_schema": strict}),
        "responses": response_line(text={"format": {"type": "json_schema", **strict}}),
        "tool": chat_line(model="gpt-4o", tools=[{"type": "function", "function": function}]),
    }[endpoint]
    (corrected,), report = fixed(write_file(tmp_path, line))
    body = corrected["body"]
    schema = {
        "chat": lambda: body["response_format"]["json_schema"]["schema"],
        "responses": lambda: body["text"]["format"]["schema"],
        "tool": lambda: body["tools"][0]["function"]["parameters"],
    }[endpoint]()
    assert check(SchemaDocument("Item", schema)) == []
    assert report.can_submit


def test_leaves_out_the_lines_with_an_error(tmp_path: Path) -> None:
    valid = chat_line("a"), chat_line("행")  # a custom id with a warning
    lines: list[Line | str] = [valid[0], "{broken", chat_line("b", model="gpt-4o"), valid[1], "[]"]
    path = write_file(tmp_path, *lines * 200)
    ids_are_unique = fix_all(path, check_file(path), tmp_path / "unique.jsonl")
    before = check_file(ids_are_unique)

    target = leave_out_invalid(ids_are_unique, before, tmp_path / "valid.jsonl")

    report = check_file(target)
    assert [*before.invalid_lines] == [number for number in range(1, 1_001) if number % 5 not in (1, 4)]
    assert (report.lines, report.errors, len(report.invalid_lines)) == (400, 0, 0)


def test_leaves_out_all_parts_of_a_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "MAX_LINE_BYTES", 300)
    path = write_file(tmp_path, chat_line("a"), chat_line("x" * 2_000), chat_line("b"))

    target = leave_out_invalid(path, check_file(path), tmp_path / "valid.jsonl")

    assert [orjson.loads(line)["custom_id"] for line in target.read_bytes().splitlines()] == ["a", "b"]


def test_previews_lines_with_their_difference(tmp_path: Path) -> None:
    lines: list[Line | str] = [
        chat_line("a"),
        chat_line("a"),
        chat_line("b", stream=True),
        "",
        chat_line("c", stream=True),
    ]
    path = write_file(tmp_path, *lines)
    changes = preview_fixes(path, check_file(path), limit=3)
    assert [(change.number, change.fixes) for change in changes] == [
        (2, ("duplicate",)),
        (3, ("parameter",)),
        (4, ("blank_line",)),
    ]
    assert '-  "custom_id": "a",\n+  "custom_id": "a-2",' in changes[0].diff()
    assert '-    "stream": true' in changes[1].diff()
    assert "서울" in changes[1].diff()
    assert changes[2].after == ""


def test_bounds_the_difference_of_a_long_line(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "비" * 100_000}]
    path = write_file(tmp_path, chat_line("a", messages=messages, stream=True))
    [change] = preview_fixes(path, check_file(path))
    assert '-    "stream": true' in change.diff()
    assert len(change.diff()) < 2_000


def test_previews_nothing_without_findings(tmp_path: Path) -> None:
    path = write_file(tmp_path, chat_line())
    assert preview_fixes(path, check_file(path)) == []


@given(FILES)
@with_files
def test_leaves_no_finding_that_has_a_fix_and_loses_no_line(tmp_path: Path, data: bytes) -> None:
    path, target, again = (tmp_path / name for name in ("input.jsonl", "fixed.jsonl", "again.jsonl"))
    path.write_bytes(data)
    report = check_file(path, endpoint=CHAT)
    fix_all(path, report, target)
    new_report = check_file(target, endpoint=CHAT)
    assert new_report.lines == report.lines
    assert set(report.fixable) | {""} <= {*FIXES, ""}
    # A model is taken from the other lines, so that of a corrected file is the same.
    assert new_report.model == report.model
    assert dict(new_report.fixable) == {}
    fix_all(target, new_report, again)
    assert again.read_bytes() == target.read_bytes()


@given(FILES)
@with_files
def test_previews_what_fix_all_changes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "input.jsonl"
    path.write_bytes(data)
    report = check_file(path, endpoint=CHAT)
    for change in preview_fixes(path, report):
        assert change.fixes
        assert change.diff() is not None
