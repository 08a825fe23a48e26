"""A conversation is opened with the settings of its last reply, or as this session has left it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.chat.parameters import MENU_KEY
from components.runtime import resources
from core.completions.request import ChatSettings
from core.conversations.repository import ConversationRepository
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage, live_session_of

CHAT = {
    "messages": [{"role": "system", "content": "Rhyme"}, {"role": "user", "content": "Hi"}],
    "temperature": 0,
}
RESPONSES = {
    "input": "Hi",
    "instructions": "Rhyme",
    "previous_response_id": "resp_1",
    "reasoning": {"effort": "low"},
    "include": ["reasoning.encrypted_content"],
}


@pytest.fixture
def conversations() -> ConversationRepository:
    return ConversationRepository(resources.store())


def create_conversation(conversations: ConversationRepository, endpoint: str, params: dict[str, Any]) -> str:
    """Save a conversation whose only reply was requested with *params*."""
    run = Run("chat", endpoint, {"model": "gpt-5.4-mini", **params}, state=RunState.DONE, text="Hello")
    RunRepository(resources.store()).save(run)
    conversation_id = conversations.create().id
    question = conversations.append(conversation_id, None, "user", "Hi")
    conversations.append(conversation_id, question.id, "assistant", "Hello", run_id=run.id)
    return conversation_id


def settings_of(chat: AppTest) -> ChatSettings:
    settings = live_session_of(chat).settings
    assert settings
    assert not chat.exception
    return settings


def chips(chat: AppTest) -> list[str]:
    return [b.label for b in chat.button if str(b.key).startswith(("chat.clear", "chat.open_instructions"))]


def open_in_drawer(chat: AppTest, conversation_id: str) -> AppTest:
    drawer = chat.button(key="conversations.drawer").click().run()
    return drawer.button(key=f"conversations.open.{conversation_id}").click().run()


def test_opens_a_link_with_the_settings_of_the_last_reply(
    open_page: OpenPage, conversations: ConversationRepository
) -> None:
    linked = create_conversation(conversations, "responses.create", RESPONSES)

    chat = open_page("chat", c=linked)

    settings = settings_of(chat)
    assert (settings.api, settings.state, settings.instructions) == (
        "responses",
        "previous_response_id",
        "Rhyme",
    )
    assert (settings.reasoning_effort, settings.include) == ("low", ("reasoning.encrypted_content",))
    assert chips(chat)[:3] == ["Instructions: Rhyme", "Responses API", "previous_response_id"]

    chat.button(key="chat.clear_state").click().run()

    assert settings_of(chat).state == "messages"
    assert "previous_response_id" not in chips(chat)


def test_opens_a_conversation_of_the_drawer_with_its_own_settings(
    open_page: OpenPage, conversations: ConversationRepository
) -> None:
    first = create_conversation(conversations, "chat.completions.create", CHAT)
    second = create_conversation(conversations, "responses.create", {"input": "Hi"})
    chat = open_page("chat")

    open_in_drawer(chat, first)
    assert (settings_of(chat).instructions, settings_of(chat).temperature) == ("Rhyme", 0)

    open_in_drawer(chat, second)
    assert (settings_of(chat).instructions, settings_of(chat).api) == ("", "responses")
    assert settings_of(chat).temperature is None


def test_opens_a_conversation_again_as_it_was_left(
    open_page: OpenPage, conversations: ConversationRepository
) -> None:
    first = create_conversation(conversations, "chat.completions.create", CHAT)
    second = create_conversation(conversations, "responses.create", RESPONSES)
    chat = open_page("chat", c=first)
    chat.session_state[MENU_KEY] = True
    chat.run().text_area(key="chat.instructions").set_value("Be brief.").run()
    assert settings_of(chat).instructions == "Be brief."

    open_in_drawer(chat, second)
    open_in_drawer(chat, first)

    settings = settings_of(chat)
    assert (settings.instructions, settings.temperature, settings.api) == ("Be brief.", 0, "chat.completions")


def test_starts_a_conversation_without_the_settings_of_an_opened_one(
    open_page: OpenPage, conversations: ConversationRepository
) -> None:
    chat = open_page("chat", c=create_conversation(conversations, "chat.completions.create", CHAT))

    chat.button(key="conversations.new").click().run()

    assert chips(chat) == ["Add instructions"]
