"""The keys of the sandbox in the app: whose settings a request changes, and whose requests the log shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from core.sandbox.server import SandboxServer
from core.sandbox.simulation.access import mask_key
from tests.sandbox.client import CHAT_MODEL, DEFAULT_SETTINGS, user_message

QUESTION = {"model": CHAT_MODEL, **user_message("hello")}


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests with one key."""

    server: SandboxServer
    http_client: httpx2.Client
    key: str

    def send(self, method: str, path: str, body: object = None) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.key}"}
        return self.http_client.request(method, path, headers=headers, json=body)

    def set(self, **values: Any) -> None:
        assert self.send("PUT", "/sandbox/settings", values).status_code == 200

    def settings(self) -> Any:
        return self.send("GET", "/sandbox/settings").json()

    def ask(self) -> httpx2.Response:
        return self.send("POST", "/v1/chat/completions", QUESTION)

    def logged_methods(self) -> list[str]:
        return [entry["method"] for entry in self.send("GET", "/sandbox/requests").json()["data"]]


@dataclass(frozen=True, slots=True)
class Clients:
    owner: Client
    first: Client
    second: Client
    stranger: Client


@pytest.fixture
def clients() -> Iterator[Clients]:
    """Clients with the own key of a server, with two keys that it created, and with one that it did not."""
    with (
        SandboxServer(any_key=True) as server,
        httpx2.Client(base_url=server.url.removesuffix("/v1"), trust_env=False, timeout=30) as http_client,
    ):
        keys = (server.key, server.create_client_key(), server.create_client_key(), "sandbox")
        yield Clients(*(Client(server, http_client, key) for key in keys))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/sandbox/settings"),
        ("PUT", "/sandbox/settings"),
        ("GET", "/sandbox/requests"),
        ("DELETE", "/sandbox/requests"),
    ],
)
def test_refuses_settings_and_log_to_a_key_that_it_has_not_created(
    clients: Clients, method: str, path: str
) -> None:
    response = clients.stranger.send(method, path, {"latency": "overloaded"})

    assert (response.status_code, response.json()["error"]["code"]) == (403, "sandbox_key_required")
    assert clients.stranger.ask().status_code == 200
    assert clients.stranger.send("GET", "/sandbox/faults").status_code == 200
    assert clients.owner.settings()["latency"] == "instant"


def test_applies_settings_to_the_key_that_sets_them(clients: Clients) -> None:
    clients.first.set(latency="ttft=0.01", seed=7, faults=["500*2"])

    assert clients.first.settings() == DEFAULT_SETTINGS | {
        "latency": "ttft=0.01,tps=0,jitter=0",
        "seed": 7,
        "faults": ["500*2"],
    }
    for other in (clients.second, clients.owner):
        assert other.settings() == DEFAULT_SETTINGS


def test_applies_the_faults_that_a_client_queues_to_its_own_key_only(clients: Clients) -> None:
    clients.first.set(faults=["500*2"])

    assert clients.second.ask().status_code == 200
    failed = clients.first.ask()
    assert (failed.status_code, failed.headers["x-sandbox-fault"]) == (500, "500*2")
    assert clients.second.settings()["faults"] == []
    assert clients.first.settings()["faults"] == ["500"]
    settings = clients.first.server.settings
    assert [settings.queued_faults(client.key) for client in (clients.first, clients.second)] == [1, 0]


def test_uses_the_settings_of_its_own_key_as_the_default_of_all(clients: Clients) -> None:
    clients.first.set(seed=7)
    clients.owner.set(latency="fast", seed=3, faults=["503"])

    assert (clients.first.settings()["latency"], clients.first.settings()["seed"]) == ("fast", 7)
    assert (clients.second.settings()["latency"], clients.second.settings()["seed"]) == ("fast", 3)
    assert clients.stranger.ask().status_code == 503


def test_words_a_reply_by_the_seed_of_the_key(clients: Clients) -> None:
    def reply(client: Client) -> str:
        text: str = client.ask().json()["choices"][0]["message"]["content"]
        return text

    before = reply(clients.second)
    replies = set()
    for seed in range(8):
        clients.first.set(seed=seed)
        replies.add(reply(clients.first))

    assert len(replies) > 1
    assert reply(clients.second) == before


def test_draws_the_faults_of_a_client_whatever_others_send(clients: Clients) -> None:
    def statuses() -> list[int]:
        clients.first.set(faults=["500%50"])
        return [clients.first.ask().status_code for _ in range(8)]

    first_statuses = statuses()
    clients.first.server.reset()
    clients.second.set(faults=["500%50"])
    clients.second.ask()

    assert statuses() == first_statuses


def test_shows_and_clears_the_requests_of_the_key_only(clients: Clients) -> None:
    clients.first.send("GET", "/v1/models")
    clients.second.ask()

    assert clients.first.logged_methods() == ["GET"]
    assert clients.second.logged_methods() == ["POST"]
    assert clients.owner.logged_methods() == ["GET", "POST"]

    clients.first.send("DELETE", "/sandbox/requests")
    assert clients.first.logged_methods() == []
    assert clients.owner.logged_methods() == ["POST"]

    clients.owner.send("DELETE", "/sandbox/requests")
    assert clients.second.logged_methods() == []


def test_discards_the_settings_of_the_client_that_changed_them_first(clients: Clients) -> None:
    settings = clients.owner.server.settings
    clients.owner.set(seed=3)
    for number in range(1_000):
        settings.update({"seed": 7}, f"client-{number}")

    assert settings.seed("client-0") == settings.seed() == 3
    assert settings.seed("client-999") == 7


@pytest.mark.parametrize("key", ["", "a", "12345678", "sk-sandbox-secret"])
def test_masks_every_key(key: str) -> None:
    assert key not in mask_key(key) or not key
