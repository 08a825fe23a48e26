"""The Caching lab: variants with one click, and advice on a request."""

import time
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenPage

KEY = "resilience.caching"


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    app = open_page("resilience")
    app.session_state["resilience.lab"] = "Caching"
    return app.run()


def wait_for_result(app: AppTest, part: str) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if any(element.value.startswith("**Result.**") and part in element.value for element in app.markdown):
            assert not app.exception
            return
        Event().wait(0.1)
        app.run()
    raise AssertionError("no result")


def test_compares_variants_with_one_click_for_each(app: AppTest) -> None:
    app.button(key=f"{KEY}.start").click().run()
    wait_for_result(app, "of calls 2 to 4 came from the cache")

    app.button(key=f"{KEY}.run.beginning").click().run()
    wait_for_result(app, "None of the")

    shares = [row["input from the cache"] for row in app.dataframe[0].value.to_dict("records")]
    assert shares[0] != "0%"
    assert shares[1] == "0%"


def test_advises_on_the_example(app: AppTest) -> None:
    app.button(key=f"{KEY}.advice.example").click().run()

    texts = " ".join(element.value for element in app.markdown)
    assert "Move it to the last message" in texts
    assert "per 1\\,000 calls" in texts


@pytest.mark.parametrize("text", ["{", '{"messages": 1}', "[1]"])
def test_explains_a_request_that_it_cannot_read(app: AppTest, text: str) -> None:
    app.text_area(key=f"{KEY}.advice.request").set_value(text).run()

    assert not app.exception
    assert len(app.error) == 1
