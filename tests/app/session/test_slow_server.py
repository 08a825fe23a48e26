"""With a slow server the page is drawn at once, and its models are listed when the server responds."""

from collections.abc import Iterator
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import ROOT, live_data, offered_models, picker_models, wait_for_connection
from tests.servers import slow_model_server


@pytest.fixture
def may_respond(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """The server of the environment responds while this event is set."""
    with slow_model_server("my-own-model") as (url, event):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        yield event


@pytest.fixture
def chat(may_respond: Event) -> AppTest:
    """The Chat page on a first visit, while the server has not responded."""
    assert not may_respond.is_set()
    app = AppTest.from_file(str(ROOT / "components" / "frame.py"), default_timeout=30).run()
    return app.switch_page("../pages/chat.py").run()


def test_draws_the_page_while_connecting(chat: AppTest) -> None:
    assert not chat.exception
    assert live_data(chat)["mode"] == "chat"
    assert chat.sidebar.caption[0].value.startswith("Connecting")
    assert "gpt-6-sol" in offered_models(chat)


def test_lists_the_models_when_the_server_has_responded(chat: AppTest, may_respond: Event) -> None:
    may_respond.set()
    wait_for_connection(chat)

    assert offered_models(chat) == ["my-own-model"]
    assert live_data(chat)["model"] == "my-own-model"


def test_keeps_the_models_while_reconnecting(chat: AppTest, may_respond: Event) -> None:
    may_respond.set()
    wait_for_connection(chat).switch_page("../pages/settings.py").run()
    may_respond.clear()
    next(button for button in chat.button if button.label == "Retry connection").click().run()

    assert chat.sidebar.caption[0].value.startswith("Connecting")
    assert chat.info[0].value.startswith("Connecting")
    assert picker_models(chat) == ["my-own-model"]
