"""Replies as Markdown."""

import pytest

from components.compare.reply_markdown import reply_markdown
from tests.unit.compare.conftest import run_of


def test_draws_refusals_and_calls_beside_the_text() -> None:
    call = {"function": {"name": "get`weather", "arguments": '{"city":"Oslo"}'}}
    run = run_of(
        "I ask.", refusal="No.\n*Never.*", response={"choices": [{"message": {"tool_calls": [call]}}]}
    )

    assert reply_markdown(run) == (
        "I ask.\n\n> No\\. \\*Never\\.\\*\n\n**Tool call** `get_weather`\n\n"
        '~~~~json\n{\n  "city": "Oslo"\n}\n~~~~'
    )


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ('{"city":"부산","tags":["port"]}', '{\n  "city": "부산",\n  "tags": [\n    "port"\n  ]\n}'),
        (" [1, 2]\n", "[\n  1,\n  2\n]"),
        ('{"half": "\\ud800"}', '{\n  "half": "\ufffd"\n}'),
    ],
)
def test_formats_a_reply_that_is_json(text: str, markdown: str) -> None:
    assert reply_markdown(run_of(text)) == f"~~~~json\n{markdown}\n~~~~"


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "**Yes**",
        '{"city":',
        'See {"city": 1}',
        pytest.param("[" * 100_000, id="deep"),
        pytest.param(f"[{'1' * 5_000}]", id="long number"),
    ],
)
def test_leaves_other_replies_as_they_are(text: str) -> None:
    assert reply_markdown(run_of(text)) == text
