"""Find OpenAI-compatible servers on this machine, by asking the ports where they usually listen."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.client.client import ssl_context
from core.client.profile import InvalidProfile, Profile, is_loopback, parse_base_url

if TYPE_CHECKING:
    import httpx2

# Where each server listens unless told otherwise. llama.cpp is moving from 8080 to 9931.
PORTS: tuple[int, ...] = (11434, 1234, 8080, 9931, 8000, 4000, 1337, 30000, 5001)

_OLLAMA_PORT = 11434
_CONTAINER_HOST = "host.docker.internal"
_REQUEST_TIMEOUT = 1.0  # of one request; LiteLLM on a busy machine needs more than 0.4
_TOTAL_TIMEOUT = 1.5
_MAX_CONNECTIONS = 24
_MAX_BODY_BYTES = 512_000  # bytes of a model list; a chatty stranger is not read to its end


@dataclass(frozen=True, slots=True)
class DiscoveredServer:
    """A server that answers; its model ids are empty where it wants a key first."""

    name: str
    base_url: str
    models: tuple[str, ...] = ()
    needs_key: bool = False

    def to_profile(self) -> Profile:
        """Return a profile without a key for this server."""
        host = urlsplit(self.base_url).netloc
        return Profile(id=f"local-{host}", name=f"{self.name} ({host})", kind="local", base_url=self.base_url)


@dataclass(frozen=True, slots=True)
class ProbeResponse:
    """A reply to a probe, as far as it matters."""

    status: int
    headers: Mapping[str, str]
    body: Any


# Asked in this order of a server whose model list does not say what it is; the first to fit names it.
_FINGERPRINTS: tuple[tuple[str, str], ...] = (
    ("Ollama", "/api/version"),
    ("LM Studio", "/api/v0/models"),
    ("KoboldCpp", "/api/extra/version"),
    ("LiteLLM", "/health/liveliness"),
    ("SGLang", "/get_server_info"),
    ("vLLM", "/version"),
    ("LocalAI", "/readyz"),
)

_BY_OWNER = {
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "me": "llama-cpp-python",
    "library": "Ollama",
    "koboldcpp": "KoboldCpp",
    "sglang": "SGLang",
}
_BY_PORT = {1234: "LM Studio", 1337: "Jan", 4000: "LiteLLM", 11434: "Ollama"}


async def find_local_servers(
    ports: Sequence[int] = PORTS, environ: Mapping[str, str] = os.environ, in_container: bool | None = None
) -> list[DiscoveredServer]:
    """Ask every port at once and return who answered, in the order of *ports*, within about 1.5 s.

    Only loopback is asked, and the container's host when the app runs in a container; never through a proxy.
    """
    import httpx2

    contained = running_in_container() if in_container is None else in_container
    async with httpx2.AsyncClient(
        trust_env=False,
        verify=ssl_context(),
        follow_redirects=False,
        timeout=_REQUEST_TIMEOUT,
        limits=httpx2.Limits(max_connections=_MAX_CONNECTIONS),
        headers={"Accept-Encoding": "identity"},
    ) as http:
        probes = [
            asyncio.create_task(_probe(http, root)) for root in _candidate_urls(ports, environ, contained)
        ]
        done, late = await asyncio.wait(probes, timeout=_TOTAL_TIMEOUT) if probes else (set(), set())
        for probe in late:
            probe.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    return [found for probe in probes if probe in done and (found := probe.result())]


def running_in_container() -> bool:
    """Whether the app runs where `localhost` is not the machine of the person who started it."""
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def _candidate_urls(ports: Sequence[int], environ: Mapping[str, str], in_container: bool) -> list[str]:
    roots = [f"http://127.0.0.1:{port}" for port in ports]
    if ollama := _ollama_root(environ.get("OLLAMA_HOST", "")):
        roots.insert(0, ollama)
    if in_container:
        roots += [f"http://{_CONTAINER_HOST}:{port}" for port in ports]
    return list(dict.fromkeys(roots))


def _ollama_root(host: str) -> str | None:
    """Read `OLLAMA_HOST` as Ollama does (port 11434, 0.0.0.0 meaning this machine); None if elsewhere."""
    if not host.strip():
        return None
    try:
        parts = urlsplit(parse_base_url(re.sub(r"\b0\.0\.0\.0\b", "127.0.0.1", host)))
    except InvalidProfile:
        return None
    name = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    root = f"{parts.scheme}://{f'[{name}]' if ':' in name else name}:{parts.port or _OLLAMA_PORT}"
    return root if is_loopback(root) else None


async def _probe(http: "httpx2.AsyncClient", root: str) -> DiscoveredServer | None:
    listed = await _get(http, f"{root}/v1/models")
    if listed is None:
        return None
    if listed.status in (401, 403) and isinstance(listed.body, dict):
        return DiscoveredServer(await _identify(http, root, listed), f"{root}/v1", needs_key=True)
    models = model_ids(listed.body) if listed.status == 200 else None
    if models is None:
        return None
    return DiscoveredServer(await _identify(http, root, listed), f"{root}/v1", models)


async def _get(http: "httpx2.AsyncClient", url: str) -> ProbeResponse | None:
    """Ask, and read JSON or short text; None for whatever is not a whole answer in time."""
    import httpx2

    try:
        async with http.stream("GET", url) as response:
            body = b""
            async for part in response.aiter_raw():
                body += part
                if len(body) > _MAX_BODY_BYTES:
                    return None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
        return None
    return ProbeResponse(response.status_code, dict(response.headers), _parse_body(body))


def _parse_body(body: bytes) -> Any:
    import orjson

    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body[:200].decode("utf-8", "replace")


def model_ids(body: Any) -> tuple[str, ...] | None:
    """Return the ids of a model list; None if *body* is none: a web page also answers with 200."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, list):
        return None
    return tuple(row["id"] for row in data if isinstance(row, dict) and isinstance(row.get("id"), str))


