"""With a slow server the page is drawn at once, and its models are listed when the server responds."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import ROOT, live_data, wait_for_connection

MODELS = {"object": "list", "data": [{"id": "my-own-model", "object": "model"}]}


@pytest.fixture
def may_respond() -> Iterator[Event]:
    """The server responds while this event is set."""
    event = Event()
    yield event
    event.set()


@pytest.fixture
def _server(monkeypatch: pytest.MonkeyPatch, may_respond: Event) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            may_respond.wait()
            body = json.dumps(MODELS).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        yield
        may_respond.set()
        server.shutdown()


@pytest.fixture
def chat(_server: None) -> AppTest:
    """The Chat page on a first visit, while the server has not responded."""
    app = AppTest.from_file(str(ROOT / "components" / "frame.py"), default_timeout=30).run()
    return app.switch_page("../pages/chat.py").run()


def test_draws_the_page_while_connecting(chat: AppTest) -> None:
    assert not chat.exception
    assert live_data(chat)["mode"] == "chat"
    assert chat.sidebar.caption[0].value.startswith("Connecting")
    assert "gpt-6-sol" in chat.sidebar.selectbox(key="model").options


def test_lists_the_models_when_the_server_has_responded(chat: AppTest, may_respond: Event) -> None:
    may_respond.set()
    wait_for_connection(chat)

    assert chat.sidebar.selectbox(key="model").options == ["my-own-model"]
    assert live_data(chat)["model"] == "my-own-model"


def test_keeps_the_models_while_reconnecting(chat: AppTest, may_respond: Event) -> None:
    may_respond.set()
    wait_for_connection(chat).switch_page("../pages/settings.py").run()
    may_respond.clear()
    next(button for button in chat.button if button.label == "Retry connection").click().run()

    assert chat.sidebar.caption[0].value.startswith("Connecting")
    assert chat.info[0].value.startswith("Connecting")
    assert chat.sidebar.selectbox(key="model").value == "my-own-model"
