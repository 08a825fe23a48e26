"""Find OpenAI-compatible servers on this machine, by probing the ports on which they usually listen."""

import asyncio
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.client.client import ssl_context
from core.client.profile import InvalidProfile, Profile, is_loopback, parse_base_url
from core.http.limits import LIST_LIMITS, CompressedResponse, ResponseTooLarge, response_limits
from core.json_values import json_object, json_objects, parse_json, storable_json

if TYPE_CHECKING:
    import httpx2

# The default ports of local servers. llama.cpp is moving from 8080 to 9931.
PORTS: tuple[int, ...] = (11434, 1234, 8080, 9931, 8000, 4000, 1337, 30000, 5001)

_OLLAMA_PORT = 11434
_CONTAINER_HOST = "host.docker.internal"
_REQUEST_TIMEOUT = 1.0  # LiteLLM on a busy machine needs more than 0.4 s
_TOTAL_TIMEOUT = 1.5
_MAX_CONNECTIONS = 24


@dataclass(frozen=True, slots=True)
class DiscoveredServer:
    """A server that responded; it lists no models if it requires a key."""

    name: str
    base_url: str
    models: tuple[str, ...] = ()
    needs_key: bool = False

    def to_profile(self) -> Profile:
        """Return a profile without a key for this server."""
        parts = urlsplit(self.base_url)
        return Profile(
            id=f"local-{parts.netloc}{parts.path}",
            name=f"{self.name} ({parts.netloc})",
            kind="local",
            base_url=self.base_url,
        )


