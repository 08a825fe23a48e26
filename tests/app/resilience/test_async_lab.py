"""The Async lab: the prompts in each way, and the rate limit of the sandbox."""

import time
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from components.resilience.concurrency_session import ConcurrencySession
from tests.app.conftest import OpenPage

KEY = "resilience.async"
SESSION_KEY = f"object.{ConcurrencySession.__module__}.{ConcurrencySession.__qualname__}"


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    app = open_page("resilience")
    app.session_state["resilience.lab"] = "Async"
    return app.run()


def send(app: AppTest, ways: list[str]) -> str:
    """Send six prompts in these ways, and return the sentence of the result."""
    app.slider(key=f"{KEY}.prompts").set_value(6)
    app.pills(key=f"{KEY}.ways").set_value(ways).run()
    app.button(key=f"{KEY}.start").click().run()
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        results = [element.value for element in app.markdown if element.value.startswith("**Result.**")]
        if results:
            assert not app.exception
            return results[0]
        Event().wait(0.1)
        app.run()
    raise AssertionError("no result")


def test_compares_the_ways(app: AppTest) -> None:
    result = send(app, ["One after the other", "asyncio.gather", "Adaptive runner"])

    assert "asyncio\\.gather was the fastest to get all 6 replies" in result
    assert [row["replies"] for row in app.dataframe[0].value.to_dict("records")] == [6, 6, 6]


def test_sets_a_new_limit_for_each_way(app: AppTest) -> None:
    app.number_input(key=f"{KEY}.limit").set_value(6).run()

    result = send(app, ["Semaphore", "Threads"])

    results = app.session_state[SESSION_KEY].report.results
    # Each way uses up the limit, which would refuse all requests of the second way if both shared it.
    assert [(each.limit.limit, each.failures) for each in results] == [(6, 0), (6, 0)]
    assert "to get all 6 replies" in result


def test_says_that_the_sandbox_accepts_a_hundred_requests_at_the_same_time(app: AppTest) -> None:
    app.slider(key=f"{KEY}.prompts").set_value(120).run()

    captions = " ".join(caption.value for caption in app.caption)
    assert "accepts 100 requests at the same time" in captions


def test_shows_the_code_of_each_way(app: AppTest) -> None:
    send(app, ["Semaphore"])
    app.session_state[f"{KEY}.tabs"] = "Code"
    app.run()

    assert any("asyncio.Semaphore(limit)" in block.value for block in app.code)
