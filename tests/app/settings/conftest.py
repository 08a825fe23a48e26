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


def badges(app: AppTest) -> str:
    return " ".join(element.value for element in app.sidebar.markdown)
