"""The Extractor page, and what reads and operates it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.extractor.session import ExtractorSession
from tests.app.conftest import OpenPage
from tests.e2e.app_server import serve_responses
from tests.servers import COMPLETION, MODELS, StubResponse, StubServer, by_path, http_response, in_sequence


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    return open_page("extractor")


def state_of(app: AppTest) -> ExtractorSession:
    key = "object.components.extractor.session.ExtractorSession"
    state: ExtractorSession = app.session_state[key]
    return state


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def finish(app: AppTest) -> AppTest:
    """Rerun the app, as the fragment does, until nothing runs."""
    while any(button.label == "Stop" for button in app.button):
        app.run()
    assert not app.exception
    return app


def show(app: AppTest, view: str) -> AppTest:
    return app.segmented_control(key="extractor.view").set_value(view).run()


def code(app: AppTest) -> Any:
    return next(area for area in app.text_area if (area.key or "").startswith("extractor.code."))


def text(app: AppTest) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption, *app.info, *app.error])


def table(app: AppTest) -> dict[str, Any]:
    """Return the values of the object by field."""
    frame = app.table[0].value
    return dict(zip(frame["Field"], frame["Value"], strict=True))


def query(app: AppTest) -> dict[str, str]:
    return {name: "".join(value) for name, value in app.query_params.items()}


@contextmanager
def server_with(monkeypatch: pytest.MonkeyPatch, *values: Any) -> Iterator[StubServer]:
    """Serve the JSON of each of *values* as a reply, on the server that the app uses."""

    def completion(value: Any) -> StubResponse:
        message = {"role": "assistant", "content": json.dumps(value), "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return http_response({**COMPLETION, "choices": [choice]})

    replies = in_sequence(*map(completion, values))
    responses: dict[str, Any] = {"/v1/models": http_response(MODELS), "/v1/chat/completions": replies}
    with serve_responses(by_path(responses)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        yield server
