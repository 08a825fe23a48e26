"""Say whether a profile's server can be used, and if not, why and what to do."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import orjson

from core.client.client import connect
from core.client.profile import InvalidProfile, Profile, is_loopback, parse_base_url, with_version
from core.errors.explain import explain, is_transport_error
from core.errors.groups import EXPECTED_ERRORS
from core.errors.types import Explanation, NotOpenAICompatible, PlaygroundError
from core.servers.discovery import model_ids

_TIMEOUT = 5.0

_CONNECTED = "Connected"
_NO_MODELS = (
    "Connected, but the server has no model",
    "Load or pull a model on the server, then test again.",
)
_HANGS = (
    "The server accepts connections but does not answer",
    "It may still be loading a model, be stuck, or be no web server at all. See its log, then test again.",
)
_NO_KEY = ("The server wants a key", "Enter the key that belongs to {url}.")
_VERSION_MISSING = (
    "The address lacks its /v1",
    "{suggestion} answers like an OpenAI-compatible API: use that.",
)
_TOO_LONG = ("The address goes too far", "{suggestion} answers like an OpenAI-compatible API: use that.")
_PAGE = (
    "A web page answered, not an API",
    "{url} is a website or its sign-in page. The API is often on another port, or under /v1.",
)
_OTHER_JSON = (
    "This is not an OpenAI-compatible API",
    "{url} answers with JSON, but not with a list of models. Check the path of the base URL.",
)
_PROXY = (
    "A proxy answered in the server's place",
    "Check HTTPS_PROXY, add the host to NO_PROXY, or sign in to the network first.",
)
_DEAD_PROXY = (
    "The proxy in between does not connect",
    "Requests to {url} go through {suggestion}. Check HTTPS_PROXY, or add the host to NO_PROXY.",
)
_HTTPS = ("This port speaks https", "{suggestion} is the address to use.")
_REDIRECT = (
    "The server redirects elsewhere",
    "Redirects are not followed, so that the key stays with its server. If you trust it, use {suggestion}.",
)
_PROXY_HEADERS = frozenset({"proxy-authenticate", "x-squid-error", "proxy-status", "x-bluecoat-via"})


@dataclass(frozen=True, slots=True)
class ConnectionResult:
    """What asking for the models told; *models* come with the day each is shut down, where known.

    *suggestion* is a base URL that would do better. The texts are redacted.
    """

    ok: bool
    title: str
    hint: str = ""
    latency: float | None = None
    models: dict[str, date | None] = field(default_factory=dict)
    suggested_url: str | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class _ModelsResponse:
    """The answer to `GET /models`, whatever it is."""

    status: int
    headers: Mapping[str, str]
    text: str
    latency: float
    error: Exception | None = None

    @property
    def body(self) -> Any:
        try:
            return orjson.loads(self.text)
        except orjson.JSONDecodeError:
            return None

    @property
    def is_model_list(self) -> bool:
        return self.status == 200 and model_ids(self.body) is not None


async def check_connection(profile: Profile, timeout: float = _TIMEOUT) -> ConnectionResult:
    """Ask the server for its models, and look around where that fails; never raises for what a server does.

    Takes at most *patience* seconds, or the profile's timeout if that is less, for each of three addresses.
    """
    try:
        listed = await _list(profile, timeout)
    except TimeoutError:
        return _failed(_HANGS, profile)
    except EXPECTED_ERRORS as exc:
        return _unreachable(profile, exc)
    if listed.is_model_list:
        return _connected(listed)
    return await _try_alternative_urls(profile, listed, timeout) or _diagnose_response(profile, listed)


def _unreachable(profile: Profile, exc: Exception) -> ConnectionResult:
    """Blame the proxy where there is one: a connection that fails through it says nothing of the server."""
    proxy = proxy_for(profile.base_url)
    if proxy and is_transport_error(exc):
        return replace(_failed(_DEAD_PROXY, profile, proxy), suggested_url=None)
    return _from_explanation(explain(exc, base_url=profile.base_url, keys=profile.secrets))


def proxy_for(base_url: str) -> str | None:
    """Return the host and port of the environment's proxy that requests to *base_url* go through, if any."""
    parts = urlsplit(base_url)
    if is_loopback(base_url) or proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    return urlsplit(proxies.get(parts.scheme) or proxies.get("all") or "").netloc.rpartition("@")[2] or None


