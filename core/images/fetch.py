"""Fetch an image that somebody names by URL, from the public internet and from nowhere else."""

import asyncio
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from core.errors.types import PlaygroundError
from core.images.image import MAX_BYTES

if TYPE_CHECKING:
    import httpx2

IPAddress = IPv4Address | IPv6Address

_REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_AS_IT_IS = "%!#$&'()*+,/:;=?@[]~"  # of a path that is percent-encoded where it is not ASCII
_NAT64 = IPv6Network("64:ff9b::/96")
# What `is_global` of Python 3.11 lets through: IETF assignments, 6to4 relays, Azure's platform, site-local
# addresses, and the documentation range of RFC 9637.
_DENIED_4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_DENIED_6 = tuple(map(IPv6Network, ("fec0::/10", "3fff::/20")))


class ImageFetchError(PlaygroundError):
    """A URL that is not fetched, or nothing that can be taken came from it."""


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Where a fetch may go: addresses that *allows* takes, on *ports*; and for how many seconds in all."""

    allows: Callable[[IPAddress], bool]
    ports: Collection[int] = (80, 443)
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL with the one address that it was resolved to, and will be asked at."""

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
    """Whether *address* is one of the public internet, also behind the disguises that IPv6 offers for IPv4.

    Loopback, private, link-local (cloud metadata), shared (CGNAT), multicast and reserved ones are not.
    """
    if isinstance(address, IPv6Address):
        inner = _embedded_ipv4(address)
        if inner is not None:
            return is_public(inner)
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
    """Return *url* if a request may carry it. Raises RefusedUrl; nothing is looked up or fetched."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImageFetchError(
            "This is not a URL", "It should look like https://example.org/photo.jpg."
        ) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or len(url) > 2_000:
        raise ImageFetchError(
            "This is not a web address", "It should look like https://example.org/photo.jpg."
        )
    if parts.username or parts.password:
        raise ImageFetchError("The URL holds a user name or password", "Take it out: it would be sent along.")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ImageFetchError("The URL holds blanks or invisible characters", "Copy it again.")
    return url


async def fetch_image(url: str, policy: FetchPolicy = PUBLIC_INTERNET) -> bytes:
    """Fetch *url*, following a few redirects, each checked like the first. Raises RefusedUrl.

    A name is resolved once, and that very address is asked, so that it cannot become another in between.
    """
    try:
        async with asyncio.timeout(policy.timeout):
            for _ in range(_REDIRECTS + 1):
                body, url = await _request_once(await _resolve(validate_url(url), policy))
                if body is not None:
                    return body
    except TimeoutError:
        raise ImageFetchError(
            "The address took too long", f"It was given {policy.timeout:g} seconds."
        ) from None
    raise ImageFetchError("The address leads on and on", f"At most {_REDIRECTS} redirects are followed.")


async def _resolve(url: str, reach: FetchPolicy) -> _Target:
    parts = urlsplit(url)
    host, port = _to_idna(parts.hostname or ""), parts.port or (443 if parts.scheme == "https" else 80)
    if port not in reach.ports:
        raise ImageFetchError(f"Port {port} is not asked for images", "Only the usual ones, 80 and 443, are.")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ImageFetchError(f"No such address: {host[:80]}", "Check the URL, and the network.") from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(map(reach.allows, addresses)):
        raise ImageFetchError(
            "This address is not on the public internet",
            "Save the image and upload it: the app fetches nothing from private networks.",
        )
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_AS_IT_IS)
    return _Target(url, parts.scheme, host, port, path, addresses[0])


def _to_idna(host: str) -> str:
    """Write *host* as the name service and the headers want it: 한국.kr as xn--3e0b707e.kr."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ImageFetchError(f"No such address: {host[:80]}", "Check the URL, and the network.") from None


async def _request_once(target: _Target) -> tuple[bytes | None, str]:
    """Ask once: return the body, or None and where to go on."""
    import httpx2

    usual = {"http": 80, "https": 443}[target.scheme]
    host = f"[{target.host}]" if ":" in target.host else target.host
    headers = {
        "Host": host if target.port == usual else f"{host}:{target.port}",
        "Accept": "image/*",
        "Accept-Encoding": "identity",  # a small compressed reply can be a huge one
    }
    extensions = {"sni_hostname": target.host}
    try:
        async with (
            httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=None) as client,
            client.stream("GET", target.request_url, headers=headers, extensions=extensions) as response,
        ):
            return await _read(response, target)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        raise ImageFetchError("The address cannot be reached", "Check the URL, and the network.") from None


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise ImageFetchError(
            "The address leads to what is not a URL", "Open it in a browser to see."
        ) from None


async def _read(response: "httpx2.Response", target: _Target) -> tuple[bytes | None, str]:
    if response.status_code in _MOVED and "location" in response.headers:
        return None, _joined(target.url, response.headers["location"])
    if response.status_code != 200:
        raise ImageFetchError(
            f"The address answered {response.status_code}", "Open it in a browser to see why."
        )
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ImageFetchError("The address sends its image packed", "Save the image and upload it.")
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MAX_BYTES:
            raise ImageFetchError(
                "There is too much behind the address", f"At most {MAX_BYTES // 10**6} MB are read."
            )
    return bytes(body), target.url
