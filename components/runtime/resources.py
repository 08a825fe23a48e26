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
    from core.servers.discovery import Found
    from core.storage.store import Store

T = TypeVar("T")

# Seconds that a first visitor has before the SDK loads without one, and that a browser takes to draw a page.
_FIRST_VISIT = 5.0
_DRAWING = 1.0

jobs = Jobs()
_drawn = Event()
_imports = Lock()
_log = logging.getLogger(__name__)


class _Process:
    """Makes each shared thing at its first use, whichever thread asks."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._sandbox: SandboxServer | None = None
        self._store: Store | None = None
        self._servers: tuple[Found, ...] | None = None

    def sandbox(self) -> "SandboxServer":
        with self._lock:
            if self._sandbox is None:
                from core.sandbox.server import SandboxServer

                self._sandbox = SandboxServer(pace="fast").start()
            return self._sandbox

    def store(self) -> "Store":
        with self._lock:
            if self._store is None:
                from core.conversations.repository import Conversations
                from core.storage.store import Store

                self._store = Store.open()
                Conversations(self._store).purge()
            return self._store

    def local_servers(self) -> "tuple[Found, ...] | None":
        """The servers found on this machine at the last search; None before the first."""
        return self._servers

    async def search(self) -> None:
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


_process = _Process()
sandbox = _process.sandbox
store = _process.store
local_servers = _process.local_servers
search = _process.search


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
    from core.client.profile import InvalidProfile, from_environment

    try:
        return from_environment()
    except InvalidProfile as problem:
        _log.warning("The environment's OpenAI settings are not used: %s", problem)
        return None


def warm_up() -> None:
    """Do what the first send would otherwise wait for, once the first page is drawn.

    Sooner, on a small machine, it would hold up that page for longer than it takes.
    """
    with _no_collections():
        visited = _drawn.wait(_FIRST_VISIT)
    if visited:
        time.sleep(_DRAWING)
    from core.client import client as clients

    try:
        importing(clients.warm_up)
    except PlaygroundError as problem:
        _log.warning("%s. %s", problem, problem.hint)
    asyncio.run(search())


def importing(load: Callable[[], T]) -> T:
    """Run *load*, which imports a lot. The collector, which Streamlit runs after a script, never looks there.

    It will not look again at a session that is open now either: that is one or two.
    """
    with _imports:
        with _no_collections():
            found = load()
        gc.collect()
        gc.freeze()
        return found


@contextmanager
def _no_collections() -> Iterator[None]:
    """Look for no garbage while mostly modules are made, which never are: imports take a quarter less."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def page_drawn() -> None:
    """Say that a page has been sent to its browser."""
    _drawn.set()


async def close() -> None:
    """Save what is unfinished and let go of everything."""
    from core.client import client as clients

    await jobs.stop_all()
    await clients.close_pools()
    event_loop.bind(None)
    _process.close()
