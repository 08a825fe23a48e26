"""Who may connect: this machine only, unless the operator names networks whose users are trusted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
TRUSTED_NETWORKS = "PLAYGROUND_TRUSTED_NETWORKS"

_REFUSAL = f"""
The app was not started: it would listen on {{address}}, where other machines can reach it. It has no login.
Everyone who can connect could read and delete your conversations and use your API keys.

- For this machine only: leave out --server.address, or set it to 127.0.0.1.
- For networks whose users you all trust: set {TRUSTED_NETWORKS} to them, for example 192.168.1.0/24,
  and add the host name or IP address that they open to server.allowedHosts in .streamlit/config.toml.
- In a container: publish the port on this machine only, as in -p 127.0.0.1:8501:8501, and trust the
  container's network, for example {TRUSTED_NETWORKS}=172.16.0.0/12.
"""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """The host names under which the app may be opened, and the networks that it may be opened from.

    Without networks, only this machine may connect.
    """

    hosts: frozenset[str] = LOOPBACK
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def is_shared(self) -> bool:
        return bool(self.networks)

    def allows_peer(self, peer: str) -> bool:
        """Whether the machine with the IP address *peer* may connect."""
        address = _parse_address(peer)
        if address is None:
            return False
        return address.is_loopback or any(address in network for network in self.networks)


def access_policy(
    address: str | None, allowed_hosts: Collection[str], environ: Mapping[str, str]
) -> AccessPolicy:
    """Return the policy for a server that listens on *address*; None is every address of the machine.

    Exits with instructions if other machines could connect although no network is trusted.
    """
    names = environ.get(TRUSTED_NETWORKS, "").replace(",", " ").split()
    try:
        networks = tuple(ip_network(name) for name in names)
    except ValueError as error:
        raise SystemExit(f"{TRUSTED_NETWORKS} is not valid: {error}. Expected: 192.168.1.0/24.") from None
    if networks:
        return AccessPolicy(LOOPBACK | frozenset(allowed_hosts), networks)
    if not _is_loopback(address or ""):
        raise SystemExit(_REFUSAL.format(address=address or "all addresses"))
    return AccessPolicy()


def _is_loopback(name: str) -> bool:
    address = _parse_address(name)
    return name == "localhost" or (address is not None and address.is_loopback)


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an IP address; an IPv4 address as a socket for both versions reports it becomes IPv4 again."""
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
