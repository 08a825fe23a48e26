"""The conversation drawer on the Chat page."""

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
def conversations() -> ConversationRepository:
    return ConversationRepository(resources.store())


def create_conversations(conversations: ConversationRepository, *questions: str) -> list[str]:
    """Start a conversation with each question, and return their ids."""
    created = [conversations.create() for _ in questions]
    for conversation, question in zip(created, questions, strict=True):
        conversations.append(conversation.id, None, "user", question)
    return [conversation.id for conversation in created]


def open_drawer(chat: AppTest) -> AppTest:
    return chat.button(key="conversations.drawer").click().run()


def titles(drawer: AppTest) -> list[str]:
    return [b.label for b in drawer.button if str(b.key).startswith("conversations.open.")]


def run_action(drawer: AppTest, conversation_id: str, action: str) -> AppTest:
    return drawer.menu_button(key=f"conversations.actions.{conversation_id}").click(action).run()


def test_shows_an_empty_state(chat: AppTest) -> None:
    drawer = open_drawer(chat)

    assert not drawer.exception
    assert any("No conversations yet" in caption.value for caption in drawer.caption)


def test_lists_the_most_recently_used_first(chat: AppTest, conversations: ConversationRepository) -> None:
    create_conversations(conversations, "first", "second")

    assert titles(open_drawer(chat)) == ["second", "first"]


def test_searches_the_messages(chat: AppTest, conversations: ConversationRepository) -> None:
    tides, _ = create_conversations(conversations, "About tides", "About stars")
    conversations.append(tides, None, "user", "And the moon?")
    drawer = open_drawer(chat)
    drawer.text_input(key="conversations.search").set_value("moon")

    assert titles(open_drawer(drawer)) == ["About tides"]


def test_shows_thirty_at_a_time_and_searches_all(
    chat: AppTest, conversations: ConversationRepository
) -> None:
    create_conversations(conversations, *(f"question {number}" for number in range(40)))
    drawer = open_drawer(chat)
    assert titles(drawer) == [f"question {number}" for number in range(39, 9, -1)]

    drawer.button(key="conversations.page.older").click().run()
    drawer = open_drawer(drawer)
    assert titles(drawer) == [f"question {number}" for number in range(9, -1, -1)]

    drawer.text_input(key="conversations.search").set_value("question 39")
    drawer = open_drawer(drawer)
    assert titles(drawer) == ["question 39"]

    drawer.text_input(key="conversations.search").set_value("")
    assert len(titles(open_drawer(drawer))) == 30


def test_goes_back_to_newer_ones(chat: AppTest, conversations: ConversationRepository) -> None:
    create_conversations(conversations, *(f"question {number}" for number in range(40)))
    drawer = open_drawer(chat)
    drawer.button(key="conversations.page.older").click().run()
    drawer = open_drawer(drawer)

    drawer.button(key="conversations.page.newer").click().run()

    assert titles(open_drawer(drawer))[0] == "question 39"


def test_opens_a_conversation(chat: AppTest, conversations: ConversationRepository) -> None:
    wanted, _ = create_conversations(conversations, "wanted", "other")

    open_drawer(chat).button(key=f"conversations.open.{wanted}").click().run()

    assert chat.query_params["c"] == wanted


def test_starts_a_new_conversation(chat: AppTest) -> None:
    before = chat.query_params["c"]

    chat.button(key="conversations.new").click().run()

    assert chat.query_params["c"] != before


def test_escapes_a_title(chat: AppTest, conversations: ConversationRepository) -> None:
    create_conversations(conversations, "![x](http://example.org) **b**")

    assert titles(open_drawer(chat)) == [r"\!\[x\]\(http\:\/\/example\.org\) \*\*b\*\*"]


def test_renames_a_conversation(chat: AppTest, conversations: ConversationRepository) -> None:
    [wanted] = create_conversations(conversations, "dull")
    drawer = open_drawer(run_action(open_drawer(chat), wanted, "Rename"))
    drawer.text_input(key="conversations.title").set_value("bright")
    next(b for b in drawer.button if b.label == "Save").click().run()

    assert conversations.get(wanted).title == "bright"


def test_restores_a_deleted_conversation(chat: AppTest, conversations: ConversationRepository) -> None:
    [wanted] = create_conversations(conversations, "precious")
    drawer = open_drawer(run_action(open_drawer(chat), wanted, "Delete"))
    assert titles(drawer) == []

    drawer.button(key="conversations.undo").click().run()

    assert titles(open_drawer(drawer)) == ["precious"]


def test_closes_the_open_conversation_on_delete_and_reopens_it_on_undo(
    chat: AppTest, conversations: ConversationRepository
) -> None:
    [wanted] = create_conversations(conversations, "open")
    open_drawer(chat).button(key=f"conversations.open.{wanted}").click().run()
    drawer = open_drawer(run_action(open_drawer(chat), wanted, "Delete"))
    assert drawer.query_params["c"] != wanted

    drawer.button(key="conversations.undo").click().run()

    assert drawer.query_params["c"] == wanted


def downloads(drawer: AppTest, key: str) -> list[str]:
    return [
        button.proto.label
        for button in drawer.get("download_button")
        if str(button.key).rpartition(".")[0] == f"conversations.{key}"
    ]


def groups(drawer: AppTest) -> list[str]:
    return [element.proto.body for element in drawer.get("html") if element.proto.body.startswith("<h3>")]


def test_pins_and_exports_any_conversation(chat: AppTest, conversations: ConversationRepository) -> None:
    pinned, other = create_conversations(conversations, "pinned", "other")
    assert groups(open_drawer(chat)) == ["<h3>Today</h3>"]

    drawer = open_drawer(run_action(open_drawer(chat), pinned, "Pin"))

    assert titles(drawer) == ["pinned", "other"]
    assert groups(drawer) == ["<h3>Pinned</h3>", "<h3>Today</h3>"]
    drawer = open_drawer(run_action(drawer, other, "Export"))
    assert downloads(drawer, "export_row") == ["Markdown", "JSON", "HTML"]


def test_offers_exports_of_the_open_conversation_and_of_all(
    chat: AppTest, conversations: ConversationRepository
) -> None:
    [wanted] = create_conversations(conversations, "to keep")
    drawer = open_drawer(open_drawer(chat).button(key=f"conversations.open.{wanted}").click().run())

    assert downloads(drawer, "export") == ["Markdown", "JSON", "HTML"]
    assert downloads(drawer, "export.all") == ["Markdown", "JSON", "HTML"]


def import_file(chat: AppTest, content: bytes) -> AppTest:
    open_drawer(chat).file_uploader[0].set_value(("conversation.json", content, "application/json"))
    return open_drawer(chat)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b'{\n  "format": \n}', "**Line 3**", id="not JSON"),
        pytest.param(b'{\n  "version": 2\n}', "**Line 2** · version", id="not our file"),
        pytest.param(b"\xff\xfe{}", "not UTF-8", id="not text"),
    ],
)
def test_reports_the_line_of_a_malformed_file_and_imports_nothing(
    chat: AppTest, conversations: ConversationRepository, content: bytes, message: str
) -> None:
    drawer = import_file(chat, content)

    assert message in drawer.error[0].value
    assert conversations.list() == []


def test_imports_a_file_and_opens_it(chat: AppTest, conversations: ConversationRepository) -> None:
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

    import_file(chat, json.dumps(file).encode())

    [imported] = conversations.list()
    assert imported.title == "From a file"
    assert chat.query_params["c"] == imported.id
