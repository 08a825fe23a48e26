"""Settings that can be changed while the sandbox runs."""

from typing import Any

import httpx2
import pytest

from core.sandbox.server import SandboxServer
from core.sandbox.simulation.latency import PRESETS
from tests.sandbox.client import DEFAULT_SETTINGS, ChatHelper


def test_returns_the_settings(http_client: httpx2.Client) -> None:
    assert http_client.get("/sandbox/settings").json() == DEFAULT_SETTINGS


def test_changes_only_the_settings_in_the_request(http_client: httpx2.Client, server: SandboxServer) -> None:
    http_client.put("/sandbox/settings", json={"latency": "fast", "faults": ["429*2", "stall=3"]})
    changed = http_client.put("/sandbox/settings", json={"seed": 7}).json()
    assert changed == DEFAULT_SETTINGS | {"latency": "fast", "faults": ["429*2", "stall=3"], "seed": 7}
    assert server.settings.latency() == PRESETS["fast"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"speed": 1}, "speed"),
        ({"latency": 5}, "latency"),
        ({"latency": "warp"}, "latency"),
        ({"faults": "429"}, "faults"),
        ({"faults": ["flood"]}, "faults"),
        ({"seed": "x"}, "seed"),
        ({"seed": True}, "seed"),
        ({"batch_speed": 2}, "batch_speed"),
        ({"batch_outcome": "x", "seed": 3}, "batch_outcome"),
        ([], "body"),
    ],
    ids=str,
)
def test_rejects_invalid_settings_and_changes_nothing(
    http_client: httpx2.Client, change: Any, param: str
) -> None:
    response = http_client.put("/sandbox/settings", json=change)
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)
    assert http_client.get("/sandbox/settings").json() == DEFAULT_SETTINGS


def test_lists_the_latency_presets(http_client: httpx2.Client) -> None:
    presets = http_client.get("/sandbox/latency-presets").json()["data"]
    assert [preset["name"] for preset in presets] == list(PRESETS)


def test_words_replies_differently_for_another_seed(chat: ChatHelper, server: SandboxServer) -> None:
    def greeting(seed: int) -> str:
        server.settings.update({"seed": seed})
        return chat.text("hello")

    assert len({greeting(seed) for seed in range(8)}) > 1
