"""The Home page: what this is, where requests go, and a first step that works."""

import pytest
from streamlit.testing.v1 import AppTest

from components.shell.home import connection_description
from components.shell.navigation import PAGES
from core.client.profile import OPENAI_URL, Profile
from tests.app.conftest import OpenPage


@pytest.fixture
def home(open_page: OpenPage) -> AppTest:
    return open_page("home")


def shown(home: AppTest) -> str:
    return " ".join(element.value for element in (*home.markdown, *home.caption))


def test_says_in_plain_words_that_the_sandbox_is_in_use(home: AppTest) -> None:
    assert not home.exception
    assert "computed on this machine by rules, not by a model" in shown(home)


@pytest.mark.parametrize("entry", PAGES[1:], ids=lambda entry: entry.title)
def test_has_a_card_for_every_other_page(home: AppTest, entry: object) -> None:
    titles = [link.proto.label for link in home.get("page_link")]

    assert f"**{getattr(entry, 'title', '')}**" in titles


def test_advises_only_models_that_the_server_offers(home: AppTest) -> None:
    assert "Start small" in shown(home)
    assert "gpt-4o" not in shown(home)


def test_opens_chat_with_the_question_without_sending_it(home: AppTest) -> None:
    home.text_input(key="home.question").set_value("What is a token?")
    chat = next(b for b in home.button if b.label == "Open in Chat").click().run()

    assert chat.title[0].value == "Chat"
    assert chat.session_state["draft"]["text"] == "What is a token?"


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        pytest.param(
            Profile(id="e", name="OpenAI", kind="openai", base_url=OPENAI_URL, key_source="environment"),
            "with the key from the environment",
            id="key of the environment",
        ),
        pytest.param(
            Profile(id="l", name="Ollama", kind="local", base_url="http://localhost:11434/v1"),
            "a server on this machine",
            id="local server",
        ),
        pytest.param(
            Profile(id="c", name="Team", kind="custom", base_url="https://ai.example.org/v1"),
            "without a key",
            id="no key",
        ),
    ],
)
def test_describes_where_requests_go(profile: Profile, words: str) -> None:
    assert words in connection_description(profile)
