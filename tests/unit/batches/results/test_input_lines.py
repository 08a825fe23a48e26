"""Single lines of an input file, read by their number."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.batches.results.input_lines import input_text, request_bodies
from tests.unit.batches.input_lines import chat_line, embedding_line, to_bytes, with_files, write_file


@with_files
@given(st.lists(st.text(max_size=40), min_size=1, max_size=30), st.sampled_from([b"", b"\n"]), st.data())
def test_reads_any_line_by_its_number(
    tmp_path: Path, texts: list[str], end: bytes, data: st.DataObject
) -> None:
    path = tmp_path / "input.jsonl"
    lines = to_bytes(chat_line(str(number), user=text) for number, text in enumerate(texts))
    path.write_bytes(lines.removesuffix(end))
    numbers = data.draw(st.lists(st.integers(-1, len(texts) + 2), unique=True))

    bodies = request_bodies(path, numbers)

    assert {number: body["user"] for number, body in bodies.items()} == {
        number: texts[number - 1] for number in numbers if 0 < number <= len(texts)
    }


def test_counts_blank_and_invalid_lines(tmp_path: Path) -> None:
    path = write_file(tmp_path, b"\xef\xbb\xbf", chat_line("a"), b"\n", b"{\n", b"[1]\n", chat_line("b"))

    assert list(request_bodies(path, range(1, 9))) == [1, 5]


def test_reads_a_file_that_was_replaced(tmp_path: Path) -> None:
    path = write_file(tmp_path, embedding_line(value="before"))
    assert request_bodies(path, [1])[1]["input"] == "before"

    write_file(tmp_path, embedding_line(value="afterwards"))

    assert request_bodies(path, [1])[1]["input"] == "afterwards"


def test_has_no_bodies_without_the_file(tmp_path: Path) -> None:
    assert request_bodies(tmp_path / "deleted.jsonl", [1]) == {}


PARTS = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "data:"}}]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param({"messages": [{"role": "user", "content": "안녕"}]}, "안녕", id="chat"),
        pytest.param({"messages": [{"role": "user", "content": PARTS}]}, "What is this?", id="image"),
        pytest.param({"input": "a text"}, "a text", id="input"),
        pytest.param({"input": ["one", "two"]}, "one\ntwo", id="inputs"),
        pytest.param({"input": [1, 2]}, "", id="tokens"),
        pytest.param({"prompt": "Once"}, "Once", id="prompt"),
        pytest.param({"messages": [7, {"role": "user", "content": 7}]}, "", id="invalid"),
        pytest.param({}, "", id="empty"),
    ],
)
def test_finds_the_text_of_a_request(body: dict[str, Any], text: str) -> None:
    assert input_text(body) == text
