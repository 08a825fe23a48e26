"""The Vision page in the test runner."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenPage


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page("vision")
