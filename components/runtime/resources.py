"""What the process holds once for everyone: the store, the sandbox, the replies under way."""

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, RLock
from typing import TYPE_CHECKING, TypeVar

from pydantic import SecretStr

from core.errors.types import PlaygroundError
from core.runs import event_loop
from core.runs.jobs import Jobs

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.sandbox.server import SandboxServer
    from core.servers.discovery import DiscoveredServer
    from core.storage.store import Store

T = TypeVar("T")

# Seconds that a first visitor has before the SDK loads without one, and that a browser takes to draw a page.
_FIRST_VISIT_TIMEOUT = 5.0
_RENDER_TIME = 1.0

jobs = Jobs()
_first_page_rendered = Event()
_import_lock = Lock()
_log = logging.getLogger(__name__)


class _Resources:
    """Makes each shared thing at its first use, whichever thread asks."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._sandbox: SandboxServer | None = None
        self._store: Store | None = None
        self._servers: tuple[DiscoveredServer, ...] | None = None

    def sandbox(self) -> "SandboxServer":
        with self._lock:
            if self._sandbox is None:
                from core.sandbox.server import SandboxServer

                self._sandbox = SandboxServer(latency="fast").start()
            return self._sandbox

    def store(self) -> "Store":
        with self._lock:
            if self._store is None:
                from core.conversations.repository import ConversationRepository
                from core.storage.store import Store

                self._store = Store.open()
                ConversationRepository(self._store).purge()
            return self._store

    def local_servers(self) -> "tuple[DiscoveredServer, ...] | None":
        """The servers found on this machine at the last search; None before the first."""
        return self._servers

    async def search_local_servers(self) -> None:
        """Look for local servers now; takes some 1.5 seconds at most."""
        from core.servers.discovery import find_local_servers

        self._servers = tuple(await find_local_servers())

    def close(self) -> None:
        with self._lock:
            if self._sandbox:
                self._sandbox.stop()
            if self._store:
                self._store.close()
            self._sandbox = self._store = None


_resources = _Resources()
sandbox = _resources.sandbox
store = _resources.store
local_servers = _resources.local_servers
search_local_servers = _resources.search_local_servers


def sandbox_profile() -> "Profile":
    """The profile of the embedded server, which starts now if it has not."""
    from core.client.profile import Profile

    server = sandbox()
    return Profile(
        id="sandbox",
        name="Sandbox",
        kind="sandbox",
        base_url=server.url,
        api_key=SecretStr(server.key),
        key_source="sandbox",
    )


def environment_profile() -> "Profile | None":
    """The profile of the operator's environment; None without one, or with one that cannot work."""
    from core.client.profile import InvalidProfile, profile_from_environment

    try:
        return profile_from_environment()
    except InvalidProfile as problem:
        _log.warning("The environment's OpenAI settings are not used: %s", problem)
        return None


def preload_after_first_page() -> None:
    """Do what the first send would otherwise wait for, once the first page is drawn.

    Sooner, on a small machine, it would hold up that page for longer than it takes.
    """
    with _gc_disabled():
        visited = _first_page_rendered.wait(_FIRST_VISIT_TIMEOUT)
    if visited:
        time.sleep(_RENDER_TIME)
    from core.client import client as clients

    try:
        import_without_gc(clients.preload)
    except PlaygroundError as problem:
        _log.warning("%s. %s", problem, problem.hint)
    asyncio.run(search_local_servers())


def import_without_gc(load: Callable[[], T]) -> T:
    """Run *load*, which imports a lot. The collector, which Streamlit runs after a script, never looks there.

    It will not look again at a session that is open now either: that is one or two.
    """
    with _import_lock:
        with _gc_disabled():
            found = load()
        gc.collect()
        gc.freeze()
        return found


@contextmanager
def _gc_disabled() -> Iterator[None]:
    """Look for no garbage while mostly modules are made, which never are: imports take a quarter less."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def mark_first_page_rendered() -> None:
    """Say that a page has been sent to its browser."""
    _first_page_rendered.set()


async def close_resources() -> None:
    """Save what is unfinished and let go of everything."""
    from core.client import client as clients

    await jobs.stop_all()
    await clients.close_http_clients()
    event_loop.set_loop(None)
    _resources.close()
