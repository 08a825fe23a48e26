"""The Home page: connection, quick start, page cards and model guide."""

import pytest
from streamlit.testing.v1 import AppTest

from components.shell.home import connection_description
from components.shell.navigation import PAGES
from core.client.profile import OPENAI_URL, Profile
from tests.app.conftest import OpenPage


@pytest.fixture
def home(open_page: OpenPage) -> AppTest:
    return open_page("home")


def page_text(home: AppTest) -> str:
    return " ".join(element.value for element in (*home.markdown, *home.caption))


def test_describes_the_sandbox(home: AppTest) -> None:
    assert not home.exception
    assert "computed on this machine by rules, not by a model" in page_text(home)


@pytest.mark.parametrize("entry", PAGES[1:], ids=lambda entry: entry.title)
def test_draws_a_card_for_every_other_page(home: AppTest, entry: object) -> None:
    titles = [link.proto.label for link in home.get("page_link")]

    assert f"**{getattr(entry, 'title', '')}**" in titles


def test_recommends_only_models_of_the_server(home: AppTest) -> None:
    assert "Start small" in page_text(home)
    assert "gpt-4o" not in page_text(home)


def test_opens_chat_with_the_question_as_a_draft(home: AppTest) -> None:
    home.text_input(key="home.question").set_value("What is a token?")
    chat = next(b for b in home.button if b.label == "Open in Chat").click().run()

    assert chat.title[0].value == "Chat"
    assert chat.session_state["draft"]["text"] == "What is a token?"


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        pytest.param(
            Profile(id="e", name="OpenAI", kind="openai", base_url=OPENAI_URL, key_source="environment"),
            "with the API key from the environment",
            id="key from the environment",
        ),
        pytest.param(
            Profile(id="l", name="Ollama", kind="local", base_url="http://localhost:11434/v1"),
            "a server on this machine",
            id="local server",
        ),
        pytest.param(
            Profile(id="c", name="Team", kind="custom", base_url="https://ai.example.org/v1"),
            "without an API key",
            id="no key",
        ),
    ],
)
def test_describes_where_requests_are_sent(profile: Profile, text: str) -> None:
    assert text in connection_description(profile)
