"""Every endpoint that core calls is in the table, and the sandbox has it."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from starlette.routing import Route

import core
from core.endpoints import ENDPOINTS, Endpoint, get_endpoint
from core.sandbox.app import create_app
from core.sandbox.simulation.access import AccessKeys
from core.snippets import SnippetOptions


def call_classes() -> Iterator[type]:
    """Yield the classes of core that implement `core.calls.ApiCall`."""
    for module in pkgutil.walk_packages(core.__path__, "core."):
        # What Alembic runs is no module to import.
        if module.name.startswith(("core.sandbox", "core.storage.migrations.")) or module.name.endswith(
            "__main__"
        ):
            continue
        for _name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if cls.__module__ == module.name and "endpoint" in vars(cls) and hasattr(cls, "send"):
                yield cls


def test_has_an_entry_for_every_call() -> None:
    assert {vars(cls)["endpoint"] for cls in call_classes()} == set(ENDPOINTS)


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.method)
def test_is_served_by_the_sandbox(endpoint: Endpoint) -> None:
    paths = {route.path for route in create_app(AccessKeys("key")).routes if isinstance(route, Route)}

    assert f"/v1/{endpoint.path}" in paths


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.method)
def test_writes_code_that_calls_the_method(endpoint: Endpoint) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "News", "schema": schema}}
    params = {"model": "m", "messages": [], "input": ["hello"], "response_format": response_format}
    params["text"] = {"format": {"type": "json_schema", "name": "News", "schema": schema}}

    snippets = endpoint.write_snippets(params, SnippetOptions("https://api.openai.com/v1"))

    assert f"client.{endpoint.method}(" in snippets[0].source
    assert endpoint.path in snippets[-1].source


def test_shows_an_unknown_endpoint_by_its_name() -> None:
    assert get_endpoint("images.generate").path == "images.generate"
