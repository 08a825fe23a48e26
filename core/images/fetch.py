"""Fetch an image from a URL that a user entered, safe against server-side request forgery (SSRF).

Only the public internet is reachable: no private address, no redirect to one, no unusual port.
"""

import asyncio
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from core.errors.types import PlaygroundError
from core.http.limits import (
    CompressedResponse,
    ResponseLimits,
    ResponseTooLarge,
    response_limits,
)
from core.images.image import MAX_BYTES

if TYPE_CHECKING:
    import httpx2

IPAddress = IPv4Address | IPv6Address

_MAX_REDIRECTS = 3
_REDIRECT_STATUSES = (301, 302, 303, 307, 308)
_SAFE_CHARACTERS = "%!#$&'()*+,/:;=?@[]~"  # not percent-encoded in a path
_EXAMPLE_HINT = "It should look like https://example.org/photo.jpg."
_NETWORK_HINT = "Check the URL and the network."
_NAT64 = IPv6Network("64:ff9b::/96")
# Ranges that `is_global` of Python 3.11 accepts: IETF assignments, 6to4 relays, Azure's platform address,
# site-local addresses, and the documentation range of RFC 9637.
_DENIED_4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_DENIED_6 = tuple(map(IPv6Network, ("fec0::/10", "3fff::/20")))


class ImageFetchError(PlaygroundError):
    """A URL that must not be fetched, or whose response cannot be used."""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What a fetch may connect to: addresses for which *allows* is true, on *ports*.

    *timeout* is in seconds, for all redirects together.
    """

    allows: Callable[[IPAddress], bool]
    ports: Collection[int] = (80, 443)
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL with the IP address that its host was resolved to, which the request connects to."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    address: IPAddress

    @property
    def request_url(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def is_public(address: IPAddress) -> bool:
    """Whether *address* is on the public internet; an IPv4 address embedded in IPv6 is checked as IPv4.

    Loopback, private, link-local (cloud metadata), shared (CGNAT), multicast and reserved ones are not.
    """
    if isinstance(address, IPv6Address):
        embedded = _embedded_ipv4(address)
        if embedded is not None:
            return is_public(embedded)
        denied = any(address in network for network in _DENIED_6)
    else:
        denied = any(address in network for network in _DENIED_4)
    return not denied and address.is_global and not address.is_multicast and not address.is_reserved


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


PUBLIC_INTERNET = FetchPolicy(is_public)


def validate_url(url: str) -> str:
    """Return *url* without surrounding blanks. Raises ImageFetchError; nothing is resolved or fetched."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImageFetchError("This is not a URL", _EXAMPLE_HINT) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or len(url) > 2_000:
        raise ImageFetchError("This is not a web address", _EXAMPLE_HINT)
    if parts.username or parts.password:
        raise ImageFetchError(
            "The URL contains a user name or password", "Remove it: it would be sent to the API."
        )
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ImageFetchError("The URL contains blanks or invisible characters", "Copy it again.")
    return url


async def fetch_image(url: str, policy: FetchPolicy = PUBLIC_INTERNET) -> bytes:
    """Return the body of *url* after at most three redirects, each checked like *url*.

    Raises ImageFetchError. A host is resolved once and the request connects to that address, so that DNS
    cannot return a private address after the check (DNS rebinding).
    """
    try:
        async with asyncio.timeout(policy.timeout):
            for _ in range(_MAX_REDIRECTS + 1):
                body, url = await _request_once(await _resolve(validate_url(url), policy))
                if body is not None:
                    return body
    except TimeoutError:
        raise ImageFetchError(
            "The server took too long", f"The timeout is {policy.timeout:g} seconds."
        ) from None
    raise ImageFetchError("Too many redirects", f"At most {_MAX_REDIRECTS} redirects are followed.")


async def _resolve(url: str, policy: FetchPolicy) -> _Target:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
        if port not in policy.ports:
            raise ImageFetchError(f"Port {port} is not allowed", "Images are fetched from ports 80 and 443.")
        results = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ImageFetchError(f"Host not found: {host[:80]}", _NETWORK_HINT) from None
    addresses = [ip_address(str(result[4][0]).partition("%")[0]) for result in results]
    # One private address among several is enough to reject the host.
    if not addresses or not all(map(policy.allows, addresses)):
        raise ImageFetchError(
            "This address is not on the public internet",
            "Save the image and upload it: the app does not connect to private networks.",
        )
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE_CHARACTERS)
    return _Target(url, parts.scheme, host, port, path, addresses[0])


async def _request_once(target: _Target) -> tuple[bytes | None, str]:
    """Return the body and the URL, or None and the URL to which the server redirects."""
    import httpx2

    from core.http.client import BoundedHttpClient

    default_port = {"http": 80, "https": 443}[target.scheme]
    host = f"[{target.host}]" if ":" in target.host else target.host
    headers = {
        "Host": host if target.port == default_port else f"{host}:{target.port}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }
    # The request goes to an IP address; TLS must still ask for, and verify, the host.
    extensions = {"sni_hostname": target.host}
    try:
        # Without the environment: a proxy would resolve the host itself.
        async with BoundedHttpClient(follow_redirects=False, trust_env=False, timeout=None) as client:
            with response_limits(ResponseLimits(MAX_BYTES, MAX_BYTES)):
                response = await client.get(target.request_url, headers=headers, extensions=extensions)
            return _read_response(response, target.url)
    except ResponseTooLarge:
        size = f"At most {MAX_BYTES // 10**6} MB are read."
        raise ImageFetchError("The response is too large", size) from None
    except CompressedResponse:
        raise ImageFetchError("The response is compressed", "Save the image and upload it.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL):
        raise ImageFetchError("Can't connect to this address", _NETWORK_HINT) from None


def _read_response(response: "httpx2.Response", url: str) -> tuple[bytes | None, str]:
    if response.status_code in _REDIRECT_STATUSES and "location" in response.headers:
        try:
            return None, urljoin(url, response.headers["location"])
        except ValueError:
            raise ImageFetchError(
                "The server redirects to something that is not a URL", "Open it in a browser to see."
            ) from None
    if response.status_code != 200:
        raise ImageFetchError(
            f"The server answered {response.status_code}", "Open the URL in a browser to see why."
        )
    return response.content, url
