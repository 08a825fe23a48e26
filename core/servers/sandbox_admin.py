"""Steer the sandbox over HTTP, as any client of it could."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.client.client import create_client_async
from core.client.profile import Profile


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that can be asked for: its name, and what it does."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class SandboxState:
    """What the sandbox is set to, and what it offers. `faults` are those that wait for the next requests."""

    pace: str
    seed: int
    faults: tuple[str, ...]
    paces: tuple[str, ...]
    fault_kinds: tuple[FaultKind, ...]


async def get_sandbox_state(profile: Profile) -> SandboxState:
    """Ask the sandbox how it is set. Raises what the SDK raises."""
    controls = await _call(profile, "get", "/controls")
    paces = (await _call(profile, "get", "/paces"))["data"]
    kinds = (await _call(profile, "get", "/faults"))["data"]
    return SandboxState(
        pace=controls["pace"],
        seed=controls["seed"],
        faults=tuple(controls["faults"]),
        paces=tuple(row["name"] for row in paces),
        fault_kinds=tuple(FaultKind(row["name"], row["about"]) for row in kinds),
    )


async def update_sandbox(profile: Profile, **values: Any) -> None:
    """Set `pace`, `seed` or `faults` (replacing those that wait). Raises what the SDK raises."""
    await _call(profile, "put", "/controls", values)


async def _call(profile: Profile, method: str, path: str, body: object | None = None) -> Any:
    parts = urlsplit(profile.base_url)
    sandbox = f"{parts.scheme}://{parts.netloc}/sandbox"
    client = (await create_client_async(profile)).with_options(base_url=sandbox)
    more: dict[str, Any] = {} if body is None else {"body": body}
    return await getattr(client, method)(path, cast_to=object, **more)
