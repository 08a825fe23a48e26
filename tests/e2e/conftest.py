"""A browser, the app in its own process, and an upstream whose behaviour a test sets."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.sandbox.server import SandboxServer
from tests.e2e.app_server import AppServer, Upstream, running_app
from tests.e2e.pages import ChatPage

# Without the browser's own background requests, the requests that remain are the app's.
_CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Prefer the Chromium of the machine; without any browser Playwright fails, and so does the test."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    options = {"executable_path": executable} if executable else {}
    return {**browser_type_launch_args, **options, "args": [*_CHROMIUM_FLAGS]}


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    with SandboxServer() as server:
        yield Upstream(server)


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    """The server behind `app`, at first without latency and faults and with an empty request log."""
    _upstream.reset()
    return _upstream


@pytest.fixture(scope="session")
def _app(_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with running_app(tmp_path_factory.mktemp("app"), _upstream.environ) as server:
        yield server


@pytest.fixture
def app(_app: AppServer, upstream: Upstream) -> AppServer:
    """A warmed-up app that sends to `upstream`."""
    assert upstream
    return _app


@pytest.fixture
def cold_app(tmp_path: Path, upstream: Upstream) -> Iterator[AppServer]:
    """An app just started, which sends to `upstream`."""
    with running_app(tmp_path / "cold", upstream.environ) as server:
        yield server


@pytest.fixture
def keyless_app(tmp_path: Path) -> Iterator[AppServer]:
    """An app just started, in an environment without an API key."""
    with running_app(tmp_path / "keyless", {}) as server:
        yield server


@pytest.fixture
def chat(page: Page, app: AppServer) -> ChatPage:
    """The chat page of `app`, with a new conversation."""
    return ChatPage(page, app.url).open()


@pytest.fixture
def open_chat(new_context: Callable[..., Any], app: AppServer) -> Callable[[], ChatPage]:
    """Opens the chat page in a new browser session."""
    return lambda: ChatPage(new_context().new_page(), app.url).open()


@pytest.fixture
def offline_phone(browser: Browser) -> Iterator[Page]:
    """A page without a network, whose messages of the policy and errors fail the test."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert problems == []
