"""The drawer of conversations, worked from the Chat page."""

import json
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.conversations.repository import ConversationRepository
from tests.app.conftest import OpenPage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def chat(open_page: OpenPage) -> AppTest:
    return open_page("chat")


@pytest.fixture
def kept() -> ConversationRepository:
    return ConversationRepository(resources.store())


def converse(kept: ConversationRepository, *questions: str) -> list[str]:
    """Begin a conversation with each question, and return their ids."""
    made = [kept.create() for _ in questions]
    for conversation, question in zip(made, questions, strict=True):
        kept.append(conversation.id, None, "user", question)
    return [conversation.id for conversation in made]


def opened(chat: AppTest) -> AppTest:
    return chat.button(key="conversations.drawer").click().run()


def titles(drawer: AppTest) -> list[str]:
    return [b.label for b in drawer.button if str(b.key).startswith("conversations.open.")]


def change(drawer: AppTest, conversation_id: str, option: str) -> AppTest:
    return drawer.menu_button(key=f"conversations.change.{conversation_id}").click(option).run()


def test_says_what_to_do_when_there_is_nothing(chat: AppTest) -> None:
    drawer = opened(chat)

    assert not drawer.exception
    assert any("No conversations yet" in caption.value for caption in drawer.caption)


def test_lists_the_last_used_first(chat: AppTest, kept: ConversationRepository) -> None:
    converse(kept, "first", "second")

    assert titles(opened(chat)) == ["second", "first"]


def test_finds_by_words_of_a_message(chat: AppTest, kept: ConversationRepository) -> None:
    tides, _ = converse(kept, "About tides", "About stars")
    kept.append(tides, None, "user", "And the moon?")
    drawer = opened(chat)
    drawer.text_input(key="conversations.search").set_value("moon")

    assert titles(opened(drawer)) == ["About tides"]


def test_shows_more_when_asked(chat: AppTest, kept: ConversationRepository) -> None:
    converse(kept, *(f"question {number}" for number in range(35)))
    drawer = opened(chat)
    assert len(titles(drawer)) == 30

    drawer.button(key="conversations.more").click().run()

    assert len(titles(opened(drawer))) == 35


def test_opens_a_conversation(chat: AppTest, kept: ConversationRepository) -> None:
    wanted, _ = converse(kept, "wanted", "other")

    opened(chat).button(key=f"conversations.open.{wanted}").click().run()

    assert chat.query_params["c"] == wanted


def test_begins_a_new_conversation(chat: AppTest) -> None:
    before = chat.query_params["c"]

    chat.button(key="conversations.new").click().run()

    assert chat.query_params["c"] != before


def test_writes_a_title_as_it_is_and_not_as_markup(chat: AppTest, kept: ConversationRepository) -> None:
    converse(kept, "![x](http://example.org) **b**")

    assert titles(opened(chat)) == [r"\!\[x\]\(http\:\/\/example\.org\) \*\*b\*\*"]


def test_renames_a_conversation(chat: AppTest, kept: ConversationRepository) -> None:
    [wanted] = converse(kept, "dull")
    drawer = opened(change(opened(chat), wanted, "Rename"))
    drawer.text_input(key="conversations.title").set_value("bright")
    next(b for b in drawer.button if b.label == "Save").click().run()

    assert kept.get(wanted).title == "bright"


def test_brings_a_deleted_conversation_back(chat: AppTest, kept: ConversationRepository) -> None:
    [wanted] = converse(kept, "precious")
    drawer = opened(change(opened(chat), wanted, "Delete"))
    assert titles(drawer) == []

    drawer.button(key="conversations.undo").click().run()

    assert titles(opened(drawer)) == ["precious"]


def test_leaves_the_open_conversation_when_it_is_deleted_and_returns_on_undo(
    chat: AppTest, kept: ConversationRepository
) -> None:
    [wanted] = converse(kept, "open")
    opened(chat).button(key=f"conversations.open.{wanted}").click().run()
    drawer = opened(change(opened(chat), wanted, "Delete"))
    assert drawer.query_params["c"] != wanted

    drawer.button(key="conversations.undo").click().run()

    assert drawer.query_params["c"] == wanted


def test_offers_the_open_conversation_as_files(chat: AppTest, kept: ConversationRepository) -> None:
    [wanted] = converse(kept, "to keep")
    drawer = opened(opened(chat).button(key=f"conversations.open.{wanted}").click().run())

    assert [button.proto.label for button in drawer.get("download_button")] == ["Markdown", "JSON"]


def importing(chat: AppTest, content: bytes) -> AppTest:
    opened(chat).file_uploader[0].set_value(("conversation.json", content, "application/json"))
    return opened(chat)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b'{\n  "format": \n}', "**Line 3**", id="not JSON"),
        pytest.param(b'{\n  "version": 2\n}', "**Line 2** · version", id="not our file"),
        pytest.param(b"\xff\xfe{}", "not UTF-8", id="not text"),
    ],
)
def test_names_the_line_of_a_malformed_file_and_changes_nothing(
    chat: AppTest, kept: ConversationRepository, content: bytes, told: str
) -> None:
    drawer = importing(chat, content)

    assert told in drawer.error[0].value
    assert kept.list() == []


def test_imports_a_file_and_opens_it(chat: AppTest, kept: ConversationRepository) -> None:
    file = {
        "format": "openai-sdk-playground/conversation",
        "version": 1,
        "exported_at": NOW.isoformat(),
        "title": "From a file",
        "created_at": NOW.isoformat(),
        "leaf": None,
        "messages": [],
        "runs": [],
    }

    importing(chat, json.dumps(file).encode())

    [made] = kept.list()
    assert made.title == "From a file"
    assert chat.query_params["c"] == made.id
