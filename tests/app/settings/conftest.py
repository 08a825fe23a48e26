"""The Settings page, and what finds its widgets."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import wait_for_connection


@pytest.fixture
def settings() -> AppTest:
    app = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()
    return wait_for_connection(app.switch_page("../pages/settings.py").run())


def find(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def connect(settings: AppTest, url: str, key: str = "") -> AppTest:
    if settings.radio[0].value == "sandbox":
        settings.radio[0].set_value("new-server").run()
    find(settings.text_input, "Base URL").set_value(url)
    find(settings.text_input, "API key").set_value(key)
    return wait_for_connection(find(settings.button, "Connect").click().run())


def badges(app: AppTest) -> str:
    return " ".join(element.value for element in app.sidebar.markdown)


def sidebar_html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.sidebar.get("html"))
