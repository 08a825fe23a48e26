"""The app without a browser or a web server: Streamlit's own test runner on the frame, one app a test."""

import asyncio
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from threading import Thread
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from core.client.client import preload
from core.paths import ROOT as ROOT
from core.runs import event_loop

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Plays the web server, with the event loop that replies run on, once it has warmed up."""
    import_module("core.servers.connection_test")
    preload()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(autouse=True)
def _fresh_process(_loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Begin as a new process would, and leave nothing of this test to the next."""
    event_loop.set_loop(_loop)
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
    event_loop.run_until_complete(resources.close_resources())


@pytest.fixture
def open_page() -> OpenPage:
    """Opens a page by its stem, as a link with that query would."""

    def open_(stem: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "components" / "frame.py"), default_timeout=30).run()
        app.query_params.update(query)
        return wait_for_connection(app.switch_page(f"../pages/{stem}.py").run())

    return open_


def wait_for_connection(app: AppTest) -> AppTest:
    """Run the page again, as the browser does, until the server in use has answered."""
    while any(caption.value.startswith("Asking") for caption in app.sidebar.caption):
        app.run()
    return app


def live_data(app: AppTest) -> dict[str, Any]:
    """What the page hands to the live component."""
    found: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.bytes)
    return found


def live_session_of(app: AppTest) -> LiveSession:
    """The place of the page's session at the live routes."""
    desk = live_sessions.find(live_data(app)["token"])
    assert desk
    return desk
