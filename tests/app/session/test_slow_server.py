"""A server that takes its time: the page is there at once, and what the server says comes later."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import ROOT, live_data, wait_for_connection

MODELS = {"object": "list", "data": [{"id": "my-own-model", "object": "model"}]}


@pytest.fixture
def answer() -> Iterator[Event]:
    """Set, it lets the server answer."""
    allowed = Event()
    yield allowed
    allowed.set()


@pytest.fixture
def _server(monkeypatch: pytest.MonkeyPatch, answer: Event) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer.wait()
            body = json.dumps(MODELS).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        yield
        answer.set()
        server.shutdown()


@pytest.fixture
def chat(_server: None) -> AppTest:
    """The Chat page as a first visit finds it."""
    app = AppTest.from_file(str(ROOT / "components" / "frame.py"), default_timeout=30).run()
    return app.switch_page("../pages/chat.py").run()


def test_draws_the_page_while_the_server_is_asked(chat: AppTest) -> None:
    assert not chat.exception
    assert live_data(chat)["mode"] == "chat"
    assert chat.sidebar.caption[0].value.startswith("Connecting")
    assert "gpt-6-sol" in chat.sidebar.selectbox(key="model").options


def test_offers_the_models_once_the_server_has_answered(chat: AppTest, answer: Event) -> None:
    answer.set()
    wait_for_connection(chat)

    assert chat.sidebar.selectbox(key="model").options == ["my-own-model"]
    assert live_data(chat)["model"] == "my-own-model"


def test_keeps_the_models_while_the_server_is_asked_again(chat: AppTest, answer: Event) -> None:
    answer.set()
    wait_for_connection(chat).switch_page("../pages/settings.py").run()
    answer.clear()
    next(button for button in chat.button if button.label == "Retry connection").click().run()

    assert chat.sidebar.caption[0].value.startswith("Connecting")
    assert chat.info[0].value.startswith("Connecting")
    assert chat.sidebar.selectbox(key="model").value == "my-own-model"
