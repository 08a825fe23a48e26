"""Conversations as files."""

import zipfile
from io import BytesIO

import pytest

from core.conversations.export_files import ConversationFiles, FileFormat, file_name
from core.conversations.json_import import import_conversation
from core.conversations.repository import ConversationRepository
from core.runs.run import Run
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.conversations.sample_conversation import add_conversation


@pytest.fixture
def conversations(store: Store) -> ConversationRepository:
    return ConversationRepository(store)


@pytest.fixture
def files(store: Store, conversations: ConversationRepository) -> ConversationFiles:
    return ConversationFiles(conversations, RunRepository(store))


def add_with_versions(conversations: ConversationRepository, store: Store) -> str:
    """Create a conversation whose question has two replies, of which the first is shown; return its id."""
    [asked] = add_conversation(conversations, "Why?")
    runs = [Run("chat", "chat.completions.create", {"model": "gpt-6-luna"}) for _ in range(2)]
    for run in runs:
        RunRepository(store).save(run)
    replies = [
        conversations.append(asked.conversation_id, asked.id, "assistant", text, run.id)
        for text, run in zip(("first reply", "second reply"), runs, strict=True)
    ]
    conversations.select_branch(replies[0].id)
    return asked.conversation_id


@pytest.mark.parametrize("file_format", ["md", "html"])
def test_writes_the_branch_that_is_shown_and_says_so(
    files: ConversationFiles, conversations: ConversationRepository, store: Store, file_format: FileFormat
) -> None:
    conversation = conversations.get(add_with_versions(conversations, store))

    text = files.write(conversation, file_format)

    assert "first reply" in text
    assert "second reply" not in text
    assert "version 1 of 2" in text
    assert "This is one branch of the conversation." in text


def test_writes_all_branches_as_json_that_can_be_imported(
    files: ConversationFiles, conversations: ConversationRepository, store: Store
) -> None:
    conversation = conversations.get(add_with_versions(conversations, store))

    imported = import_conversation(files.write(conversation, "json"), conversations)

    assert [message.text for message in conversations.messages(imported.id)] == [
        "Why?",
        "first reply",
        "second reply",
    ]
    assert [message.text for message in conversations.branch(imported.id)] == ["Why?", "first reply"]
    # As a person looks for what has just been imported.
    assert imported.used_at > conversation.used_at
    assert imported.created_at == conversation.created_at


@pytest.mark.parametrize("count", [0, 1, 3])
def test_writes_an_archive(
    files: ConversationFiles, conversations: ConversationRepository, count: int
) -> None:
    for _ in range(count):
        add_conversation(conversations, "A/B: the same?")
    listed = conversations.list()

    with zipfile.ZipFile(BytesIO(files.archive(listed, "md"))) as archive:
        day = f"{listed[0].created_at:%Y-%m-%d}" if listed else ""
        names = (f"{day} A-B-the-same{suffix}.md" for suffix in ("", " (2)", " (3)"))
        assert archive.namelist() == list(names)[:count]
        assert all(b"> A/B: the same?" in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Sky and sea", "Sky-and-sea.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("여름 휴가", "여름-휴가.md"),
        ("?!", "conversation.md"),
        ("a" * 200, "a" * 60 + ".md"),
    ],
)
def test_names_a_file_by_the_title(conversations: ConversationRepository, title: str, name: str) -> None:
    assert file_name(conversations.create(title), "md") == name