async def _list(profile: Profile, patience: float) -> _ModelsResponse:
    """Ask for the models. Raises TimeoutError, and what the SDK raises for a failed connection."""
    import openai

    started = time.monotonic()
    client = await connect(profile)
    try:
        async with asyncio.timeout(min(patience, profile.timeout)):
            raw = await client.models.with_raw_response.list()
    except openai.APIStatusError as exc:
        spent = time.monotonic() - started
        return _ModelsResponse(exc.status_code, dict(exc.response.headers), exc.response.text, spent, exc)
    return _ModelsResponse(raw.status_code, dict(raw.headers), raw.text, time.monotonic() - started)


async def _try_alternative_urls(
    profile: Profile, listed: _ModelsResponse, patience: float
) -> ConnectionResult | None:
    """Try the addresses that were probably meant, on the same server."""
    if listed.status in (401, 403, 429) or listed.status >= 500:
        return None
    for url in _alternative_urls(profile.base_url):
        try:
            found = await _list(profile.model_copy(update={"base_url": url}), patience)
        except EXPECTED_ERRORS:
            continue
        if found.is_model_list or (found.status in (401, 403) and isinstance(found.body, dict)):
            advice = _VERSION_MISSING if len(url) > len(profile.base_url) else _TOO_LONG
            return _failed(advice, profile, url)
    return None


def _alternative_urls(base_url: str) -> list[str]:
    """Return where the API may be instead: /v1 after *base_url*, or what comes before a path of the API."""
    if added := with_version(base_url):
        return [added]
    parts = urlsplit(base_url)
    cut = re.match(r".*?/v\d+", parts.path)
    return [f"{parts.scheme}://{parts.netloc}{cut[0]}"] if cut and cut[0] != parts.path else []


def _diagnose_response(profile: Profile, listed: _ModelsResponse) -> ConnectionResult:
    if listed.status == 407 or _PROXY_HEADERS & listed.headers.keys():
        return _failed(_PROXY, profile)
    if 300 <= listed.status < 400:
        return _failed(_REDIRECT, profile, _target(profile, listed))
    if listed.status == 400 and "https" in listed.text.lower() and profile.base_url.startswith("http:"):
        return _failed(_HTTPS, profile, f"https{profile.base_url.removeprefix('http')}")
    if listed.status == 401 and not profile.key:
        return _failed(_NO_KEY, profile)
    if listed.body is None and listed.status in (200, 404):
        return _failed(_PAGE, profile)
    if listed.error:
        return _from_explanation(explain(listed.error, base_url=profile.base_url, keys=profile.secrets))
    return _failed(_OTHER_JSON, profile)


def _target(profile: Profile, listed: _ModelsResponse) -> str | None:
    """Return the base URL that a redirect of /models points to, if it names one."""
    location = listed.headers.get("location", "")
    if location.startswith("/"):
        parts = urlsplit(profile.base_url)
        location = f"{parts.scheme}://{parts.netloc}{location}"
    try:
        return parse_base_url(re.sub(r"/models/?(\?.*)?$", "", location))
    except InvalidProfile:
        return None


def _connected(listed: _ModelsResponse) -> ConnectionResult:
    rows = {
        row["id"]: row
        for row in listed.body["data"]
        if isinstance(row, dict) and isinstance(row.get("id"), str)
    }
    models = {model: _day(row.get("shutdown_date")) for model, row in rows.items()}
    title, hint = (_CONNECTED, "") if models else _NO_MODELS
    return ConnectionResult(True, title, hint, listed.latency, models)


def _day(value: object) -> date | None:
    """Read a shutdown date: an ISO day or time, or seconds since 1970."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).date()
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _failed(advice: tuple[str, str], profile: Profile, suggestion: str | None = None) -> ConnectionResult:
    names = {"url": profile.base_url, "suggestion": suggestion or "the address it names"}
    title, hint = (text.format_map(names) for text in advice)
    error = (
        NotOpenAICompatible(title, hint) if advice in (_PAGE, _OTHER_JSON) else PlaygroundError(title, hint)
    )
    return _from_explanation(explain(error, keys=profile.secrets), suggestion)


def _from_explanation(explanation: Explanation, suggestion: str | None = None) -> ConnectionResult:
    return ConnectionResult(
        False, explanation.title, explanation.hint, suggested_url=suggestion, explanation=explanation
    )
