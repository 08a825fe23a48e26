"""The example of a batch: a hundred requests that can be sent as they are."""

from pathlib import Path

import pytest

from core.batches.check.preflight import check_file
from core.batches.input.example import TITLE, example_input
from core.batches.input.request_line import write_lines


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-4o-mini", "llama-3.2-3b"])
def test_makes_a_hundred_requests_that_pass_the_check(tmp_path: Path, model: str) -> None:
    example = example_input(model)
    written = write_lines(tmp_path / "input.jsonl", example.lines())
    report = check_file(written.path)
    assert (written.lines, report.lines, report.errors, report.model) == (100, 100, 0, model)


def test_has_a_title_that_no_other_batch_has() -> None:
    titles = [TITLE, f"{TITLE} (2)"]
    assert example_input("gpt-6-luna", titles[1:]).title == TITLE
    assert example_input("gpt-6-luna", titles).title == f"{TITLE} (3)"


def test_alternates_the_languages() -> None:
    lines = list(example_input("gpt-6-luna").lines())
    assert [line.custom_id for line in lines[:3]] == ["ko-000001", "en-000001", "ko-000002"]
    texts = [line.body["messages"][-1]["content"] for line in lines]
    assert texts[0].startswith("항목 1 한 문장 요약: 책상은")
    assert texts[-1].startswith("Summarize item 50 in one sentence: The movers")
    assert not any("{" in text for text in texts)
