"""Test the connection to the server of a profile; if it does not work, say why and what to do."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from core.base_url import with_version, without_endpoint
from core.client.client import create_client_async
from core.client.profile import InvalidProfile, Profile, is_loopback, parse_base_url
from core.errors.explain import explain, is_transport_error
from core.errors.groups import EXPECTED_ERRORS
from core.errors.response import describe_body, parse_error
from core.errors.types import Explanation, NotOpenAICompatible, PlaygroundError
from core.http.limits import LIST_LIMITS, response_limits
from core.json_values import parse_json, storable_json
from core.servers.discovery import is_litellm, model_ids

_TIMEOUT = 5.0

_CONNECTED = ("Connected", "")
_NO_MODELS = (
    "Connected, but the server has no model",
    "Load or pull a model on the server, then test again.",
)
_NO_RESPONSE = (
    "The server accepts connections but does not respond",
    "It may still be loading a model, hang, or not be a web server. See its log, then test again.",
)
_KEY_MISSING = ("The server requires an API key", "Enter the key for {url}.")
_VERSION_MISSING = (
    "/v1 is missing from the base URL",
    "{suggestion} is an OpenAI-compatible API: use it as the base URL.",
)
_PATH_TOO_LONG = (
    "The path of the base URL is too long",
    "{suggestion} is an OpenAI-compatible API: use it as the base URL.",
)
_WEB_PAGE = (
    "The server sent a web page, not an API response",
    "{url} is a website or its sign-in page. The API can be on another port or path.",
)
_OTHER_JSON = (
    "This is not an OpenAI-compatible API",
    "{url} responds with JSON, but not with a list of models. Check the path of the base URL.",
)
_PROXY_RESPONSE = (
    "A proxy responded instead of the server",
    "Check HTTPS_PROXY, add the host to NO_PROXY, or sign in to the network first.",
)
_PROXY_FAILED = (
    "Could not connect through the proxy",
    "Requests to {url} go through {suggestion}. Check HTTPS_PROXY, or add the host to NO_PROXY.",
)
_HTTPS_REQUIRED = ("This port requires HTTPS", "Use {suggestion} as the base URL.")
_REDIRECT = (
    "The server redirects to another address",
    "Redirects are not followed, so that the key is sent to no other server. "
    "If you trust it, use {suggestion}.",
)
_PROXY_HEADERS = frozenset({"proxy-authenticate", "x-squid-error", "proxy-status", "x-bluecoat-via"})


@dataclass(frozen=True, slots=True)
class ConnectionResult:
    """The result of listing the models; *models* come with the date on which each is shut down, if known.

    *suggested_url* is a base URL that works better. The texts are redacted.
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
    """The response to `GET /models`, whatever its status and body."""

    status: int
    headers: Mapping[str, str]
    text: str
    latency: float
    error: Exception | None = None

    @property
    def body(self) -> Any:
        try:
            return storable_json(parse_json(self.text))
        except ValueError:
            return None

    @property
    def rejects_key(self) -> bool:
        # LiteLLM without a database has a code of its own instead of the status.
        return self.status == 401 or (self.error and parse_error(self.error).code) == "invalid_api_key"

    @property
    def is_model_list(self) -> bool:
        return self.status == 200 and model_ids(self.body) is not None


async def check_connection(profile: Profile, timeout: float = _TIMEOUT) -> ConnectionResult:
    """List the server's models; if that fails, find out why. Raises nothing for what a server does.

    Sends at most two requests, each limited to *timeout* seconds or the profile's timeout if that is less.
    """
    try:
        response = await _list_models(profile, timeout)
    except TimeoutError:
        return _failed(_NO_RESPONSE, profile)
    except EXPECTED_ERRORS as exc:
        proxy = proxy_for(profile.base_url)
        if proxy and is_transport_error(exc):
            # A connection that fails through a proxy says nothing about the server.
            return replace(_failed(_PROXY_FAILED, profile, proxy), suggested_url=None)
        return _from_explanation(explain(exc, base_url=profile.base_url, keys=profile.secrets))
    if not response.is_model_list:
        if response.status >= 500 and not profile.key and await is_litellm(profile.base_url):
            return _failed(_KEY_MISSING, profile)
        return await _try_alternative_url(profile, response, timeout) or _diagnose(profile, response)
    models = {
        row["id"]: _parse_date(row.get("shutdown_date"))
        for row in response.body["data"]
        if isinstance(row, dict) and isinstance(row.get("id"), str)
    }
    title, hint = _CONNECTED if models else _NO_MODELS
    return ConnectionResult(True, title, hint, response.latency, models)


