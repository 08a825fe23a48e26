"""The Settings page: a person connects a server, sees why not, and no key comes back."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.sandbox.server import SandboxServer
from tests.app.conftest import wait_for_connection

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A server that wants a key, as any other would."""
    with SandboxServer(key=KEY) as running:
        yield running


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


def said(settings: AppTest) -> str:
    return " ".join(
        element.value for kind in (settings.error, settings.success, settings.info) for element in kind
    )


def test_begins_on_the_sandbox(settings: AppTest) -> None:
    assert not settings.exception
    assert settings.radio[0].value == "sandbox"
    assert "Sandbox answered" in settings.success[0].value


def test_connects_a_server_with_its_key(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    assert not settings.exception
    assert "answered" in settings.success[0].value
    assert settings.radio[0].value == f"local-127.0.0.1:{server.port}/v1"


def test_never_shows_an_entered_key_again(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    assert find(settings.text_input, "API key").value == ""
    assert "entered here" in find(settings.text_input, "API key").placeholder
    assert KEY not in str(settings)


def test_takes_the_key_away_when_the_address_changes(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)
    connect(settings, f"http://localhost:{server.port}/v1")

    assert "the key was removed" in settings.info[0].value
    assert "server wants a key" in said(settings)


def test_offers_the_address_that_was_meant(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url.removesuffix("/v1"), KEY)
    assert "lacks its /v1" in said(settings).replace("\\", "")

    better = next(button for button in settings.button if button.label.startswith("Use http"))
    wait_for_connection(better.click().run())

    assert "answered" in settings.success[0].value


def test_says_what_is_wrong_with_an_address_and_keeps_it(settings: AppTest) -> None:
    connect(settings, "https://me:hunter2@example.org/v1")

    assert "must not contain a user name" in said(settings)
    assert "hunter2" not in said(settings)
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


def test_says_what_is_wrong_with_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "ftp://hunter2@example.org")
    settings = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()

    settings.switch_page("../pages/settings.py").run()

    assert settings.radio[0].value == "sandbox"
    assert "must begin with http" in settings.warning[0].value
    assert "hunter2" not in settings.warning[0].value


def test_forgets_a_key_when_told_to(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    wait_for_connection(find(settings.button, "Forget the key").click().run())

    assert "server wants a key" in said(settings)


def test_stays_with_its_server_when_the_key_of_another_is_forgotten(
    settings: AppTest, server: SandboxServer
) -> None:
    connect(settings, server.url, KEY)
    settings.radio[0].set_value("sandbox").run()
    wait_for_connection(find(settings.button, "Use the sandbox").click().run())
    settings.radio[0].set_value(f"local-127.0.0.1:{server.port}/v1").run()

    wait_for_connection(find(settings.button, "Forget the key").click().run())

    assert settings.radio[0].value == "sandbox"
    assert "Sandbox answered" in said(settings)
    settings.radio[0].set_value(f"local-127.0.0.1:{server.port}/v1").run()
    assert find(settings.text_input, "API key").placeholder == ""


def test_removes_a_server_with_its_key(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)

    find(settings.button, "Remove this server").click().run()

    assert settings.radio[0].value == "sandbox"
    assert not any(str(server.port) in option for option in settings.radio[0].options)


def test_offers_the_local_servers_it_finds(settings: AppTest) -> None:
    """The machine's own servers may be among them, so only that it looked is sure."""
    find(settings.button, "Find local servers").click().run()

    assert any("found" in caption.value.lower() for caption in settings.caption)


def test_tests_what_the_server_can_do(settings: AppTest) -> None:
    find(settings.button, "Test this server").click().run()

    texts = [element.value for element in settings.text]
    assert texts.index("Streaming") < texts.index("Batches")
    settings.run()
    assert "Batches" in [element.value for element in settings.text]


def test_sets_faults_and_pace_of_the_sandbox(settings: AppTest) -> None:
    find(settings.number_input, "Let the next").set_value(2)
    find(settings.selectbox, "requests meet").set_value("429")
    find(settings.button, "Set").click().run()

    assert any("429" in caption.value and "Waiting" in caption.value for caption in settings.caption)
    find(settings.button, "Clear").click().run()
    assert not any("Waiting" in caption.value for caption in settings.caption)
