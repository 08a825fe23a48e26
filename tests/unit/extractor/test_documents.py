"""Documents are read from every kind of file, and named."""

import json
from contextlib import suppress
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.extractor.documents import (
    MAX_DOCUMENTS,
    CsvColumns,
    csv_columns,
    pasted_documents,
    read_documents,
)


@pytest.mark.parametrize(
    ("name", "data", "texts"),
    [
        ("a.txt", "하나\n둘".encode(), ["하나\n둘"]),
        ("a.md", b"# Title", ["# Title"]),
        ("a.csv", b'id,text\n1,one\n2,\n3,"th,ree"', ["one", "th,ree"]),
        ("a.csv", "번호;본문\n1;하나\n2;둘".encode("cp949"), ["하나", "둘"]),
        ("a.csv", b"id,note\n1,a long note\n2,another", ["a long note", "another"]),
        ("a.jsonl", b'"one"\n\n{"text": "two", "id": 2}\n{"x": 3}', ["one", "two", '{"x": 3}']),
    ],
)
def test_reads_the_documents_of_a_file(name: str, data: bytes, texts: list[str]) -> None:
    assert [document.text for document in read_documents(name, data)] == texts


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a.txt", "대한민국"),
        ("a.csv", "id;text\n1;대한민국"),
        ("a.jsonl", '{"text": "대한민국"}'),
        ("a.jsonl", json.dumps(normalize("NFD", "대한민국"))),
    ],
)
def test_composes_the_texts_of_a_file(name: str, file: str) -> None:
    (document,) = read_documents(name, normalize("NFD", file).encode())

    assert document.text == "대한민국"


def test_composes_pasted_texts() -> None:
    (document,) = pasted_documents(normalize("NFD", "대한민국"))

    assert (document.name, document.text) == ("대한민국", "대한민국")


def test_separates_no_columns_by_a_greek_question_mark() -> None:
    (document,) = read_documents("a.csv", "id;text\n1;πού\u037e ναι".encode())

    assert document.text == "πού; ναι"


def test_reads_the_chosen_column_of_a_csv_file() -> None:
    data = b"id,title,note\n1,=Ferry,a long note\n2,Bus,another"

    assert csv_columns("a.csv", data) == CsvColumns(("id", "title", "note"), 2)
    assert [document.text for document in read_documents("a.csv", data, 1)] == ["=Ferry", "Bus"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b'text,expected\none,"{""title"": ""x""}"\ntwo,\n'),
        ("a.jsonl", b'{"text": "one", "expected": {"title": "x"}}\n{"text": "two"}'),
        (
            "a.jsonl",
            b'{"text": "one", "expected": "{\\"title\\": \\"x\\"}"}\n{"text": "two", "expected": ""}',
        ),
    ],
)
def test_reads_the_expected_values(name: str, data: bytes) -> None:
    assert [document.expected for document in read_documents(name, data)] == [{"title": "x"}, None]


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.csv", b'id,review,expected\n1,Good,"{""title"": ""x""}"', "Good"),
        ("a.jsonl", b'{"review": "Good", "expected": {"title": "x"}}', '{"review": "Good"}'),
    ],
)
def test_reads_no_text_from_the_expected_values(name: str, data: bytes, text: str) -> None:
    (document,) = read_documents(name, data)

    assert (document.text, document.expected) == (text, {"title": "x"})


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.exe", b"x", "not a supported file type"),
        ("a.csv", b"text\n", "no documents"),
        ("a.txt", b"\x00\x00\xfe\xff", "no documents"),
        ("a.csv", b"text,expected\none,x", "Row 2: expected is not a JSON object"),
        ("a.jsonl", b'"a"\n{"text": "one", "expected": ["x"]}', "Line 2: expected is not a JSON object"),
        ("a.jsonl", b'"a"\n{', "Line 2 is not valid JSON"),
        ("a.jsonl", b"[" * 100_000, "Line 1 is not valid JSON"),
        ("a.jsonl", b'"a"\n' * (MAX_DOCUMENTS + 1), "more than 5,000"),
    ],
)
def test_refuses_a_file_without_documents(name: str, data: bytes, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        read_documents(name, data)


def test_separates_pasted_documents_by_lines_of_hyphens() -> None:
    documents = pasted_documents("one\r\n---\r\ntwo\n--- not\n---\n\n---\n")

    assert [document.text for document in documents] == ["one", "two\n--- not"]
    assert [document.name for document in documents] == ["one", "two --- not"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("Ferry opens\nThe new ferry", "Ferry opens The new ferry", id="whole text"),
        pytest.param(
            "The harbour of the city opens a new ferry", "The harbour of the city opens a new…", id="words"
        ),
        pytest.param("가" * 50, "가" * 40 + "…", id="one long word"),
    ],
)
def test_names_pasted_documents_by_their_first_words(text: str, name: str) -> None:
    assert [document.name for document in pasted_documents(text)] == [name]


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "b"]), max_size=12))
def test_gives_each_pasted_document_a_name_of_its_own(texts: list[str]) -> None:
    names = [document.name for document in pasted_documents("\n---\n".join(texts))]

    assert len(set(names)) == len(names) == len(texts)


@given(st.binary(max_size=200), st.sampled_from(["csv", "jsonl", "txt"]))
def test_reads_any_bytes_or_says_why_not(data: bytes, extension: str) -> None:
    documents = []
    with suppress(PlaygroundError):
        documents = read_documents(f"a.{extension}", data)

    assert all(document.text for document in documents)
