"""Export of conversations as Markdown and JSON."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversations.export import export_json, export_markdown
from core.conversations.messages import Message
from core.pricing.prices import Cost
from core.redaction import register_key
from tests.unit.conversations.sample_conversation import CONVERSATION, IMAGE_PART, RUN, question, reply

KEY = "sk-test-0123456789abcdef"


def markdown(*branch: Message) -> str:
    return export_markdown(CONVERSATION, branch, {"run": RUN})


def test_exports_messages_and_run_details_as_markdown() -> None:
    assert markdown(question("Why?"), reply("Because.")) == (
        "# Sky\n\n"
        "## User · 2026-11-23 12:30 UTC\n\n> Why?\n\n"
        "## Assistant · 2026-11-23 12:30 UTC\n\n> Because.\n\n"
        "gpt-6-luna · Chat Completions · finish reason stop · first token 0.21 s · total 1.50 s"
        " · 12 input tokens (5 cached) · 34 output tokens · 0.00012 USD · request ID req\\_1\n"
    )


def test_exports_why_a_cost_is_unknown() -> None:
    run = replace(RUN, cost=Cost(None, "no price for this model"))

    assert "cost not available: no price" in export_markdown(CONVERSATION, [reply("x")], {"run": run})


def test_exports_an_estimated_cost_as_such() -> None:
    run = replace(RUN, usage=None, cost=Cost(None, "estimated usage", estimated_amount=Decimal("0.00012")))

    text = export_markdown(CONVERSATION, [reply("x")], {"run": run})

    assert "about 0.00012 USD (estimated)" in text


@given(st.text())
def test_keeps_every_line_of_a_message_in_its_block_quote(text: str) -> None:
    body = markdown(question(f"```\n{text}\n## User\n<!--")).split("\n\n", 2)[2].rstrip("\n")

    assert all(line.startswith(">") for line in body.replace("\r", "\n").split("\n"))


def test_escapes_markdown_in_a_title() -> None:
    conversation = replace(CONVERSATION, title="![x](http://evil.example) <b>")

    assert export_markdown(conversation, [], {}) == "# \\!\\[x\\](http://evil.example) \\<b\\>\n"


def test_exports_a_placeholder_for_an_image() -> None:
    text = markdown(question([{"type": "text", "text": "What is this?"}, IMAGE_PART]))

    assert "> What is this?\n>\n> *(image_url)*" in text


@pytest.mark.parametrize("where", ["title", "text", "param", "response"])
def test_redacts_keys(where: str) -> None:
    register_key(KEY)
    conversation = replace(CONVERSATION, title=KEY) if where == "title" else CONVERSATION
    message = reply(f"Your key is {KEY}." if where == "text" else "x")
    run = replace(RUN, params={"user": KEY if where == "param" else ""})
    run = replace(run, response={"authorization": "hunter2", "echo": [KEY]} if where == "response" else None)

    text = export_json(conversation, [message], [run])
    text += export_markdown(conversation, [message], {"run": run})

    assert KEY not in text
    assert "hunter2" not in text


@pytest.mark.parametrize("secret", ["Company server", "llm.example", "set-cookie", "X-Team"])
def test_omits_the_connection(secret: str) -> None:
    assert secret not in export_json(CONVERSATION, [reply("x")], [RUN])


def test_omits_images_on_request() -> None:
    tree = [question([IMAGE_PART])]
    run = replace(RUN, params={"messages": [{"role": "user", "content": [IMAGE_PART]}]})

    assert "iVBORw0KGgo" in export_json(CONVERSATION, tree, [run])
    assert "iVBORw0KGgo" not in export_json(CONVERSATION, tree, [run], include_images=False)
