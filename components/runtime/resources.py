"""What all sessions of the process share: the database, the sandbox, the running jobs, local servers."""

import logging
import os
from threading import RLock
from typing import TYPE_CHECKING

from pydantic import SecretStr

from core.runs import event_loop
from core.runs.jobs import Jobs

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.history.indexer import HistoryIndexer
    from core.history.maintenance import HistoryMaintenance
    from core.mcp.connections import McpConnections
    from core.runner.runners import Runners
    from core.sandbox.server import SandboxServer
    from core.servers.discovery import DiscoveredServer
    from core.storage.store import Store

OWNER = "local"
"""The owner of everything that this app stores: it has no accounts."""

jobs = Jobs()
_log = logging.getLogger(__name__)


class _Resources:
    """Creates each resource on first use, from any thread."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._sandbox: SandboxServer | None = None
        self._store: Store | None = None
        self._history: HistoryMaintenance | None = None
        self._servers: tuple[DiscoveredServer, ...] | None = None
        self._runners: Runners | None = None
        self._mcp: McpConnections | None = None

    def sandbox(self) -> "SandboxServer":
        with self._lock:
            if self._sandbox is None:
                from core.paths import data_directory
                from core.sandbox.server import SandboxServer

                self._sandbox = SandboxServer.embedded(data_directory() / "sandbox", OWNER).start()
            return self._sandbox

    def is_sandbox(self, base_url: str) -> bool:
        """Whether *base_url* is that of the running sandbox of this app."""
        with self._lock:
            return self._sandbox is not None and self._sandbox.url == base_url

    def store(self) -> "Store":
        with self._lock:
            if self._store is None:
                from core.conversations.repository import ConversationRepository
                from core.history.maintenance import HistoryMaintenance
                from core.storage.store import Store

                self._store = Store.open()
                ConversationRepository(self._store).purge()
                self._history = HistoryMaintenance(self._store, OWNER)
                self._history.start()
            return self._store

    def history_indexer(self) -> "HistoryIndexer":
        """Return what indexes the runs of `store` for the History page."""
        with self._lock:
            self.store()
            assert self._history
            return self._history.indexer

    def runners(self) -> "Runners":
        with self._lock:
            if self._runners is None:
                self._runners = _new_runners()
            return self._runners

    async def stop_runners(self) -> None:
        """Stop the runners, if any was started."""
        if self._runners:
            await self._runners.stop_all()

    def mcp_connections(self) -> "McpConnections":
        """Return the connections to MCP servers. The first call loads the `mcp` package."""
        with self._lock:
            if self._mcp is None:
                from core.mcp.connections import McpConnections

                self._mcp = McpConnections()
            return self._mcp

    def has_mcp_connections(self) -> bool:
        """Whether `mcp_connections` was called, so that there may be some."""
        return self._mcp is not None

    async def close_mcp_connections(self) -> None:
        """End the programs that are MCP servers."""
        if self._mcp:
            await self._mcp.close_all()

    def local_servers(self) -> "tuple[DiscoveredServer, ...] | None":
        """Return the servers that the last search found on this machine; None before the first search."""
        return self._servers

    async def search_local_servers(self) -> None:
        """Search this machine for API servers, which takes about 1.5 seconds at most."""
        from core.servers.discovery import find_local_servers

        self._servers = tuple(await find_local_servers())

    def close(self) -> None:
        with self._lock:
            if self._sandbox:
                self._sandbox.stop()
            if self._history:
                self._history.stop()
            if self._store:
                self._store.close()
            self._sandbox = self._store = self._history = None


def _new_runners() -> "Runners":
    """Return runners, whose jobs are offered to workers if the database is one that these can share."""
    from core.runner.runners import Runners

    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url.startswith("postgresql"):
        return Runners()
    from core.worker.handlers import CAPABILITIES
    from core.worker.offers import JobOffers

    return Runners(JobOffers(database_url), CAPABILITIES)


_resources = _Resources()
sandbox = _resources.sandbox
is_sandbox = _resources.is_sandbox
store = _resources.store
history_indexer = _resources.history_indexer
runners = _resources.runners
mcp_connections = _resources.mcp_connections
has_mcp_connections = _resources.has_mcp_connections
local_servers = _resources.local_servers
search_local_servers = _resources.search_local_servers


def sandbox_profile(key: str) -> "Profile":
    """Return the profile of the embedded sandbox with *key*, starting it first if necessary."""
    from core.client.profile import Profile

    server = sandbox()
    return Profile(
        id="sandbox",
        name="Sandbox",
        kind="sandbox",
        base_url=server.url,
        api_key=SecretStr(key),
        key_source="sandbox",
    )


def environment_profile() -> "Profile | None":
    """Return the profile that the environment variables describe; None without one, or if it is invalid."""
    from core.client.profile import InvalidProfile, profile_from_environment

    try:
        return profile_from_environment()
    except InvalidProfile as error:
        _log.warning("The environment's OpenAI settings are not used: %s", error)
        return None


async def close_resources() -> None:
    """Stop and save running jobs, then close connections, sandbox and database."""
    from core.client.client import close_http_clients

    await _resources.stop_runners()
    await jobs.stop_all()
    await _resources.close_mcp_connections()
    await close_http_clients()
    event_loop.set_loop(None)
    _resources.close()
