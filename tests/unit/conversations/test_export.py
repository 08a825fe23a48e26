"""Conversations as files."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversations.export import export_json, export_markdown
from core.conversations.json_import import import_conversation
from core.conversations.repository import Conversation, ConversationRepository, Message
from core.files.json_validation import FileValidationError
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.redaction import register_key
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store

KEY = "sk-test-0123456789abcdef"
NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
CHAT = Conversation("chat", "Sky", NOW, "reply")
PIXEL = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
RUN = Run(
    "chat",
    "/chat/completions",
    {"model": "gpt-6-luna", "extra_headers": {"X-Team": "t"}},
    profile="Company server",
    base_url="https://llm.example/v1",
    id="run",
    headers={"set-cookie": "session=1"},
    state=RunState.DONE,
    model="gpt-6-luna",
    finish_reason="stop",
    usage=Usage(12, 34, 5),
    cost=Cost(Decimal("0.00012"), "list price"),
    first_token=0.21,
    total=1.5,
    request_id="req_1",
)


def question(content: Any) -> Message:
    return Message("question", "chat", None, "user", content, NOW)


def reply(text: str) -> Message:
    return Message("reply", "chat", "question", "assistant", text, NOW, "run")


def markdown(*branch: Message) -> str:
    return export_markdown(CHAT, branch, {"run": RUN})


def exported(**changes: Any) -> str:
    """Return a file, with some of its values replaced."""
    file = json.loads(export_json(CHAT, [question("Why?"), reply("Because.")], [RUN]))
    return json.dumps(file | changes, indent=2)


@pytest.fixture
def mine(store: Store) -> ConversationRepository:
    return ConversationRepository(store, "me")


def test_writes_who_said_what_and_how_the_reply_went() -> None:
    assert markdown(question("Why?"), reply("Because.")) == (
        "# Sky\n\n"
        "## User · 2026-11-23 12:30 UTC\n\n> Why?\n\n"
        "## Assistant · 2026-11-23 12:30 UTC\n\n> Because.\n\n"
        "gpt-6-luna · stop · first token 0.21 s · total 1.50 s · 12 tokens in (5 cached)"
        " · 34 out (0 reasoning) · 0.00012 USD · request req\\_1\n"
    )


def test_says_why_a_cost_is_unknown() -> None:
    run = replace(RUN, cost=Cost(None, "no price for this model"))

    assert "cost unknown: no price" in export_markdown(CHAT, [reply("x")], {"run": run})


@given(st.text())
def test_lets_no_message_reach_beyond_its_quote(text: str) -> None:
    body = markdown(question(f"```\n{text}\n## User\n<!--")).split("\n\n", 2)[2].rstrip("\n")

    assert all(line.startswith(">") for line in body.replace("\r", "\n").split("\n"))


def test_writes_a_title_as_words() -> None:
    title = replace(CHAT, title="![x](http://evil.example) <b>")

    assert export_markdown(title, [], {}) == "# \\!\\[x\\](http://evil.example) \\<b\\>\n"


def test_marks_where_an_image_stood() -> None:
    text = markdown(question([{"type": "text", "text": "What is this?"}, PIXEL]))

    assert "> What is this?\n>\n> *(image_url)*" in text


@pytest.mark.parametrize("where", ["title", "text", "param", "response"])
def test_exports_no_key(where: str) -> None:
    register_key(KEY)
    chat = replace(CHAT, title=KEY) if where == "title" else CHAT
    said = reply(f"Your key is {KEY}." if where == "text" else "x")
    run = replace(RUN, params={"user": KEY if where == "param" else ""})
    run = replace(run, response={"authorization": "hunter2", "echo": [KEY]} if where == "response" else None)

    text = export_json(chat, [said], [run]) + export_markdown(chat, [said], {"run": run})

    assert KEY not in text
    assert "hunter2" not in text


@pytest.mark.parametrize("secret", ["Company server", "llm.example", "set-cookie", "X-Team"])
def test_exports_nothing_of_the_connection(secret: str) -> None:
    assert secret not in export_json(CHAT, [reply("x")], [RUN])


def test_leaves_images_out_on_request() -> None:
    tree = [question([PIXEL])]
    run = replace(RUN, params={"messages": [{"role": "user", "content": [PIXEL]}]})

    assert "iVBORw0KGgo" in export_json(CHAT, tree, [run])
    assert "iVBORw0KGgo" not in export_json(CHAT, tree, [run], include_images=False)


def test_imports_what_was_exported(store: Store, mine: ConversationRepository) -> None:
    tree = [question([{"type": "text", "text": "왜?"}, PIXEL]), replace(reply("Because."), pinned=True)]
    made = import_conversation(export_json(CHAT, tree, [RUN]), mine)

    found = mine.branch(made.id)
    assert mine.get(made.id).title == "Sky"
    assert [(message.role, message.content) for message in found] == [
        ("user", tree[0].content),
        ("assistant", "Because."),
    ]
    assert found[1].pinned
    assert RunRepository(store, "me").get(found[1].run_id or "").usage == RUN.usage


def test_imports_a_file_twice_as_two_conversations(mine: ConversationRepository) -> None:
    assert import_conversation(exported(), mine).id != import_conversation(exported(), mine).id
    assert len(mine.list()) == 2


def test_imports_a_branch_that_was_not_shown(mine: ConversationRepository) -> None:
    other = replace(reply("Other."), id="other", run_id=None, deleted=True)
    made = import_conversation(export_json(CHAT, [question("Why?"), reply("x"), other], [RUN]), mine)

    assert [message.deleted for message in mine.messages(made.id)] == [False, False, True]


def test_takes_over_no_running_run_and_no_server(store: Store, mine: ConversationRepository) -> None:
    file = json.loads(exported())
    file["runs"][0] |= {"state": "running", "base_url": "https://evil.example"}
    import_conversation(json.dumps(file), mine)

    run = RunRepository(store, "me").list()[0]
    assert run.state is RunState.INTERRUPTED
    assert run.base_url == ""


def message(**changes: Any) -> dict[str, Any]:
    return {
        "id": "a",
        "parent": None,
        "role": "user",
        "content": "x",
        "created_at": NOW.isoformat(),
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"format": "chatgpt"}, "format", id="another format"),
        pytest.param({"version": 2}, "version", id="another version"),
        pytest.param({"messages": [message(parent="b")]}, "messages.0.parent", id="an unknown parent"),
        pytest.param({"messages": [message(parent="a")]}, "messages.0.parent", id="its own parent"),
        pytest.param({"messages": [message(), message()]}, "messages.1.id", id="an id twice"),
        pytest.param({"messages": [message(run="b")]}, "messages.0.run", id="an unknown run"),
        pytest.param({"messages": [message(role="root")]}, "messages.0.role", id="an unknown role"),
        pytest.param({"messages": [message(content=7)]}, "messages.0.content", id="content that is a number"),
        pytest.param({"messages": [message(owner="you")]}, "messages.0.owner", id="an unknown field"),
        pytest.param({"leaf": "nowhere"}, "leaf", id="an unknown leaf"),
        pytest.param({"runs": [{"id": 1}]}, "runs.0", id="half a run"),
        pytest.param({"title": "x" * 201}, "title", id="a long title"),
    ],
)
def test_refuses_a_wrong_file_and_changes_nothing(
    store: Store, mine: ConversationRepository, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(FileValidationError) as caught:
        import_conversation(
            exported(leaf=None, **changes) if "leaf" not in changes else exported(**changes), mine
        )

    assert any(problem.message.startswith(complaint) for problem in caught.value.problems)
    assert mine.list() == []
    assert RunRepository(store, "me").list() == []


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        pytest.param({}, "messages.0.content.0: Unable", id="no type"),
        pytest.param({"type": "input_audio"}, "messages.0.content.0: Input tag", id="an unknown type"),
        pytest.param({"type": "text"}, "messages.0.content.0.text: ", id="a text part without text"),
        pytest.param({"type": "text", "text": None}, "messages.0.content.0.text: ", id="a text that is null"),
        pytest.param({"type": "image_url"}, "messages.0.content.0.image_url: ", id="an image without image"),
        pytest.param(
            {"type": "image_url", "image_url": "data:image/png;base64,AA=="},
            "messages.0.content.0.image_url: ",
            id="an image that is a string",
        ),
        pytest.param(
            {"type": "image_url", "image_url": {}}, "messages.0.content.0.image_url.url: ", id="no url"
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"url": "javascript:alert(1)"}},
            "messages.0.content.0.image_url.url: ",
            id="a url that is a script",
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"url": "https://x", "detail": "most"}},
            "messages.0.content.0.image_url.detail: ",
            id="an unknown detail",
        ),
    ],
)
def test_refuses_a_part_that_could_not_be_shown(
    mine: ConversationRepository, part: dict[str, Any], complaint: str
) -> None:
    text = exported(leaf=None, messages=[message(content=[part])])

    with pytest.raises(FileValidationError) as caught:
        import_conversation(text, mine)

    (problem,) = caught.value.problems
    assert problem.message.startswith(complaint)
    assert problem.line >= text.split("\n").index('      "content": [') + 1
    assert mine.list() == []


def test_imports_a_detail_and_an_address(mine: ConversationRepository) -> None:
    part = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}
    made = import_conversation(exported(leaf="a", messages=[message(content=[part])]), mine)

    assert mine.branch(made.id)[0].content == [part]


def test_names_the_line_of_a_wrong_role(mine: ConversationRepository) -> None:
    text = exported().replace('"role": "assistant"', '"role": "root"')
    with pytest.raises(FileValidationError) as caught:
        import_conversation(text, mine)

    line = caught.value.problems[0].line
    assert '"root"' in text.split("\n")[line - 1]
