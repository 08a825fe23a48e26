"""Boards from the lines of OpenAI's evals."""

import pytest

from core.compare.boards.checks import Contains
from core.compare.export.openai_import import board_from_openai_lines
from core.errors.types import PlaygroundError

MODELS = ["gpt-4o-mini", "gpt-4o"]


@pytest.mark.parametrize(
    "line",
    [
        '{"input": [{"role": "user", "content": "2 + 2"}], "ideal": "4"}',
        '{"item": {"input": "2 + 2", "expected": "4"}}',
    ],
    ids=["samples of openai/evals", "items of the Evals API"],
)
def test_asks_the_input_of_each_line(line: str) -> None:
    imported = board_from_openai_lines(line, "arithmetic.jsonl", "test", MODELS)

    board = imported.board
    assert board.name == "arithmetic"
    assert board.variable_names() == ["input"]
    assert [(case.variables["input"], case.expected) for case in board.cases] == [("2 + 2", "4")]
    assert len({variant.model for variant in board.variants}) == 2
    assert board.checks == (Contains(),)
    assert any("no prompt" in note for note in imported.notes)


def test_refuses_lines_without_variables() -> None:
    with pytest.raises(PlaygroundError):
        board_from_openai_lines("[]\n", "x.jsonl", "test", MODELS)
