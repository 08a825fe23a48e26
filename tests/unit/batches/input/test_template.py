"""Lines from a prompt with columns, and rows from every source."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.batches.check.preflight import check_file
from core.batches.input.request_line import write_lines
from core.batches.input.template import (
    ChatTemplate,
    CustomIds,
    EmbeddingTemplate,
    PromptTemplate,
    chat_lines,
    embedding_lines,
    preview_lines,
    schema_format,
)
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.schemas.presets import presets
from core.files.source_rows import (
    MAX_ROWS,
    RowSource,
    csv_source,
    json_lines_source,
    pasted_source,
    range_source,
)

NAMES = (
    st.text(st.characters(codec="utf-8", exclude_characters="{}\n\r"), min_size=1).map(str.strip).filter(bool)
)
VALUES = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("항목 {i} 요약", "항목 7 요약"),
        ("Summarise {{ 본문 }}.", "Summarise 맑음 {i}."),
        ("{ i }{{i}}", "77"),
        ('Reply as {"a": 1} or {unknown}: {{other}}', 'Reply as {"a": 1} or {unknown}: {{other}}'),
        ("{{{i}}}", "{7}"),
        ("{}", "{}"),
    ],
)
def test_inserts_the_values_of_columns(template: str, expected: str) -> None:
    assert PromptTemplate(template).render({"i": "7", "본문": "맑음 {i}"}) == expected


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), st.booleans())
def test_inserts_any_value_of_any_column_unchanged(row: dict[str, str], is_double: bool) -> None:
    left, right = ("{{", "}}") if is_double else ("{", "}")
    text = " | ".join(f"{left}{name}{right}" for name in row)
    assert PromptTemplate(text).render(row) == " | ".join(row.values())
    assert PromptTemplate(text).missing(row) == []


def test_names_columns_that_are_missing() -> None:
    template = PromptTemplate("{{본문}} {{제목}} {{본문}} {other}")
    assert template.missing(["제목"]) == ["본문"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_reads_a_csv_file(encoding: str) -> None:
    data = '제목,본문\n"비, 바람",오늘\n\n눈\n'.encode(encoding)
    source = csv_source(data)
    assert source.columns == ("제목", "본문")
    assert list(source.rows()) == [{"제목": "비, 바람", "본문": "오늘"}, {"제목": "눈", "본문": ""}]
    assert source.count() == 2


def test_names_columns_without_a_unique_name() -> None:
    assert csv_source(b"a;a;\n1;2;3\n").columns == ("a", "a 2", "column 3")


def test_reads_json_lines_and_pasted_lines_and_a_range() -> None:
    lines = json_lines_source('{"제목": "비", "n": 3, "tags": ["a"]}\n\n{"제목": "눈"}\n'.encode())
    assert lines.columns == ("제목", "n", "tags")
    assert list(lines.rows()) == [
        {"제목": "비", "n": "3", "tags": '["a"]'},
        {"제목": "눈", "n": "", "tags": ""},
    ]
    assert list(pasted_source("서울 \r\n\n 부산").rows()) == [{"line": "서울"}, {"line": "부산"}]
    assert [row["i"] for row in range_source(3, 5).rows()] == ["3", "4", "5"]
    assert list(range_source(2, 1).rows()) == []


@pytest.mark.parametrize("data", [b"", b"\n", b"[1]\n", b"{\n", b'{"a": 1}{'])
def test_rejects_what_is_not_json_lines(data: bytes) -> None:
    with pytest.raises(PlaygroundError):
        json_lines_source(data)


@pytest.mark.parametrize("data", [b"", b",,\n1,2,3\n"])
def test_rejects_a_csv_file_without_a_header(data: bytes) -> None:
    with pytest.raises(PlaygroundError):
        csv_source(data)


def test_bounds_the_number_of_rows() -> None:
    with pytest.raises(PlaygroundError, match="more than"):
        range_source(0, MAX_ROWS).count()


def test_previews_without_reading_all_rows() -> None:
    endless = RowSource(("i",), lambda: ({"i": str(number)} for number in itertools.count()))
    lines = preview_lines(
        chat_lines(ChatTemplate(PromptTemplate("{i}"), ChatSettings(model="gpt-4o")), endless), 2
    )
    assert [line.body["messages"][0]["content"] for line in lines] == ["0", "1"]
    assert endless.preview(1) == [{"i": "0"}]


def test_makes_chat_lines_that_pass_the_check(tmp_path: Path) -> None:
    document = presets()[next(iter(presets()))].document
    settings = ChatSettings(
        model="gpt-6-luna",
        instructions="{{언어}}로 답하세요.",
        temperature=0.5,
        max_completion_tokens=50,
        reasoning_effort="low",
    )
    source = csv_source("번호,언어,본문\nA-1,한국어,비\n,영어,눈\n".encode())
    template = ChatTemplate(
        PromptTemplate("요약: {본문}"), settings, schema_format(document), CustomIds("번호")
    )
    file = write_lines(tmp_path / "input.jsonl", chat_lines(template, source))
    first, second = map(json.loads, file.path.read_bytes().splitlines())
    assert [first["custom_id"], second["custom_id"]] == ["A-1", "row-000002"]
    assert first["body"] == {
        "model": "gpt-6-luna",
        "max_completion_tokens": 50,
        "reasoning_effort": "low",
        "messages": [
            {"role": "developer", "content": "한국어로 답하세요."},
            {"role": "user", "content": "요약: 비"},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": document.name, "schema": document.schema, "strict": True},
        },
    }
    report = check_file(file.path)
    assert report.findings == ()
    assert report.file == file


@pytest.mark.parametrize(
    ("model", "dimensions"), [("text-embedding-3-small", 256), ("text-embedding-ada-002", None)]
)
def test_makes_embedding_lines(tmp_path: Path, model: str, dimensions: int | None) -> None:
    template = EmbeddingTemplate(PromptTemplate("{line}"), model, 256, CustomIds(prefix="문장"))
    file = write_lines(tmp_path / "input.jsonl", embedding_lines(template, pasted_source("비\n눈")))
    lines = [json.loads(line) for line in file.path.read_bytes().splitlines()]
    assert [line["custom_id"] for line in lines] == ["문장-000001", "문장-000002"]
    assert [line["body"]["input"] for line in lines] == ["비", "눈"]
    assert [line["body"].get("dimensions") for line in lines] == [dimensions] * 2
    assert check_file(file.path).can_submit
