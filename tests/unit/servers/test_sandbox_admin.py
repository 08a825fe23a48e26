"""The settings of the sandbox are read and changed over HTTP, with its key."""

from collections.abc import Iterator

import openai
import pytest

from core.client.profile import Profile
from core.sandbox.server import SandboxServer
from core.servers.sandbox_admin import get_sandbox_state, pending_faults, update_sandbox


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def profile(server: SandboxServer, key: str = "") -> Profile:
    values = {"id": "s", "name": "s", "kind": "sandbox", "base_url": server.url, "api_key": key or server.key}
    return Profile.model_validate(values)


async def test_reads_the_settings_that_it_changed(server: SandboxServer) -> None:
    await update_sandbox(profile(server), latency="standard", seed=7, faults=["429*2"])

    state = await get_sandbox_state(profile(server))

    assert (state.latency, state.seed, state.faults) == ("standard", 7, ("429*2",))
    assert "instant" in state.latency_presets
    assert "stall" in {kind.name for kind in state.fault_kinds}


async def test_reads_the_rate_limits_of_a_client(server: SandboxServer) -> None:
    client = profile(server, server.create_client_key())

    await update_sandbox(client, requests_per_minute=30, tokens_per_minute=9_000)
    state = await get_sandbox_state(client)
    await update_sandbox(client, requests_per_minute=None)

    assert (state.requests_per_minute, state.tokens_per_minute) == (30, 9_000)
    assert (await get_sandbox_state(client)).requests_per_minute is None


async def test_describes_the_pending_faults(server: SandboxServer) -> None:
    faults = ["408*3", "stall=3", "500%25", "truncate=10*2"]
    await update_sandbox(profile(server), faults=faults)

    descriptions = pending_faults(await get_sandbox_state(profile(server)))

    assert [line.partition(": ")[0] for line in descriptions] == [
        "3 × 408",
        "stall=3",
        "500%25",
        "2 × truncate=10",
    ]
    assert descriptions[0] == "3 × 408: Request timeout; the SDK retries."
    assert all(line.partition(": ")[2] for line in descriptions)


async def test_changes_nothing_without_the_key(server: SandboxServer) -> None:
    with pytest.raises(openai.AuthenticationError):
        await update_sandbox(profile(server, "some-other-key"), latency="instant")


async def test_raises_what_the_sandbox_rejects(server: SandboxServer) -> None:
    with pytest.raises(openai.BadRequestError, match="faults"):
        await update_sandbox(profile(server), faults=["nonsense"])
