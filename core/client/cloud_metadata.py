"""Recognise the addresses of cloud metadata services, which hand out the credentials of the machine."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote, urlsplit

_NAMES = frozenset(
    {
        "metadata",
        "metadata.goog",
        "metadata.google.internal",
        "instance-data",
        "instance-data.ec2.internal",
    }
)
# Link-local is the service of nearly every cloud. Others: Azure's platform, Oracle's and Alibaba's clouds.
_NETWORKS_4 = tuple(
    map(IPv4Network, ("169.254.0.0/16", "168.63.129.16/32", "192.0.0.192/32", "100.100.100.200/32"))
)
# The services of AWS and of Google.
_NETWORKS_6 = tuple(map(IPv6Network, ("fd00:ec2::/32", "fd20:ce::254/128")))
_NAT64 = IPv6Network("64:ff9b::/96")


def is_metadata_service(base_url: str) -> bool:
    """Whether the host of *base_url* is a metadata service, in any spelling that a client would resolve."""
    host = unquote(urlsplit(base_url).hostname or "").rstrip(".").lower()
    if host in _NAMES:
        return True
    address = _parse_address(host)
    if isinstance(address, IPv4Address):
        return any(address in network for network in _NETWORKS_4)
    return address is not None and any(address in network for network in _NETWORKS_6)


def _parse_address(host: str) -> IPv4Address | IPv6Address | None:
    """Parse *host* as the system does; an IPv4 address inside an IPv6 one is returned as IPv4."""
    # Also decimal, octal and hexadecimal numbers, and fewer than four of them; what is none may be IPv6.
    with suppress(OSError):
        return IPv4Address(socket.inet_aton(host))
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return address
    embedded = address.ipv4_mapped or address.sixtofour
    low_bits = IPv4Address(int(address) & 0xFFFF_FFFF)
    is_compatible = int(address) >> 32 == 0 and int(low_bits) > 1  # ::169.254.169.254, but not ::1
    return embedded or (low_bits if address in _NAT64 or is_compatible else address)
