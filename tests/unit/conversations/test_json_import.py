"""Import of conversations from JSON files."""

import json
from dataclasses import replace
from typing import Any

import pytest

from core.conversations.export import export_json
from core.conversations.json_import import import_conversation
from core.conversations.repository import ConversationRepository
from core.files.json_validation import FileValidationError
from core.runs.run import RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.conversations.sample_conversation import (
    CONVERSATION,
    IMAGE_PART,
    NOW,
    RUN,
    question,
    reply,
)


def exported(**changes: Any) -> str:
    """Return an exported file with *changes* to its top-level values."""
    file = json.loads(export_json(CONVERSATION, [question("Why?"), reply("Because.")], [RUN]))
    return json.dumps(file | changes, indent=2)


@pytest.fixture
def conversations(store: Store) -> ConversationRepository:
    return ConversationRepository(store, "me")


def test_imports_an_exported_conversation(store: Store, conversations: ConversationRepository) -> None:
    tree = [question([{"type": "text", "text": "왜?"}, IMAGE_PART]), replace(reply("Because."), pinned=True)]
    imported = import_conversation(export_json(CONVERSATION, tree, [RUN]), conversations)

    branch = conversations.branch(imported.id)
    assert conversations.get(imported.id).title == "Sky"
    assert [(message.role, message.content) for message in branch] == [
        ("user", tree[0].content),
        ("assistant", "Because."),
    ]
    assert branch[1].pinned
    assert RunRepository(store, "me").get(branch[1].run_id or "").usage == RUN.usage


def test_imports_the_same_file_twice_as_two_conversations(conversations: ConversationRepository) -> None:
    first, second = (import_conversation(exported(), conversations) for _ in range(2))

    assert first.id != second.id
    assert len(conversations.list()) == 2


def test_imports_a_branch_that_is_not_selected(conversations: ConversationRepository) -> None:
    deleted = replace(reply("Other."), id="other", run_id=None, deleted=True)
    tree = [question("Why?"), reply("x"), deleted]
    imported = import_conversation(export_json(CONVERSATION, tree, [RUN]), conversations)

    assert [message.deleted for message in conversations.messages(imported.id)] == [False, False, True]


def test_imports_runs_as_ended_and_without_a_server(
    store: Store, conversations: ConversationRepository
) -> None:
    file = json.loads(exported())
    file["runs"][0] |= {"state": "running", "base_url": "https://evil.example"}
    import_conversation(json.dumps(file), conversations)

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
    ("changes", "path"),
    [
        pytest.param({"format": "chatgpt"}, "format", id="another format"),
        pytest.param({"version": 2}, "version", id="another version"),
        pytest.param({"messages": [message(parent="b")]}, "messages.0.parent", id="an unknown parent"),
        pytest.param({"messages": [message(parent="a")]}, "messages.0.parent", id="its own parent"),
        pytest.param({"messages": [message(), message()]}, "messages.1.id", id="a duplicate id"),
        pytest.param({"messages": [message(run="b")]}, "messages.0.run", id="an unknown run"),
        pytest.param({"messages": [message(role="root")]}, "messages.0.role", id="an unknown role"),
        pytest.param({"messages": [message(content=7)]}, "messages.0.content", id="content that is a number"),
        pytest.param({"messages": [message(owner="you")]}, "messages.0.owner", id="an unknown field"),
        pytest.param({"leaf": "nowhere"}, "leaf", id="an unknown leaf"),
        pytest.param({"runs": [{"id": 1}]}, "runs.0", id="incomplete run"),
        pytest.param({"title": "x" * 201}, "title", id="a long title"),
    ],
)
def test_rejects_an_invalid_file_and_changes_nothing(
    store: Store, conversations: ConversationRepository, changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(FileValidationError) as caught:
        import_conversation(exported(**{"leaf": None, **changes}), conversations)

    assert any(problem.message.startswith(path) for problem in caught.value.problems)
    assert conversations.list() == []
    assert RunRepository(store, "me").list() == []


@pytest.mark.parametrize(
    ("part", "error"),
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
def test_rejects_a_content_part_that_cannot_be_displayed(
    conversations: ConversationRepository, part: dict[str, Any], error: str
) -> None:
    text = exported(leaf=None, messages=[message(content=[part])])

    with pytest.raises(FileValidationError) as caught:
        import_conversation(text, conversations)

    (problem,) = caught.value.problems
    assert problem.message.startswith(error)
    assert problem.line >= text.split("\n").index('      "content": [') + 1
    assert conversations.list() == []


def test_imports_an_image_url_with_detail(conversations: ConversationRepository) -> None:
    part = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}
    imported = import_conversation(exported(leaf="a", messages=[message(content=[part])]), conversations)

    assert conversations.branch(imported.id)[0].content == [part]


def test_reports_the_line_of_an_invalid_role(conversations: ConversationRepository) -> None:
    text = exported().replace('"role": "assistant"', '"role": "root"')
    with pytest.raises(FileValidationError) as caught:
        import_conversation(text, conversations)

    line = caught.value.problems[0].line
    assert '"root"' in text.split("\n")[line - 1]