@dataclass(frozen=True, slots=True)
class ProbeResponse:
    """The response to one probe; *body* is parsed JSON, or the beginning of any other text."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    """What identifies server software: a path, and whether the body of a response with status 200 matches."""

    name: str
    path: str
    matches: Callable[[Any], bool]


def _has_version(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("version"), str)


def _has_model_states(body: Any) -> bool:
    return any("state" in row for row in json_objects(json_object(body).get("data")))


def _is_alive(body: Any) -> bool:
    return "I'm alive" in str(body)


_LITELLM = _Fingerprint("LiteLLM", "/health/liveliness", _is_alive)
# Probed on a server whose model list does not say what it is; the first that matches gives the name.
_FINGERPRINTS = (
    _Fingerprint("Ollama", "/api/version", _has_version),
    _Fingerprint("LM Studio", "/api/v0/models", _has_model_states),
    _Fingerprint(
        "KoboldCpp",
        "/api/extra/version",
        lambda body: isinstance(body, dict) and body.get("result") == "KoboldCpp",
    ),
    _LITELLM,
    _Fingerprint("SGLang", "/get_server_info", lambda body: isinstance(body, dict)),
    _Fingerprint("vLLM", "/version", _has_version),
    _Fingerprint("LocalAI", "/readyz", lambda body: str(body).strip().upper() == "OK"),
)

_NAME_BY_OWNER = {
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "me": "llama-cpp-python",
    "library": "Ollama",
    "koboldcpp": "KoboldCpp",
    "sglang": "SGLang",
}
_NAME_BY_PORT = {1234: "LM Studio", 1337: "Jan", 4000: "LiteLLM", 11434: "Ollama"}


async def find_local_servers(
    ports: Sequence[int] = PORTS, environ: Mapping[str, str] = os.environ, in_container: bool | None = None
) -> list[DiscoveredServer]:
    """Probe all ports at once; return the servers in the order of *ports*, within about 1.5 s.

    Probes only loopback, and the container's host when the app runs in a container; never through a proxy.
    """
    if in_container is None:
        in_container = running_in_container()
    origins = [f"http://127.0.0.1:{port}" for port in ports]
    if ollama := _ollama_origin(environ.get("OLLAMA_HOST", "")):
        origins.insert(0, ollama)
    if in_container:
        origins += [f"http://{_CONTAINER_HOST}:{port}" for port in ports]
    async with _http_client(use_proxy=False) as http:
        probes = [asyncio.create_task(_probe(http, origin)) for origin in dict.fromkeys(origins)]
        done, pending = await asyncio.wait(probes, timeout=_TOTAL_TIMEOUT) if probes else (set(), set())
        for probe in pending:
            probe.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    return [server for probe in probes if probe in done and (server := probe.result())]


async def is_litellm(base_url: str) -> bool:
    """Whether LiteLLM is the server of *base_url*, by its health endpoint, which needs no key."""
    root = base_url.removesuffix("/v1")
    async with _http_client(use_proxy=not is_loopback(base_url)) as http:
        return await _matches(http, root, _LITELLM)


def _http_client(*, use_proxy: bool) -> "httpx2.AsyncClient":
    import httpx2

    from core.http.client import BoundedHttpClient

    return BoundedHttpClient(
        trust_env=use_proxy,
        verify=ssl_context(),
        follow_redirects=False,
        timeout=_REQUEST_TIMEOUT,
        limits=httpx2.Limits(max_connections=_MAX_CONNECTIONS),
        headers={"Accept-Encoding": "identity"},
    )


def running_in_container() -> bool:
    """Whether the app runs in a container, where `localhost` is not the machine of its user."""
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def _ollama_origin(host: str) -> str | None:
    """Read `OLLAMA_HOST` as Ollama does: the default port is 11434, and 0.0.0.0 means this machine.

    None if it is the address of another machine: only this one is probed.
    """
    if not host.strip():
        return None
    try:
        parts = urlsplit(parse_base_url(re.sub(r"\b0\.0\.0\.0\b", "127.0.0.1", host)))
    except InvalidProfile:
        return None
    name = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    origin = f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{parts.port or _OLLAMA_PORT}"
    return origin if is_loopback(origin) else None


async def _probe(http: "httpx2.AsyncClient", origin: str) -> DiscoveredServer | None:
    response = await _get(http, f"{origin}/v1/models")
    if response is None:
        return None
    # Without a database, LiteLLM answers a request without a key with an internal error.
    if response.status >= 500 and await _matches(http, origin, _LITELLM):
        return DiscoveredServer(_LITELLM.name, f"{origin}/v1", needs_key=True)
    if response.status in (401, 403) and isinstance(response.body, dict):
        return DiscoveredServer(await _identify(http, origin, response), f"{origin}/v1", needs_key=True)
    models = model_ids(response.body) if response.status == 200 else None
    if models is None:
        return None
    return DiscoveredServer(await _identify(http, origin, response), f"{origin}/v1", models)


async def _matches(http: "httpx2.AsyncClient", origin: str, fingerprint: _Fingerprint) -> bool:
    response = await _get(http, origin + fingerprint.path)
    return response is not None and response.status == 200 and fingerprint.matches(response.body)


async def _get(http: "httpx2.AsyncClient", url: str) -> ProbeResponse | None:
    """Send a request; None unless a complete response arrives in time."""
    import httpx2

    try:
        with response_limits(LIST_LIMITS):
            response = await http.get(url)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ResponseTooLarge, CompressedResponse):
        return None
    try:
        body = storable_json(parse_json(response.content))
    except ValueError:
        body = response.text[:200]
    return ProbeResponse(response.status_code, dict(response.headers), body)


def model_ids(body: Any) -> tuple[str, ...] | None:
    """Return the ids of a model list; None if *body* is something else: a web page also has status 200."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        return None
    return tuple(row["id"] for row in data if isinstance(row, dict) and isinstance(row.get("id"), str))


async def _identify(http: "httpx2.AsyncClient", origin: str, models_response: ProbeResponse) -> str:
    """Return the name of the server software, by what only that software sends; by its port if unsure."""
    if name := _identify_from_response(models_response):
        return name
    matches = await asyncio.gather(*(_matches(http, origin, fingerprint) for fingerprint in _FINGERPRINTS))
    for fingerprint, matched in zip(_FINGERPRINTS, matches, strict=True):
        if matched:
            return fingerprint.name
    health = await _get(http, f"{origin}/health")
    port = urlsplit(origin).port or 0
    # transformers serve is recognised by its default port and its health endpoint.
    if port == 8000 and health is not None and health.status == 200:
        return "transformers serve"
    return _NAME_BY_PORT.get(port, "Local server")


def _identify_from_response(response: ProbeResponse) -> str | None:
    """Return the name that the model list or its headers give."""
    if response.headers.get("x-sandbox"):
        return "Sandbox"
    if "llama.cpp" in response.headers.get("server", "").lower():
        return "llama.cpp"
    if any(name.startswith("x-litellm-") for name in response.headers):
        return "LiteLLM"
    rows = json_objects(json_object(response.body).get("data"))
    # An owner of any type can arrive, also one that cannot be looked up.
    owners = (row.get("owned_by") for row in rows)
    return next((name for owner in owners if (name := _NAME_BY_OWNER.get(str(owner)))), None)
