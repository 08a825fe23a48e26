"""The chat page: what its controls are set to is what a question is asked with."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components.chat.parameters import MENU_KEY
from tests.app.conftest import OpenPage, live_data, live_session_of


@pytest.fixture
def open_chat(open_page: OpenPage) -> Callable[[], AppTest]:
    """The chat page with its parameters on show."""

    def open_with_menu() -> AppTest:
        chat = open_page("chat")
        chat.session_state[MENU_KEY] = True
        return chat.run()

    return open_with_menu


def test_disables_what_the_model_refuses_and_says_why(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.sidebar.selectbox(key="model").set_value("o1").run()

    temperature = chat.number_input(key="chat.temperature")

    assert temperature.disabled
    assert "o1" in temperature.help
    assert any("Greyed out" in caption.value for caption in chat.caption)


def test_sends_nothing_that_the_model_refuses(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.sidebar.selectbox(key="model").set_value("gpt-4o").run()
    chat.number_input(key="chat.temperature").set_value(0.7).run()

    chat.sidebar.selectbox(key="model").set_value("o1").run()

    settings = live_session_of(chat).settings
    assert settings
    assert "temperature" not in settings.params([])


def test_restores_a_value_on_switching_back(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.sidebar.selectbox(key="model").set_value("gpt-4o").run()
    chat.number_input(key="chat.temperature").set_value(0.7).run()

    chat.sidebar.selectbox(key="model").set_value("o1").run()
    chat.sidebar.selectbox(key="model").set_value("gpt-4o").run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.params([])["temperature"] == 0.7


def test_keeps_parameters_through_a_visit_to_another_page(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.number_input(key="chat.seed").set_value(7).run()

    chat.switch_page("../pages/settings.py").run()
    chat.switch_page("../pages/chat.py").run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.seed == 7


@pytest.mark.parametrize("stream", [True, False])
def test_hands_the_streaming_toggle_on(open_page: OpenPage, stream: bool) -> None:
    chat = open_page("chat")

    chat.toggle(key="chat.stream").set_value(stream).run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.stream is live_data(chat)["streaming"] is stream
    assert settings.params([]).get("stream", False) is stream


def test_hands_the_instructions_on(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()

    chat.text_area(key="chat.instructions").set_value("Answer in rhyme.").run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.params([])["messages"][0]["content"] == "Answer in rhyme."


def test_leaves_everything_to_the_api_after_a_reset(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.number_input(key="chat.seed").set_value(7).run()

    next(button for button in chat.button if button.label == "Reset parameters").click().run()

    settings = live_session_of(chat).settings
    assert settings
    assert set(settings.params([])) == {"model", "messages", "stream", "stream_options"}


def test_does_not_send_a_logit_bias_that_is_not_json(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.sidebar.selectbox(key="model").set_value("gpt-4o").run()

    chat.text_input(key="chat.logit_bias").set_value('{"1": ').run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.logit_bias is None
    assert "It is not sent" in chat.error[0].value


def test_prefills_the_composer_from_a_link_and_forgets_the_link(open_page: OpenPage) -> None:
    chat = open_page("chat", q="Say hello")

    assert live_data(chat)["draft"]["text"] == "Say hello"
    assert "q" not in chat.query_params


def test_shows_the_conversation_that_the_link_names(open_page: OpenPage) -> None:
    assert live_data(open_page("chat", c="0123456789abcdef" * 2))["conversation"] == "0123456789abcdef" * 2


@pytest.mark.parametrize("name", ["", "x", "../../etc/passwd", "0" * 31 + "/", "' or 1=1 --"])
def test_begins_a_conversation_where_the_link_names_none(open_page: OpenPage, name: str) -> None:
    chat = open_page("chat", c=name)

    assert not chat.exception
    assert live_data(chat)["conversation"] != name
