"""The Settings page: connect a server, explain why it fails, and never show a key again."""

import asyncio
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.sandbox.server import SandboxServer
from core.servers.discovery import DiscoveredServer
from tests.app.conftest import live_data, offered_models, wait_for_connection
from tests.app.settings.conftest import connect, find, sidebar_html
from tests.servers import free_port, http_response, stub_server

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A server that requires a key."""
    with SandboxServer(key=KEY) as server:
        yield server


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


def test_does_not_send_the_key_when_the_url_changes(settings: AppTest, server: SandboxServer) -> None:
    connect(settings, server.url, KEY)
    connect(settings, f"http://localhost:{server.port}/v1")

    assert "The API key was not sent" in settings.info[0].value
    assert "server requires an API key" in messages(settings)
    assert settings.radio[0].value == f"local-127.0.0.1:{server.port}/v1"


def test_stays_on_the_old_server_when_a_new_one_does_not_answer(settings: AppTest) -> None:
    rows, models = settings.radio[0].options, offered_models(settings)

    connect(settings, "http://127.0.0.1:1/v1", KEY)

    assert "Could not connect to `http://127.0.0.1:1/v1`." in messages(settings)
    assert "Connection refused" in messages(settings)
    assert "Requests are still sent to Sandbox." in [caption.value for caption in settings.caption]
    assert settings.radio[0].options == rows
    assert offered_models(settings) == models
    assert "Sandbox</span>" in settings.sidebar.get("html")[0].proto.body
    assert find(settings.text_input, "Base URL").value == "http://127.0.0.1:1/v1"
    settings.radio[0].set_value("sandbox").run()
    assert "Could not connect" not in messages(settings)


def test_connects_at_the_second_try_with_the_same_key(settings: AppTest) -> None:
    port = free_port()
    connect(settings, f"http://127.0.0.1:{port}/v1", KEY)
    assert "Connection refused" in messages(settings)

    with SandboxServer(key=KEY, port=port):
        wait_for_connection(find(settings.button, "Retry").click().run())

        assert f"Connected to 127.0.0.1:{port}" in messages(settings).replace("\\", "")
        assert not any(button.label == "Retry" for button in settings.button)


def test_uses_a_server_that_does_not_answer_if_asked_to(settings: AppTest) -> None:
    connect(settings, "http://127.0.0.1:1/v1")

    wait_for_connection(find(settings.button, "Use anyway").click().run())

    assert settings.radio[0].value == "local-127.0.0.1:1/v1"
    assert "Connection refused" in messages(settings)
    assert not any(button.label == "Use anyway" for button in settings.button)


def test_has_one_row_for_each_base_url(
    monkeypatch: pytest.MonkeyPatch, settings: AppTest, server: SandboxServer
) -> None:
    discovered = DiscoveredServer("LiteLLM", server.url, needs_key=True)
    monkeypatch.setattr(resources, "local_servers", lambda: (discovered,))
    settings.run()
    rows = len(settings.radio[0].options)

    settings.radio[0].set_value(discovered.to_profile().id).run()
    connect(settings, server.url)
    assert "requires an API key" in messages(settings)
    connect(settings, server.url, KEY)

    assert settings.radio[0].value == discovered.to_profile().id
    assert len(settings.radio[0].options) == rows
    assert sum(str(server.port) in option for option in settings.radio[0].options) == 1


def test_shows_no_models_and_prices_of_the_old_server_for_the_new_one(settings: AppTest) -> None:
    assert "per 1M tokens" in sidebar_html(settings)
    connect(settings, "http://127.0.0.1:1/v1")

    wait_for_connection(find(settings.button, "Use anyway").click().run())

    assert "<small>Not connected</small>" in sidebar_html(settings)
    assert "per 1M tokens" not in sidebar_html(settings)
    assert settings.sidebar.text_input[0].value == ""
    assert not settings.sidebar.selectbox
    settings.sidebar.text_input[0].set_value("my-model").run()
    assert not settings.switch_page("../pages/chat.py").run().exception
    assert live_data(settings)["model"] == "my-model"
    assert not settings.exception


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


async def test_asks_for_the_model_of_a_server_that_lists_none(settings: AppTest) -> None:
    async with stub_server(http_response({"object": "list", "data": []})) as server:
        await asyncio.to_thread(connect, settings, server.url)

    assert "the server has no model" in settings.warning[0].value
    assert settings.sidebar.text_input[0].value == ""


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


def test_shows_the_capabilities_of_a_server_only_with_it(settings: AppTest, server: SandboxServer) -> None:
    find(settings.button, "Test this server").click().run()
    assert "Capabilities of Sandbox" in headers(settings)

    connect(settings, server.url, KEY)
    assert f"Capabilities of 127.0.0.1:{server.port}" in headers(settings)
    assert not settings.text

    settings.radio[0].set_value("sandbox").run()
    wait_for_connection(find(settings.button, "Use the sandbox").click().run())
    assert "Batches" in [element.value for element in settings.text]


def headers(settings: AppTest) -> str:
    return " ".join(header.value for header in settings.header).replace("\\", "")


def test_drops_the_last_connection_error_when_the_form_is_invalid(settings: AppTest) -> None:
    connect(settings, "http://127.0.0.1:1/v1")
    assert "Could not connect" in messages(settings)

    find(settings.text_input, "Base URL").set_value("not a url")
    find(settings.button, "Connect").click().run()

    assert "invalid characters" in messages(settings)
    assert "Could not connect" not in messages(settings)
