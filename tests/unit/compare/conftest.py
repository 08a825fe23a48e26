"""A sandbox, and variants and boards for the tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.compare.variant import Variant
from core.completions.request import ChatSettings
from core.prompts.prompts import PromptMessage
from core.sandbox.server import SandboxServer


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def variant_of(text: str = "Say hello to {{name}}.", model: str = "gpt-4o-mini", **fields: Any) -> Variant:
    """Return a variant that asks *text*, with settings among *fields*."""
    settings = {key: fields.pop(key) for key in [*fields] if key in ChatSettings.model_fields}
    response_format = settings.pop("response_format", None)
    fields = {"profile_id": "test", **fields}
    return Variant(
        settings=ChatSettings(model=model, **settings),
        messages=(PromptMessage(role="user", content=text),),
        response_format=response_format,
        **fields,
    )