def proxy_for(base_url: str) -> str | None:
    """Return the host and port of the environment's proxy that requests to *base_url* go through, if any."""
    parts = urlsplit(base_url)
    if is_loopback(base_url) or proxy_bypass(parts.netloc):
        return None
    proxies = getproxies()
    return urlsplit(proxies.get(parts.scheme) or proxies.get("all") or "").netloc.rpartition("@")[2] or None


async def _list_models(profile: Profile, timeout: float) -> _ModelsResponse:
    """Send `GET /models`. Raises TimeoutError, and what the SDK raises for a failed connection."""
    import openai

    start = time.monotonic()
    client = await create_client_async(profile)
    try:
        async with asyncio.timeout(min(timeout, profile.timeout)):
            with response_limits(LIST_LIMITS):
                raw = await client.models.with_raw_response.list()
    except openai.APIStatusError as exc:
        latency = time.monotonic() - start
        return _ModelsResponse(exc.status_code, dict(exc.response.headers), exc.response.text, latency, exc)
    return _ModelsResponse(raw.status_code, dict(raw.headers), raw.text, time.monotonic() - start)


async def _try_alternative_url(
    profile: Profile, response: _ModelsResponse, timeout: float
) -> ConnectionResult | None:
    """Try the base URL that was probably meant: with /v1 at its end, or without an endpoint."""
    # Errors that do not depend on the path: another URL of this server would fail in the same way.
    if response.status in (401, 403, 429) or response.status >= 500:
        return None
    shorter = without_endpoint(profile.base_url)
    url = with_version(shorter or profile.base_url) or shorter
    if url is None:
        return None
    text = _PATH_TOO_LONG if shorter else _VERSION_MISSING
    try:
        second = await _list_models(profile.model_copy(update={"base_url": url}), timeout)
    except EXPECTED_ERRORS:
        return None
    requires_key = second.status in (401, 403) and isinstance(second.body, dict)
    return _failed(text, profile, url) if second.is_model_list or requires_key else None


def _diagnose(profile: Profile, response: _ModelsResponse) -> ConnectionResult:
    """Find the text for a response that is not a list of models."""
    if response.status == 407 or _PROXY_HEADERS & response.headers.keys():
        return _failed(_PROXY_RESPONSE, profile)
    if 300 <= response.status < 400:
        return _failed(_REDIRECT, profile, _redirect_target(profile, response))
    if response.status == 400 and "https" in response.text.lower() and profile.base_url.startswith("http:"):
        return _failed(_HTTPS_REQUIRED, profile, f"https{profile.base_url.removeprefix('http')}")
    if not profile.key and response.rejects_key:
        return _failed(_KEY_MISSING, profile)
    if response.body is None and response.status in (200, 404):
        return _failed(_WEB_PAGE, profile, response=response)
    if response.error:
        return _from_explanation(explain(response.error, base_url=profile.base_url, keys=profile.secrets))
    return _failed(_OTHER_JSON, profile, response=response)


def _redirect_target(profile: Profile, response: _ModelsResponse) -> str | None:
    """Return the base URL that a redirect of /models points to, if it is valid."""
    location = response.headers.get("location", "")
    if location.startswith("/"):
        parts = urlsplit(profile.base_url)
        location = f"{parts.scheme}://{parts.netloc}{location}"
    try:
        return parse_base_url(re.sub(r"/models/?(\?.*)?$", "", location))
    except InvalidProfile:
        return None


def _parse_date(value: object) -> date | None:
    """Parse a shutdown date: an ISO date or time, or seconds since 1970."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC).date()
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _failed(
    text: tuple[str, str],
    profile: Profile,
    suggestion: str | None = None,
    response: _ModelsResponse | None = None,
) -> ConnectionResult:
    names = {"url": profile.base_url, "suggestion": suggestion or "the address that it redirects to"}
    title, hint = (part.format_map(names) for part in text)
    error_class = NotOpenAICompatible if text in (_WEB_PAGE, _OTHER_JSON) else PlaygroundError
    # By way of an error, so that the texts are redacted like those of every other error.
    detail = describe_body(response.text) if response else ""
    explanation = explain(error_class(title, hint, detail=detail), keys=profile.secrets)
    explanation = replace(explanation, status=response.status if response else None)
    return _from_explanation(explanation, suggestion)


def _from_explanation(explanation: Explanation, suggested_url: str | None = None) -> ConnectionResult:
    return ConnectionResult(
        False, explanation.title, explanation.hint, suggested_url=suggested_url, explanation=explanation
    )
