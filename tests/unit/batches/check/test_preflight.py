"""The check of an input file finds what the API refuses, with the line and the parameter."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.batches.check.preflight import check_file
from tests.unit.batches.input_lines import (
    CHAT,
    EMBEDDINGS,
    MODEL,
    Line,
    chat_line,
    codes,
    embedding_line,
    response_line,
    without,
    write_file,
)

OPEN_SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
BROKEN_SCHEMA = {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}


def schema_format(schema: Any, strict: bool = True) -> Line:
    return {"type": "json_schema", "json_schema": {"name": "Item", "strict": strict, "schema": schema}}


@pytest.mark.parametrize(
    "line",
    [
        chat_line(temperature=None, max_completion_tokens=100, metadata={"a": "b"}),
        chat_line(response_format=schema_format(OPEN_SCHEMA, strict=False)),
        chat_line(model="gpt-4o", temperature=0.3, top_p=0.5, n=2, stop=["."], stream=False),
        chat_line(reasoning_effort="none", temperature=1),
        response_line(reasoning={"effort": "low"}, instructions="Answer briefly.", max_output_tokens=50),
        response_line(input=[{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}]),
        without(response_line(conversation="conv_1"), "body", "input"),
        embedding_line(value=["one", "둘"], dimensions=256),
        embedding_line(value=[1, 2, 3]),
        embedding_line(value=[[1, 2], [3]]),
    ],
)
def test_accepts_valid_lines(tmp_path: Path, line: Line) -> None:
    report = check_file(write_file(tmp_path, line, {**line, "custom_id": "row-2"}))
    assert report.findings == ()
    assert report.can_submit
    assert report.file is not None
    assert (report.file.lines, report.file.url, report.file.model) == (2, line["url"], line["body"]["model"])
    assert report.tokens > 0


# The second line of a file, and what is wrong with it: code, parameter, fix.
INVALID: list[tuple[Line | str, str, str | None, str | None]] = [
    ("", "blank_line", None, "blank_line"),
    ('{"custom_id": "a",}', "invalid_json_line", None, None),
    ("[1]", "invalid_json_line", None, None),
    ('{"a": NaN}', "invalid_json_line", None, None),
    ("[" * 600 + "]" * 600, "invalid_json_line", None, None),
    (chat_line("row-1"), "duplicate_custom_id", "custom_id", "duplicate"),
    (without(chat_line(), "custom_id"), "missing_required_parameter", "custom_id", "custom_id"),
    (chat_line(""), "missing_required_parameter", "custom_id", "custom_id"),
    ({**chat_line(), "custom_id": 5}, "invalid_type", "custom_id", "custom_id"),
    (without(chat_line("b"), "method"), "missing_required_parameter", "method", "method"),
    ({**chat_line("b"), "method": "GET"}, "invalid_method", "method", "method"),
    (without(chat_line("b"), "url"), "missing_required_parameter", "url", "url"),
    ({**chat_line("b"), "url": f"https://api.openai.com{CHAT}"}, "invalid_url", "url", "url"),
    ({**chat_line("b"), "url": ["x"]}, "invalid_url", "url", "url"),
    ({**chat_line("b"), "body": "text"}, "invalid_type", "body", None),
    (without(chat_line("b"), "body"), "missing_required_parameter", "body", None),
    (without(chat_line("b"), "body", "messages"), "missing_required_parameter", "body.messages", None),
    (without(chat_line("b"), "body", "model"), "missing_required_parameter", "body.model", "model"),
    (chat_line("b", model="gpt-4o"), "mismatched_model", "body.model", None),
    (chat_line("b", model=["gpt-4o"]), "invalid_type", "body.model", None),
    (chat_line("b", stream=True), "unsupported_parameter", "body.stream", "parameter"),
    (chat_line("b", temperature=0.5), "unsupported_parameter", "body.temperature", "parameter"),
    (chat_line("b", reasoning_effort="huge"), "unsupported_parameter", "body.reasoning_effort", "parameter"),
    (chat_line("b", max_tokens=5), "unsupported_parameter", "body.max_tokens", "max_tokens"),
    (chat_line("b", max_completion_tokens=0), "invalid_value", "body.max_completion_tokens", None),
    (chat_line("b", max_completion_tokens="5"), "invalid_type", "body.max_completion_tokens", None),
    (chat_line("b", max_completion_tokens=10**7), "invalid_value", "body.max_completion_tokens", None),
    (chat_line("b", messages=[]), "invalid_type", "body.messages", None),
    (chat_line("b", messages=["hi"]), "invalid_type", "body.messages[0]", None),
    (chat_line("b", messages=[{"role": "robot"}]), "invalid_value", "body.messages[0].role", None),
    (
        chat_line("b", messages=[{"role": "user"}]),
        "missing_required_parameter",
        "body.messages[0].content",
        None,
    ),
    (chat_line("b", temprature=1), "unknown_parameter", "body.temprature", None),
    (
        chat_line("b", response_format=schema_format(OPEN_SCHEMA)),
        "invalid_schema",
        "body.response_format.json_schema.schema",
        "schema",
    ),
    (
        chat_line("b", response_format=schema_format(BROKEN_SCHEMA)),
        "invalid_schema",
        "body.response_format.json_schema.schema",
        None,
    ),
    (
        chat_line("b", response_format=schema_format(None)),
        "invalid_schema",
        "body.response_format.json_schema.schema",
        None,
    ),
    (chat_line("행 2"), "unusual_custom_id", "custom_id", None),
    (chat_line("b" * 65), "long_custom_id", "custom_id", None),
]


@pytest.mark.parametrize(("line", "code", "param", "fix"), INVALID)
def test_finds_an_invalid_line(
    tmp_path: Path, line: Line | str, code: str, param: str | None, fix: str | None
) -> None:
    report = check_file(write_file(tmp_path, chat_line("row-1"), line, chat_line("row-3")))
    assert (2, code, param, fix) in codes(report)
    assert all(item.line == 2 for item in report.findings)
    assert report.can_submit is (report.errors == 0)
    assert sum(report.counts.values()) == report.errors + report.warnings == len(report.findings)


def test_names_the_column_of_invalid_json(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, chat_line(), '{"custom_id": "a" "b"}'))
    assert "(column 19)" in report.findings[0].message


def test_recognises_an_array_and_utf_16(tmp_path: Path) -> None:
    array = check_file(write_file(tmp_path, json.dumps([chat_line()], indent=1)))
    assert "JSON array" in array.findings[0].message
    utf_16 = check_file(write_file(tmp_path, json.dumps(chat_line()).encode("utf-16")))
    assert "UTF-16" in utf_16.findings[0].message


def test_finds_a_byte_order_mark_and_checks_the_line_after_it(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, b"\xef\xbb\xbf", chat_line()))
    assert codes(report) == [(1, "byte_order_mark", None, "byte_order_mark")]
    assert report.lines == 1


def test_finds_a_request_without_the_fields_around_it(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, chat_line()["body"]), endpoint=CHAT)
    fixes = {item.fix for item in report.findings}
    assert fixes == {"custom_id", "method", "url", "body"}


def test_compares_urls_with_the_endpoint_of_most_lines_or_the_given_one(tmp_path: Path) -> None:
    path = write_file(tmp_path, embedding_line("e", model=MODEL), chat_line("a"), chat_line("b"))
    report = check_file(path)
    assert (report.endpoint, report.model) == (CHAT, MODEL)
    assert dict(report.urls) == {EMBEDDINGS: 1, CHAT: 2}
    # A complete request to embeddings is not made a chat.
    assert codes(report) == [(1, "url_mismatch", "url", None)]
    other = check_file(path, endpoint=EMBEDDINGS)
    assert [item.line for item in other.findings if item.code == "url_mismatch"] == [2, 3]


@pytest.mark.parametrize("line", [chat_line(), embedding_line(), response_line()])
def test_infers_the_endpoint_from_the_bodies_if_no_url_is_valid(tmp_path: Path, line: Line) -> None:
    for given_line in ({**line, "url": "/v2"}, without(line, "url"), line["body"]):
        report = check_file(write_file(tmp_path, given_line))
        assert report.endpoint == line["url"]
        assert "url" in report.fixable


def test_checks_parameters_of_responses_by_their_own_names(tmp_path: Path) -> None:
    text = {"format": {"type": "json_schema", "name": "A", "strict": True, "schema": OPEN_SCHEMA}}
    line = response_line(reasoning={"effort": "huge"}, temperature=0.5, text=text)
    report = check_file(write_file(tmp_path, line))
    assert {(item.param, item.fix) for item in report.findings} == {
        ("body.reasoning.effort", "parameter"),
        ("body.temperature", "parameter"),
        ("body.text.format.schema", "schema"),
    }


CALL_OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ({"max_tokens": 20}, ("unsupported_parameter", "body.max_tokens", "api")),
        ({"response_format": {"type": "text"}}, ("unsupported_parameter", "body.response_format", "api")),
        ({"seed": 1}, ("unsupported_parameter", "body.seed", "parameter")),
        ({"max_output_tokens": 15}, ("invalid_value", "body.max_output_tokens", None)),
        ({"input": {}}, ("invalid_type", "body.input", None)),
        ({"input": [5]}, ("invalid_type", "body.input[0]", None)),
        ({"input": [{"role": "tool", "content": "a"}]}, ("invalid_value", "body.input[0].role", None)),
        ({"input": [CALL_OUTPUT]}, ("invalid_value", "body.input", None)),
        (
            {"input": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
            ("invalid_value", "body.input[0].content[0].type", None),
        ),
        (
            {"text": {"format": schema_format({"type": "object"})}},
            ("missing_required_parameter", "body.text.format.name", None),
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            ("missing_required_parameter", "body.tools[0].name", None),
        ),
    ],
)
def test_checks_requests_of_the_responses_api(
    tmp_path: Path, body: Line, finding: tuple[str, str, str | None]
) -> None:
    report = check_file(write_file(tmp_path, response_line(**body)))
    assert (1, *finding) in codes(report)
    assert not report.can_submit


def test_leaves_calls_whose_output_is_on_the_server(tmp_path: Path) -> None:
    line = response_line(input=[CALL_OUTPUT], previous_response_id="resp_1")
    assert check_file(write_file(tmp_path, line)).findings == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (embedding_line(value=["a", ""]), "invalid_value"),
        (embedding_line(value=[]), "invalid_value"),
        (embedding_line(value=[{}]), "invalid_type"),
        (embedding_line(value=["a"] * 2049), "invalid_value"),
        (embedding_line(value="토큰 " * 9000), "context_length_exceeded"),
        (embedding_line(value=[[7] * 8000] * 38), "context_length_exceeded"),
        (embedding_line(dimensions=4000), "invalid_value"),
        (embedding_line(model="text-embedding-ada-002", dimensions=256), "unsupported_parameter"),
        (embedding_line(model=MODEL), "model_not_supported"),
        (chat_line(model="text-embedding-3-small"), "model_not_supported"),
    ],
)
def test_checks_embeddings(tmp_path: Path, line: Line, code: str) -> None:
    report = check_file(write_file(tmp_path, line))
    assert code in report.counts
    assert not report.can_submit


def test_warns_about_an_unknown_model_and_one_without_a_batch_price(tmp_path: Path) -> None:
    unknown = check_file(write_file(tmp_path, chat_line(model="my-model")))
    assert codes(unknown) == [(1, "model_not_found", "body.model", None)]
    assert unknown.can_submit


def test_rejects_a_model_that_is_shut_down(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, chat_line(model="gpt-4-0314")))
    assert report.counts.get("model_not_found") == 1
