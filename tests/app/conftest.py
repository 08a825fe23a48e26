"""The app without a browser or a web server: Streamlit's test runner on the main script, one app per test."""

import asyncio
import functools
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from threading import Thread
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from components.ui.models.model_options import models_of_kind
from core.client.client import preload
from core.paths import ROOT as ROOT
from core.runs import event_loop

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The event loop of the web server, after the start-up imports."""
    import_module("core.servers.connection_test")
    preload()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session", autouse=True)
def _scan_packages_once() -> Iterator[None]:
    """Let each app use the first scan of the installed packages for components: it is slow."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def _fresh_process(_loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Start each test like a new process, and clean up after it."""
    event_loop.set_loop(_loop)
    yield
    st.cache_data.clear()
    st.cache_resource.clear()
    event_loop.run_until_complete(resources.close_resources())


@pytest.fixture
def open_page() -> OpenPage:
    """Open a page by its stem, with query parameters."""

    def open_by_stem(stem: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "components" / "frame.py"), default_timeout=30).run()
        app.query_params.update(query)
        return wait_for_connection(app.switch_page(f"../pages/{stem}.py").run())

    return open_by_stem


def wait_for_connection(app: AppTest) -> AppTest:
    """Rerun the page, as the browser does, until the connection is no longer pending."""
    while any(element.value.startswith("Connecting") for element in [*app.sidebar.caption, *app.info]):
        app.run()
    return app


def live_data(app: AppTest) -> dict[str, Any]:
    """Return the data of the live component."""
    data: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.bytes)
    return data


def live_session_of(app: AppTest) -> LiveSession:
    """Return the live session of the page."""
    live_session = live_sessions.find(live_data(app)["token"])
    assert live_session
    return live_session


def select_model(app: AppTest, model_id: str) -> AppTest:
    """Select a model as the picker in the sidebar does, and rerun the page."""
    app.session_state["model"] = model_id
    return app.run()


def choose_models(app: AppTest, key: str, models: str | list[str]) -> AppTest:
    """Choose what a field of models stores in the session as *key*, and rerun the page."""
    app.session_state[key] = models
    return app.run()


def model_fields(app: AppTest) -> dict[str, list[str]]:
    """Return the models of each field of models, by its label."""
    fields = [json.loads(component.proto.bytes) for component in app.get("bidi_component")]
    return {field["label"]: field["models"] for field in fields if "models" in field and "label" in field}


def picker_models(app: AppTest) -> list[str]:
    """Return the model in the sidebar, in a list that is empty without the picker."""
    pickers = [json.loads(picker.proto.bytes) for picker in app.sidebar.get("bidi_component")]
    return [model for picker in pickers for model in picker["models"]]


def offered_models(app: AppTest) -> list[str]:
    """Return the IDs in the list of models."""
    models = models_of_kind(live_session_of(app).models, "chat", datetime.now(UTC).date())
    return list(models)
