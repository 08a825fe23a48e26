"""Cases from text, files and runs."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.boards.board import MAX_CASES, Case
from core.compare.boards.cases import cases_from_file, cases_from_paste, cases_from_runs, variable_problems
from core.errors.types import PlaygroundError
from tests.unit.compare.conftest import board_of, run_of, variant_of


def contents(cases: list[Case]) -> list[tuple[dict[str, str], str | None]]:
    return [(case.variables, case.expected) for case in cases]


def test_makes_a_case_of_each_pasted_line_for_the_first_variable() -> None:
    cases = cases_from_paste("서울은 어디에 있나요?\n\nWhere is Paris, and why?\n", ["question", "language"])

    assert contents(cases) == [
        ({"question": "서울은 어디에 있나요?"}, None),
        ({"question": "Where is Paris, and why?"}, None),
    ]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_reads_a_pasted_table_by_the_names_of_its_columns(delimiter: str) -> None:
    lines = [("city", "language", "expected"), ("Paris", "French", "Oui"), ("Seoul", "Korean", "")]

    cases = cases_from_paste("\n".join(map(delimiter.join, lines)), ["city", "language"])

    assert contents(cases) == [
        ({"city": "Paris", "language": "French"}, "Oui"),
        ({"city": "Seoul", "language": "Korean"}, None),
    ]


def test_reads_a_pasted_column_with_its_name() -> None:
    assert contents(cases_from_paste("city\nParis\nSeoul", ["city"])) == [
        ({"city": "Paris"}, None),
        ({"city": "Seoul"}, None),
    ]


def test_reads_csv_with_line_breaks_in_cells_and_names_that_a_prompt_can_contain() -> None:
    data = 'First name,Expected,2nd\n"Ada\nLovelace",Hi,x\n'.encode("utf-16")

    assert contents(cases_from_file("people.csv", data)) == [
        ({"first_name": "Ada\nLovelace", "column_2nd": "x"}, "Hi")
    ]


def test_reads_json_lines_and_writes_values_that_are_no_text_as_json() -> None:
    lines = [{"text": "안녕", "n": 1, "expected": "hello"}, {"text": "b", "n": [2]}]
    data = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()

    assert contents(cases_from_file("cases.jsonl", data)) == [
        ({"text": "안녕", "n": "1"}, "hello"),
        ({"text": "b", "n": "[2]"}, None),
    ]


@pytest.mark.parametrize(
    "line", [{"text": "a", "expected": None}, {"item": {"text": "a", "ideal": None}}], ids=["line", "item"]
)
def test_expects_no_reply_where_json_lines_have_null(line: object) -> None:
    assert contents(cases_from_file("cases.jsonl", json.dumps(line).encode())) == [({"text": "a"}, None)]


def test_leaves_an_apostrophe_in_a_table_that_was_not_exported() -> None:
    assert contents(cases_from_file("cases.csv", b"text\n'=SUM\n")) == [({"text": "'=SUM"}, None)]


def test_reads_the_lines_of_the_evals_api_and_of_the_evals_repository() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2+2?"}]
    of_api = [{"item": {"question": "Capital?", "ideal": "Seoul"}, "sample": {"output_text": "?"}}]
    of_repository = [{"input": messages, "ideal": "4"}, {"input": "What?", "ideal": ""}]

    def read(lines: Sequence[object]) -> list[Case]:
        return cases_from_file("evals.jsonl", "\n".join(map(json.dumps, lines)).encode())

    assert contents(read(of_api)) == [({"question": "Capital?"}, "Seoul")]
    assert contents(read(of_repository)) == [
        ({"input": "What is 2+2?"}, "4"),
        ({"input": "What?"}, None),
    ]
    assert contents(read([{"item": "tea"}])) == [({"item": "tea"}, None)]


def test_reports_the_line_that_is_not_json() -> None:
    with pytest.raises(PlaygroundError, match="Line 2 is not valid JSON"):
        cases_from_file("cases.jsonl", b'{"a": 1}\nnot json\n')


def test_refuses_more_cases_than_a_board_has() -> None:
    assert len(cases_from_paste("x\n" * MAX_CASES, ["a"])) == MAX_CASES
    with pytest.raises(PlaygroundError, match="at most 2,000 cases"):
        cases_from_paste("x\n" * (MAX_CASES + 1), ["a"])


@given(st.text(alphabet=st.characters(codec="utf-8")), st.lists(st.text(), max_size=3))
def test_reads_any_pasted_text_or_says_why_not(text: str, variables: list[str]) -> None:
    with suppress(PlaygroundError):
        assert all(case.variables for case in cases_from_paste(text, variables))


def test_makes_cases_of_runs_with_their_last_question_and_their_reply() -> None:
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": "data:"}}]
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    runs = [
        replace(run_of("Bye"), params={"messages": [*messages, {"role": "user", "content": "See you"}]}),
        replace(run_of("A cat"), params={"messages": [{"role": "user", "content": parts}]}),
        replace(run_of(), params={"input": ["x"]}),
    ]

    assert contents(cases_from_runs(runs, "question")) == [
        ({"question": "See you"}, "Bye"),
        ({"question": "What is it?"}, "A cat"),
    ]


def test_names_missing_and_unused_variables() -> None:
    board = board_of(variant_of("{{a}} {{b}}"), variant_of("{{other}}", enabled=False), cases=0).with_cases(
        [Case(variables={"a": "1", "b": ""}), Case(variables={"a": "2", "c": "3"})]
    )

    problems = variable_problems(board)

    assert problems.missing == {"b": 2}
    assert problems.unused == ("c",)
