"""The Chat page: its controls become the settings of the next request."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components.chat.parameters import MENU_KEY
from core.tokens.context_window import TrimOptions
from tests.app.conftest import OpenPage, live_data, live_session_of, select_model


@pytest.fixture
def open_chat(open_page: OpenPage) -> Callable[[], AppTest]:
    """Open the Chat page with the parameters menu open."""

    def open_with_menu() -> AppTest:
        chat = open_page("chat")
        chat.session_state[MENU_KEY] = True
        return chat.run()

    return open_with_menu


def test_disables_parameters_that_the_model_does_not_support(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    select_model(chat, "o1")

    temperature = chat.number_input(key="chat.temperature")

    assert temperature.disabled
    assert "o1" in temperature.help
    assert any("Disabled" in caption.value for caption in chat.caption)

    chat.number_input(key="chat.max_completion_tokens").set_value(5).run()
    chat.button_group(key="chat.api").set_value("responses").run()
    assert any("Sent as 16" in caption.value for caption in chat.caption)
    assert live_data(chat)["api_name"] == "responses"
    assert chat.number_input(key="chat.seed").disabled
    assert any("at least 30 days" in caption.value for caption in chat.caption)
    assert [code.value for code in chat.code][-1].endswith("input=[new_message]")


def test_selects_the_responses_api_for_a_model_that_needs_it(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    live_session_of(chat).typed_models.add("o3-pro")  # the sandbox does not list it
    select_model(chat, "o3-pro")
    assert live_data(chat)["api_name"] == "responses"
    assert any("only available in the Responses API" in caption.value for caption in chat.caption)

    chat.button_group(key="chat.api.responses_only").set_value("chat.completions").run()
    assert live_data(chat)["api_name"] == "chat.completions"
    chat.button(key="chat.clear_api").click().run()
    assert live_data(chat)["api_name"] == "responses"

    select_model(chat, "gpt-4o")
    assert live_data(chat)["api_name"] == "chat.completions"


def test_shows_the_parameters_that_are_sent(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    select_model(chat, "gpt-4o")
    chat.number_input(key="chat.seed").set_value(7)
    chat.multiselect(key="chat.stop").set_value(["END", "*"]).run()
    labels = {button.key: button.label for button in chat.button}
    assert (labels["chat.clear.seed"], labels["chat.clear.stop"]) == ("Seed 7", r"Stop sequences END\, \*")

    chat.button_group(key="chat.api").set_value("responses").run()

    shown = {button.key for button in chat.button}
    assert "chat.clear_api" in shown
    assert shown.isdisjoint({"chat.clear.seed", "chat.clear.stop"})


def test_leaves_out_parameters_that_the_model_does_not_support(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    select_model(chat, "gpt-4o")
    chat.number_input(key="chat.temperature").set_value(0.7).run()

    select_model(chat, "o1")

    settings = live_session_of(chat).settings
    assert settings
    assert "temperature" not in settings.request_params([])


def test_restores_a_value_when_the_model_supports_it_again(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    select_model(chat, "gpt-4o")
    chat.number_input(key="chat.temperature").set_value(0.7).run()

    select_model(chat, "o1")
    select_model(chat, "gpt-4o")

    settings = live_session_of(chat).settings
    assert settings
    assert settings.request_params([])["temperature"] == 0.7


def test_keeps_parameters_after_a_visit_to_another_page(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.number_input(key="chat.seed").set_value(7).run()

    chat.switch_page("../pages/settings.py").run()
    chat.switch_page("../pages/chat.py").run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.seed == 7


@pytest.mark.parametrize("stream", [True, False])
def test_applies_the_stream_toggle(open_page: OpenPage, stream: bool) -> None:
    chat = open_page("chat")

    chat.toggle(key="chat.stream").set_value(stream).run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.stream is live_data(chat)["streaming"] is stream
    assert settings.request_params([]).get("stream", False) is stream


def test_applies_the_instructions(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()

    chat.text_area(key="chat.instructions").set_value("Answer in rhyme.").run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.messages([])[0]["content"] == "Answer in rhyme."


def test_sends_no_parameters_after_a_reset(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    chat.number_input(key="chat.seed").set_value(7).run()

    next(button for button in chat.button if button.label == "Reset parameters").click().run()

    settings = live_session_of(chat).settings
    assert settings
    assert set(settings.request_params([])) == {"model", "messages", "stream", "stream_options"}


def test_does_not_send_a_logit_bias_that_is_not_json(open_chat: Callable[[], AppTest]) -> None:
    chat = open_chat()
    select_model(chat, "gpt-4o")

    chat.text_input(key="chat.logit_bias").set_value('{"1": ').run()

    settings = live_session_of(chat).settings
    assert settings
    assert settings.logit_bias is None
    assert "Not sent" in chat.error[0].value


def test_prefills_the_composer_from_a_link_and_removes_it_from_the_url(open_page: OpenPage) -> None:
    chat = open_page("chat", q="Say hello")

    assert live_data(chat)["draft"]["text"] == "Say hello"
    assert "q" not in chat.query_params


def test_opens_the_conversation_in_the_link(open_page: OpenPage) -> None:
    assert live_data(open_page("chat", c="0123456789abcdef" * 2))["conversation"] == "0123456789abcdef" * 2


@pytest.mark.parametrize("name", ["", "x", "../../etc/passwd", "0" * 31 + "/", "' or 1=1 --"])
def test_starts_a_conversation_for_an_invalid_id_in_the_link(open_page: OpenPage, name: str) -> None:
    chat = open_page("chat", c=name)

    assert not chat.exception
    assert live_data(chat)["conversation"] != name


def test_trims_as_chosen_while_the_context_menu_is_closed(open_page: OpenPage) -> None:
    chat = open_page("chat")
    chat.session_state["context"] = True
    chat.run().number_input(key="context.limit").set_value(100).run()
    chat.radio(key="context.strategy").set_value("keep_pinned").run()

    chat.session_state["context"] = False
    chat.run()

    assert not chat.radio
    assert live_session_of(chat).trim == TrimOptions("keep_pinned", 100)
    chat.switch_page("../pages/home.py").run().switch_page("../pages/chat.py").run()
    assert live_session_of(chat).trim == TrimOptions("keep_pinned", 100)
