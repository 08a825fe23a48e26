"""The SDK client of a profile: cheap to ask for, over one pool of connections per event loop."""

import asyncio
import os
import ssl
from collections.abc import Mapping
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from threading import Event
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from core.client.profile import Profile, is_loopback
from core.errors.types import PlaygroundError

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_CONNECT_TIMEOUT = 5.0

# People read before they ask again: a connection is kept so many seconds, not the SDK's 5.
_KEEPALIVE_EXPIRY = 90.0

# A client must have a key; servers that need none ignore this one, and OpenAI refuses it by name.
_PLACEHOLDER_KEY = "none"

_preloaded = Event()

# An async client lives in one event loop: that of the server, and in tests one for each test. By loop, then
# by whether the proxies of the environment apply.
_http_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, httpx2.AsyncClient]]" = (
    WeakKeyDictionary()
)


def create_client(profile: Profile) -> "AsyncOpenAI":
    """Return a client that sends to *profile* and nowhere else: no redirects, nothing of the environment.

    It never retries by itself (see `core.client.retry`), and gives up after `profile.timeout` seconds
    without a byte. To be called in the event loop that will use it; takes less than a millisecond once that
    has a pool.
    """
    from openai import AsyncOpenAI, Timeout

    return AsyncOpenAI(
        base_url=profile.base_url,
        api_key=profile.key or _PLACEHOLDER_KEY,
        admin_api_key="",
        webhook_secret="",
        organization=profile.organization or "",
        project=profile.project or "",
        default_headers=_headers(profile, os.environ),
        timeout=Timeout(profile.timeout, connect=_CONNECT_TIMEOUT),
        max_retries=0,
        http_client=_http_client(proxied=not is_loopback(profile.base_url)),
    )


def _headers(profile: Profile, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the profile's headers, and take out those that the SDK would add from the environment."""
    from openai import Omit

    ambient = (
        line.partition(":")[0].strip() for line in environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    )
    headers: dict[str, object] = {
        name: Omit() for name in ambient if name and name.lower() != "authorization"
    }
    headers["Authorization"] = f"Bearer {profile.key or _PLACEHOLDER_KEY}"
    headers["Accept-Encoding"] = "identity"  # a small compressed reply can be a huge one
    headers["OpenAI-Organization"] = profile.organization or Omit()
    headers["OpenAI-Project"] = profile.project or Omit()
    if profile.kind == "azure":
        headers["api-key"] = profile.key or Omit()
    own = {name: value.get_secret_value() for name, value in profile.headers}
    return cast(
        Mapping[str, str], _merge_headers(headers, own)
    )  # the SDK takes Omit, though its types do not say so


def _merge_headers(first: Mapping[str, object], second: Mapping[str, object]) -> dict[str, object]:
    """Merge by names in any case; the second wins."""
    taken = {name.lower() for name in second}
    return {name: value for name, value in first.items() if name.lower() not in taken} | dict(second)


def _http_client(*, proxied: bool) -> "httpx2.AsyncClient":
    pools = _http_clients.setdefault(asyncio.get_running_loop(), {})
    if proxied not in pools:
        pools[proxied] = _create_http_client(proxied)
    return pools[proxied]


def _create_http_client(proxied: bool) -> "httpx2.AsyncClient":
    import httpx2
    from openai import DEFAULT_CONNECTION_LIMITS, DefaultAsyncHttpx2Client

    limits = httpx2.Limits(
        max_connections=DEFAULT_CONNECTION_LIMITS.max_connections,
        max_keepalive_connections=DEFAULT_CONNECTION_LIMITS.max_keepalive_connections,
        keepalive_expiry=_KEEPALIVE_EXPIRY,
    )
    try:
        return DefaultAsyncHttpx2Client(
            limits=limits,
            follow_redirects=False,
            trust_env=proxied,  # a proxy cannot reach this machine's loopback, and must not see its traffic
            verify=ssl_context(),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # the pool is everybody's
        )
    except (ImportError, ValueError) as exc:  # a SOCKS proxy without its package, or no valid address
        raise PlaygroundError("The proxy set in the environment cannot be used", f"{exc}"[:200]) from exc


@lru_cache(maxsize=1)
def ssl_context() -> ssl.SSLContext:
    """Return the trusted certificates, loaded once: that is nearly all that an HTTP client costs to build.

    Raises PlaygroundError.
    """
    import httpx2

    try:
        return httpx2.create_ssl_context()
    except OSError as exc:
        hint = f"Check SSL_CERT_FILE and SSL_CERT_DIR: {exc.strerror or exc}."
        raise PlaygroundError("The certificates to trust cannot be read", hint) from exc


async def close_http_clients() -> None:
    """Close the connections of the running loop."""
    for pool in _http_clients.pop(asyncio.get_running_loop(), {}).values():
        await pool.aclose()


def preload() -> None:
    """Import the SDK and load the certificates: the better part of a second, so not on the event loop.

    Raises PlaygroundError if the certificates cannot be loaded; that is said again when one is needed.
    """
    try:
        import_module(
            "openai.resources.chat.completions.completions"
        )  # the packages above load it only later
        ssl_context()
    finally:
        _preloaded.set()


def is_preloaded() -> bool:
    """Whether `warm_up` is over, so that a client costs next to nothing."""
    return _preloaded.is_set()


async def connect(profile: Profile) -> "AsyncOpenAI":
    """As `client_for`, but the loop goes on while the SDK loads, if it has yet to."""
    if not is_preloaded():
        await asyncio.to_thread(preload)
    return create_client(profile)
