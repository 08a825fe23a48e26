"""The SDK client of a profile. Clients are cheap: those of one event loop share their connections."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from threading import Event
from typing import TYPE_CHECKING, Any, cast
from urllib.request import getproxies
from weakref import WeakKeyDictionary

from core.client.profile import Profile, is_loopback
from core.errors.types import PlaygroundError
from core.http import turns

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

CONNECT_TIMEOUT = 5.0

# People read a reply before they send the next message: the SDK's 5 s would close the connection meanwhile.
_KEEPALIVE_EXPIRY = 90.0

# The SDK requires a key. Servers that need none ignore this one, and OpenAI rejects it as an invalid key.
_PLACEHOLDER_KEY = "none"

_preloaded = Event()

# By event loop, because an async HTTP client works only in the loop that it was created in, and each test has
# a loop of its own; then by whether the proxies of the environment apply.
_http_clients: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, httpx2.AsyncClient]]" = (
    WeakKeyDictionary()
)


def create_client(profile: Profile, http_client: "httpx2.AsyncClient | None" = None) -> "AsyncOpenAI":
    """Return a client that sends to *profile* and nowhere else: no redirects, nothing of the environment.

    It never retries by itself (see `core.client.retry`), and times out after `profile.timeout` seconds
    without a byte. Call this in the event loop that will use the client; only the first call in a loop takes
    more than a millisecond. *http_client* is by default the one that all clients of the loop share.
    """
    from openai import AsyncOpenAI, Timeout

    client = AsyncOpenAI(
        **client_options(profile),
        timeout=Timeout(profile.timeout, connect=CONNECT_TIMEOUT),
        max_retries=0,
        http_client=http_client or _http_client(use_proxy=not is_loopback(profile.base_url)),
    )
    # Each new client would ask a thread for the platform before its first request: 10 ms on a busy machine.
    client._platform = _platform()
    return client


def client_options(profile: Profile) -> dict[str, Any]:
    """Return the arguments of a client, sync or async, that takes nothing from the environment."""
    return {
        "base_url": profile.base_url,
        "api_key": profile.key or _PLACEHOLDER_KEY,
        "admin_api_key": "",
        "webhook_secret": "",
        "organization": profile.organization or "",
        "project": profile.project or "",
        "default_headers": _default_headers(profile, os.environ),
    }


@lru_cache(maxsize=1)
def _platform() -> Any:
    """Return the operating system as the SDK names it in its headers."""
    from openai._base_client import get_platform

    return get_platform()


def _default_headers(profile: Profile, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the profile's headers, and omit those that the SDK would add from the environment."""
    from openai import Omit

    lines = environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    names = [line.partition(":")[0].strip() for line in lines]
    headers: dict[str, object] = {name: Omit() for name in names if name and name.lower() != "authorization"}
    headers["Authorization"] = f"Bearer {profile.key or _PLACEHOLDER_KEY}"
    headers["Accept-Encoding"] = "identity"  # a small compressed reply can decompress to a huge one
    headers["OpenAI-Organization"] = profile.organization or Omit()
    headers["OpenAI-Project"] = profile.project or Omit()
    if profile.kind == "azure":
        headers["api-key"] = profile.key or Omit()
    # Header names are case-insensitive, the keys of a dict are not.
    own = {name: value.get_secret_value() for name, value in profile.headers}
    overridden = {name.lower() for name in own}
    headers = {name: value for name, value in headers.items() if name.lower() not in overridden} | own
    return cast(Mapping[str, str], headers)  # the SDK accepts Omit, although its types do not


@asynccontextmanager
async def bulk_client(profile: Profile, *, in_background: bool = True) -> "AsyncIterator[AsyncOpenAI]":
    """Yield a client for many requests at once, with connections of its own and the rules of `create_client`.

    The requests of the task and of those that it starts give way to pages if they are *in_background*. They
    need less processor time each. As the transport knows no proxies, an environment that sets one gets a
    client of `create_client`.
    """
    if not is_preloaded():
        await asyncio.to_thread(preload)
    if getproxies() and not is_loopback(profile.base_url):
        yield create_client(profile)
        return
    from core.http.aiohttp_transport import AiohttpTransport

    turns.in_background.set(in_background)
    async with _new_http_client(
        use_proxy=False, transport=AiohttpTransport(ssl_context(), _limits())
    ) as http:
        yield create_client(profile, http)


def _http_client(*, use_proxy: bool) -> "httpx2.AsyncClient":
    """Return the HTTP client that the running loop shares. Raises PlaygroundError for an invalid proxy."""
    clients = _http_clients.setdefault(asyncio.get_running_loop(), {})
    if use_proxy not in clients:
        try:
            clients[use_proxy] = _new_http_client(use_proxy=use_proxy)
        except (ImportError, ValueError) as exc:  # a SOCKS proxy without its package, or an invalid address
            raise PlaygroundError("The proxy set in the environment cannot be used", f"{exc}"[:200]) from exc
    return clients[use_proxy]


def _new_http_client(
    *, use_proxy: bool, transport: "httpx2.AsyncBaseTransport | None" = None
) -> "httpx2.AsyncClient":
    from core.http.client import BoundedHttpClient

    return BoundedHttpClient(
        limits=_limits(),
        follow_redirects=False,
        # A proxy cannot reach the loopback interface of this machine, and must not see its traffic.
        trust_env=use_proxy,
        verify=ssl_context(),
        # All users share the client, so it must not store their cookies.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        transport=transport,
    )


def _limits() -> "httpx2.Limits":
    import httpx2
    from openai import DEFAULT_CONNECTION_LIMITS

    return httpx2.Limits(
        max_connections=DEFAULT_CONNECTION_LIMITS.max_connections,
        max_keepalive_connections=DEFAULT_CONNECTION_LIMITS.max_keepalive_connections,
        keepalive_expiry=_KEEPALIVE_EXPIRY,
    )


@lru_cache(maxsize=1)
def ssl_context() -> ssl.SSLContext:
    """Return the trusted certificates. Raises PlaygroundError.

    Loaded once, because that takes nearly all the time of creating an HTTP client.
    """
    import httpx2

    try:
        return httpx2.create_ssl_context()
    except OSError as exc:
        hint = f"Check SSL_CERT_FILE and SSL_CERT_DIR: {exc.strerror or exc}."
        raise PlaygroundError("The trusted certificates cannot be read", hint) from exc


async def close_http_clients() -> None:
    """Close the connections of the running loop."""
    for client in _http_clients.pop(asyncio.get_running_loop(), {}).values():
        await client.aclose()


def preload() -> None:
    """Import the SDK and load the certificates. Takes most of a second: do not call it on the event loop.

    Raises PlaygroundError if the certificates cannot be loaded, as every later call that needs them does.
    """
    try:
        import_module("openai.resources.chat.completions.completions")  # `import openai` loads it only later
        ssl_context()
        _platform()
    finally:
        _preloaded.set()


def is_preloaded() -> bool:
    """Whether `preload` has ended, so that creating a client takes next to no time."""
    return _preloaded.is_set()


async def create_client_async(profile: Profile) -> "AsyncOpenAI":
    """Create a client as `create_client` does, but without blocking the event loop while the SDK loads."""
    if not is_preloaded():
        await asyncio.to_thread(preload)
    return create_client(profile)
