"""Replies as Markdown."""

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
