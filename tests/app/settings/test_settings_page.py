"""The Settings page: connect a server, explain why it fails, and never show a key again."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.sandbox.server import SandboxServer
from tests.app.conftest import wait_for_connection

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A server that requires a key."""
    with SandboxServer(key=KEY) as server:
        yield server


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


def messages(settings: AppTest) -> str:
    return " ".join(
        element.value for kind in (settings.error, settings.success, settings.info) for element in kind
    )


def test_starts_on_the_sandbox(settings: AppTest) -> None:
    assert not settings.exception
    assert settings.radio[0].value == "sandbox"
    assert "Connected to Sandbox" in settings.success[0].value


def test_connects_to_a_server_with_its_key(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    assert not settings.exception
    assert "Connected to" in settings.success[0].value
    assert settings.radio[0].value == f"local-127.0.0.1:{server.port}/v1"


def test_never_shows_an_entered_key_again(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    assert find(settings.text_input, "API key").value == ""
    assert "of this session" in find(settings.text_input, "API key").placeholder
    assert KEY not in str(settings)


def test_removes_the_key_when_the_url_changes(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)
    connect(settings, f"http://localhost:{server.port}/v1")

    assert "the API key was removed" in settings.info[0].value
    assert "server requires an API key" in messages(settings)


def test_offers_the_corrected_url(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url.removesuffix("/v1"), KEY)
    assert "/v1 is missing" in messages(settings).replace("\\", "")

    suggestion = next(button for button in settings.button if button.label.startswith("Use http"))
    wait_for_connection(suggestion.click().run())

    assert "Connected to" in settings.success[0].value


def test_explains_an_invalid_url_and_keeps_it_in_the_form(settings: AppTest) -> None:
    connect(settings, "https://me:hunter2@example.org/v1")

    assert "must not contain a user name" in messages(settings)
    assert "hunter2" not in messages(settings)
    assert find(settings.text_input, "Base URL").value == "https://me:hunter2@example.org/v1"


def test_starts_on_the_server_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, server: SandboxServer
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    settings = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()

    settings.switch_page("../pages/settings.py").run()

    assert settings.radio[0].value == "environment"
    assert "key from environment" in find(settings.text_input, "API key").placeholder
    assert KEY not in str(settings)


def test_explains_an_invalid_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "ftp://hunter2@example.org")
    settings = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()

    settings.switch_page("../pages/settings.py").run()

    assert settings.radio[0].value == "sandbox"
    assert "must begin with http" in settings.warning[0].value
    assert "hunter2" not in settings.warning[0].value


def test_removes_a_key(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    wait_for_connection(find(settings.button, "Remove API key").click().run())

    assert "server requires an API key" in messages(settings)


def test_stays_on_its_server_when_the_key_of_another_is_removed(
    settings: AppTest, server: SandboxServer
) -> None:
    connect(settings, server.url, KEY)
    settings.radio[0].set_value("sandbox").run()
    wait_for_connection(find(settings.button, "Use the sandbox").click().run())
    settings.radio[0].set_value(f"local-127.0.0.1:{server.port}/v1").run()

    wait_for_connection(find(settings.button, "Remove API key").click().run())

    assert settings.radio[0].value == "sandbox"
    assert "Connected to Sandbox" in messages(settings)
    settings.radio[0].set_value(f"local-127.0.0.1:{server.port}/v1").run()
    assert find(settings.text_input, "API key").placeholder == ""


def test_removes_a_server_with_its_key(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    find(settings.button, "Remove server").click().run()

    assert settings.radio[0].value == "sandbox"
    assert not any(str(server.port) in option for option in settings.radio[0].options)


def test_searches_for_local_servers(settings: AppTest) -> None:
    """The machine may run servers of its own, so the test checks only that the search has a result."""
    find(settings.button, "Find local servers").click().run()

    assert any("found" in caption.value.lower() for caption in settings.caption)


def test_tests_the_capabilities_of_the_server(settings: AppTest) -> None:
    find(settings.button, "Test this server").click().run()

    texts = [element.value for element in settings.text]
    assert texts.index("Streaming") < texts.index("Batches")
    settings.run()
    assert "Batches" in [element.value for element in settings.text]


def test_injects_faults_into_the_sandbox(settings: AppTest) -> None:
    find(settings.number_input, "Fail the next").set_value(2)
    find(settings.selectbox, "requests with").set_value("429")
    find(settings.button, "Apply").click().run()

    assert any("429" in caption.value and "Pending" in caption.value for caption in settings.caption)
    find(settings.button, "Clear").click().run()
    assert not any("Pending" in caption.value for caption in settings.caption)


def test_shows_the_queued_faults_of_this_session_only_in_the_sidebar(settings: AppTest) -> None:
    find(settings.number_input, "Fail the next").set_value(2)
    find(settings.button, "Apply").click().run()
    other = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()
    assert "2 faults queued" in badges(settings)
    assert "queued" not in badges(other)

    settings.button(key="sidebar.clear_faults").click().run()

    assert "queued" not in badges(settings)
    assert not any("Pending" in caption.value for caption in settings.caption)


def badges(app: AppTest) -> str:
    return " ".join(element.value for element in app.sidebar.markdown)
