"""The Extractor page, and what reads and operates it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.extractor.session import ExtractorSession
from tests.app.conftest import OpenPage


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
