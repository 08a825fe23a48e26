"""The Home page: connection, quick start, page cards and model guide."""

import pytest
from streamlit.testing.v1 import AppTest

from components.shell.home import connection_description
from components.shell.navigation import PAGES, PageEntry
from core.client.profile import OPENAI_URL, Profile
from tests.app.conftest import OpenPage, live_data, picker_models


@pytest.fixture
def home(open_page: OpenPage) -> AppTest:
    return open_page("home")


def page_html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_describes_the_sandbox(home: AppTest) -> None:
    assert not home.exception
    assert "computed on this machine by rules, not by a model" in page_html(home)


@pytest.mark.parametrize("entry", PAGES[1:], ids=lambda entry: entry.title)
def test_draws_a_card_for_every_other_page(home: AppTest, entry: PageEntry) -> None:
    cards = page_html(home).partition('class="page-cards"')[2]
    _, link, card = cards.partition(f'<a href=".{entry.url_path}">')

    assert link
    assert f"<strong>{entry.title}</strong> {entry.purpose}" in card.partition("</a>")[0]


def test_recommends_only_models_of_the_server(home: AppTest) -> None:
    assert "Start small" in page_html(home)
    assert "<code>gpt-4o" not in page_html(home)


def test_describes_what_the_selected_model_can_do(home: AppTest) -> None:
    assert '<li title="Accepts images as input.">vision</li>' in page_html(home)


def test_leaves_the_price_of_the_model_to_the_pages_that_call_it(home: AppTest) -> None:
    def shows_price() -> bool:
        return any("per 1M tokens" in element.proto.body for element in home.sidebar.get("html"))

    assert picker_models(home)
    assert not shows_price()
    home.switch_page("../pages/chat.py").run()
    assert shows_price()


def press(home: AppTest, label: str) -> AppTest:
    return next(button for button in home.button if button.label == label).click().run()


def test_opens_chat_and_sends_the_question(home: AppTest) -> None:
    home.text_input(key="home.question").set_value("What is a token?")

    chat = press(home, "Ask")

    assert "<h1>Chat</h1>" in page_html(chat)
    draft = live_data(chat)["draft"]
    assert (draft["text"], draft["send"]) == ("What is a token?", True)


def test_opens_chat_and_sends_an_example_in_a_new_conversation(open_page: OpenPage) -> None:
    conversation = live_data(chat := open_page("chat"))["conversation"]

    data = live_data(press(chat.switch_page("../pages/home.py").run(), "Explain streaming"))

    assert data["draft"]["send"]
    assert "streaming" in data["draft"]["text"]
    assert data["conversation"] != conversation


def test_opens_chat_without_a_question(home: AppTest) -> None:
    chat = press(home, "Ask")

    assert "<h1>Chat</h1>" in page_html(chat)
    assert live_data(chat)["draft"] is None


def test_sends_nothing_of_a_link(open_page: OpenPage) -> None:
    draft = live_data(open_page("chat", q="Send this", send="true"))["draft"]

    assert draft["text"] == "Send this"
    assert "send" not in draft


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


def test_shows_the_name_and_the_url_of_a_server_as_text() -> None:
    profile = Profile(id="x", name="<img src=x>", kind="custom", base_url="https://a.example/a&b")

    description = connection_description(profile)

    assert "<img" not in description
    assert "https://a.example/a&amp;b" in description
