"""Read and change the settings of the sandbox over HTTP: those of the key of the profile."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.client.client import create_client_async
from core.client.profile import Profile


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that the sandbox can inject: its name, and what it does."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class SandboxState:
    """The settings of the sandbox and their possible values. `faults` are those for the next requests.

    `batch_speed` and `batch_outcome` apply to new batches; None: the default.
    """

    latency: str
    seed: int
    faults: tuple[str, ...]
    latency_presets: tuple[str, ...]
    fault_kinds: tuple[FaultKind, ...]
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    batch_speed: str | None = None
    batch_outcome: str | None = None


async def get_sandbox_state(profile: Profile) -> SandboxState:
    """Read the settings of the sandbox. Raises what the SDK raises."""
    settings = await _call(profile, "get", "/settings")
    presets = (await _call(profile, "get", "/latency-presets"))["data"]
    kinds = (await _call(profile, "get", "/faults"))["data"]
    return SandboxState(
        latency=settings["latency"],
        seed=settings["seed"],
        faults=tuple(settings["faults"]),
        latency_presets=tuple(row["name"] for row in presets),
        fault_kinds=tuple(FaultKind(row["name"], row["description"]) for row in kinds),
        requests_per_minute=settings["requests_per_minute"],
        tokens_per_minute=settings["tokens_per_minute"],
        batch_speed=settings.get("batch_speed"),
        batch_outcome=settings.get("batch_outcome"),
    )


def pending_faults(state: SandboxState) -> list[str]:
    """Describe the pending faults: "3 × 408: Request timeout; the SDK retries."."""
    descriptions = {kind.name: kind.description for kind in state.fault_kinds}
    lines = []
    for fault in state.faults:
        # The format is name[=value][*times | %percent].
        setting, _, times = fault.partition("*")
        name = setting.partition("%")[0].partition("=")[0]
        lines.append(f"{f'{times} × ' if times else ''}{setting}: {descriptions.get(name, '')}")
    return lines


async def update_sandbox(profile: Profile, **values: Any) -> None:
    """Set `latency`, `seed`, `faults` (which replaces all pending ones), `requests_per_minute` or
    `tokens_per_minute` (None: no limit), `batch_speed` or `batch_outcome`. Raises what the SDK raises.
    """
    await _call(profile, "put", "/settings", values)


async def _call(profile: Profile, method: str, path: str, body: object | None = None) -> Any:
    # These endpoints are beside /v1, not below it.
    parts = urlsplit(profile.base_url)
    client = await create_client_async(profile)
    client = client.with_options(base_url=f"{parts.scheme}://{parts.netloc}/sandbox")
    options: dict[str, Any] = {} if body is None else {"body": body}
    return await getattr(client, method)(path, cast_to=object, **options)
