"""A browser, the app in a process of its own, and an upstream that does as told."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core.sandbox.server import SandboxServer
from tests.e2e.app_server import AppServer, Upstream, running_app
from tests.e2e.pages import ChatPage

# Everything that would make the browser itself call out is off, so that what is left is the app's.
_QUIET = (
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
    """Prefer the machine's Chromium; without any browser Playwright fails, and so does the test."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    own = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **own, "args": [*_QUIET]}


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    with SandboxServer() as server:
        yield Upstream(server)


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    """The server behind `app`: instant, faultless and with an empty journal at first."""
    _upstream.reset()
    return _upstream


@pytest.fixture(scope="session")
def _app(_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with running_app(tmp_path_factory.mktemp("app"), _upstream.environ) as server:
        yield server


@pytest.fixture
def app(_app: AppServer, upstream: Upstream) -> AppServer:
    """An app, long since warm, that sends to `upstream`."""
    assert upstream
    return _app


@pytest.fixture
def cold_app(tmp_path: Path, upstream: Upstream) -> Iterator[AppServer]:
    """An app that nobody has visited yet; it sends to `upstream`."""
    with running_app(tmp_path / "cold", upstream.environ) as server:
        yield server


@pytest.fixture
def keyless_app(tmp_path: Path) -> Iterator[AppServer]:
    """An app that nobody has visited yet, on a machine without a key."""
    with running_app(tmp_path / "keyless", {}) as server:
        yield server


@pytest.fixture
def chat(page: Page, app: AppServer) -> ChatPage:
    """The chat page of `app`, with a new conversation."""
    return ChatPage(page, app.url).open()


@pytest.fixture
def open_chat(new_context: Callable[..., Any], app: AppServer) -> Callable[[], ChatPage]:
    """Opens the chat page in a browser session of its own."""
    return lambda: ChatPage(new_context().new_page(), app.url).open()