async def _identify(http: "httpx2.AsyncClient", root: str, listed: ProbeResponse) -> str:
    if name := _identify_from_response(listed):
        return name
    answers = await asyncio.gather(*(_get(http, root + path) for _, path in _FINGERPRINTS))
    fitting = (
        name
        for (name, _), answer in zip(_FINGERPRINTS, answers, strict=True)
        if _matches_fingerprint(name, answer)
    )
    if name := next(fitting, None):
        return name
    health = await _get(http, f"{root}/health")
    port = urlsplit(root).port or 0
    if port == 8000 and health is not None and health.status == 200:
        return "transformers serve"
    return _BY_PORT.get(port, "Local server")


def _identify_from_response(listed: ProbeResponse) -> str | None:
    """Return what the model list and its headers say outright."""
    if listed.headers.get("x-sandbox"):
        return "Sandbox"
    if "llama.cpp" in listed.headers.get("server", "").lower():
        return "llama.cpp"
    if any(name.startswith("x-litellm-") for name in listed.headers):
        return "LiteLLM"
    rows = listed.body.get("data") if isinstance(listed.body, dict) else None
    owners = [row.get("owned_by") for row in rows or () if isinstance(row, dict)]
    return next((_BY_OWNER[owner] for owner in owners if owner in _BY_OWNER), None)


def _matches_fingerprint(name: str, answer: ProbeResponse | None) -> bool:
    if answer is None or answer.status != 200:
        return False
    body = answer.body
    match name:
        case "Ollama" | "vLLM":
            return isinstance(body, dict) and isinstance(body.get("version"), str)
        case "LM Studio":
            rows = body.get("data") if isinstance(body, dict) else None
            return bool(rows) and isinstance(rows, list) and "state" in rows[0]
        case "KoboldCpp":
            return isinstance(body, dict) and body.get("result") == "KoboldCpp"
        case "LiteLLM":
            return "alive" in str(body)
        case "SGLang":
            return isinstance(body, dict)
        case _:
            return str(body).strip().upper() == "OK"
