"""The Errors lab: one click for each failure, the result, and the servers that cannot show it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from components.resilience.errors_session import ErrorsSession
from core.resilience.failures import scenarios
from core.resilience.failures.policies import exponential_backoff
from core.resilience.failures.scenarios import SCENARIOS
from core.sandbox.server import SandboxServer
from tests.app.conftest import OpenPage

KEY = "resilience.errors"
SESSION_KEY = f"object.{ErrorsSession.__module__}.{ErrorsSession.__qualname__}"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def app(open_page: OpenPage) -> AppTest:
    return open_page("resilience")


def wait_for_result(app: AppTest) -> str:
    """Rerun the page until the experiment has ended, and return the sentence of its result."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        results = [element.value for element in app.markdown if element.value.startswith("**Result.**")]
        if results:
            assert not app.exception
            return results[0]
        Event().wait(0.1)
        app.run()
    raise AssertionError("no result")


def stop_when_raised(app: AppTest) -> str:
    """Wait until the page shows what the first request has led to, and end the policies that still wait."""
    deadline = time.monotonic() + 40
    while not any("without a retry, the call raised" in element.value for element in app.markdown):
        assert time.monotonic() < deadline
        Event().wait(0.1)
        app.run()
    if any(button.key == f"{KEY}.stop" for button in app.button):
        app.button(key=f"{KEY}.stop").click().run()
    return wait_for_result(app)


def select_group(app: AppTest, group: str) -> AppTest:
    return app.segmented_control(key=f"{KEY}.group").set_value(group).run()


def test_runs_the_prefilled_experiment_with_one_click(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server asks for less than 2 seconds, and the loop of tutorials waits for a fifth of its time.
    first = replace(SCENARIOS[0], fault="429=0.6*2")
    monkeypatch.setattr(scenarios, "SCENARIOS", (first, *SCENARIOS[1:]))
    short = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / 5))
    monkeypatch.setattr(exponential_backoff, "time", short)

    app.button(key=f"{KEY}.start").click().run()

    assert "SDK default returned the reply after" in wait_for_result(app)
    texts = " ".join(element.value for element in app.markdown)
    assert "Retry\\-After obeyed" in texts
    assert "Retry\\-After ignored" in texts


@pytest.mark.parametrize("client", ["Sync", "Async"])
def test_runs_a_failure_with_one_click(app: AppTest, client: str) -> None:
    app.segmented_control(key=f"{KEY}.client").set_value(client).run()
    select_group(app, "Streams").button(key=f"{KEY}.run.truncate").click().run()

    assert "SDK default returned an incomplete reply" in wait_for_result(app)
    assert app.session_state[SESSION_KEY].experiment.is_async == (client == "Async")


def test_shows_the_classes_and_attributes_of_the_exception(app: AppTest) -> None:
    select_group(app, "Statuses").button(key=f"{KEY}.run.403").click().run()
    stop_when_raised(app)

    assert any("openai.PermissionDeniedError" in block.value for block in app.code)
    assert any("error.status_code = 403" in block.value for block in app.code)


def test_offers_every_failure_of_every_group_on_the_sandbox(app: AppTest) -> None:
    offered = set()
    for group in {scenario.group for scenario in SCENARIOS}:
        select_group(app, group)
        offered |= {button.key for button in app.button if not button.disabled and button.key}

    assert {f"{KEY}.run.{scenario.id}" for scenario in SCENARIOS} <= offered


def test_offers_a_real_server_only_what_it_can_show(
    open_page: OpenPage, server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", server.key)
    app = open_page("resilience")

    # It opens on the first failure that any server shows.
    assert not app.button(key=f"{KEY}.start").disabled
    app.button(key=f"{KEY}.start").click().run()
    assert "No retries raised AuthenticationError" in stop_when_raised(app)
    select_group(app, "Rate limits")
    assert app.button(key=f"{KEY}.run.quota").disabled


def test_says_that_there_is_no_model(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    app = open_page("resilience")

    assert app.button(key=f"{KEY}.start").disabled
    assert [warning.value[:26] for warning in app.warning] == ["There is no model to ask. "]
