"""The state of a browser session shared with the live routes: its owner, its settings, its totals."""

import secrets
import threading
from asyncio import Lock
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from components.runtime import resources
from core.calls import CallService
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run
from core.tokens.context_window import TrimOptions

if TYPE_CHECKING:
    from components.session.token_session import TokenSession
    from core.client.profile import Profile
    from core.completions.request import ChatSettings


# Keys of undone messages are remembered because their requests may still be on their way; few ever are.
_MAX_UNDONE_KEYS = 20


@dataclass(frozen=True, slots=True)
class PendingSend:
    """The message that was sent last: the key of its request, its run, and the first new message."""

    key: str
    run_id: str
    message_id: str


@dataclass(slots=True, eq=False)
class LiveSession:
    """One browser session. Its *token* authorises requests to the live routes and never leaves the session.

    *models* are those that the server lists, with their shutdown dates, and *server_models* those of each
    server by its base URL; *typed_models* are IDs that the user has typed beside them. *send_lock* is locked
    while a message is sent or undone.
    """

    owner: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    conversation: str = ""
    profiles: "Mapping[str, Profile]" = field(default_factory=dict)
    profile: "Profile | None" = None
    settings: "ChatSettings | None" = None
    models: Mapping[str, date | None] = field(default_factory=dict)
    server_models: dict[str, dict[str, date | None]] = field(default_factory=dict)
    typed_models: set[str] = field(default_factory=set)
    trim: TrimOptions = field(default_factory=TrimOptions)
    summaries: dict[str, str] = field(default_factory=dict)
    latency: float | None = None
    usage: Usage = field(default_factory=Usage)
    costs: list[Cost] = field(default_factory=list)
    counted_runs: set[str] = field(default_factory=set)
    pending_send: PendingSend | None = None
    undone_keys: deque[str] = field(default_factory=lambda: deque(maxlen=_MAX_UNDONE_KEYS))
    send_lock: Lock = field(default_factory=Lock, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _token_session: "TokenSession | None" = None

    @property
    def calls(self) -> CallService:
        """Return the service that makes API calls for this session."""
        return CallService(resources.jobs, resources.store, self.owner, self.token, self.add_usage)

    @property
    def token_session(self) -> "TokenSession":
        """Return the state of the Tokens page, importing tokenization on first use."""
        from components.session.token_session import TokenSession

        with self._lock:
            self._token_session = self._token_session or TokenSession()
            return self._token_session

    def add_usage(self, run: Run) -> None:
        """Add an ended run to the session's totals, once however often it is reported. Thread-safe."""
        with self._lock:
            if run.id in self.counted_runs:
                return
            self.counted_runs.add(run.id)
            self.latency = run.first_token or run.total
            self.usage += run.usage or Usage()
            if run.cost:
                self.costs.append(run.cost)


class LiveSessionRegistry:
    """The open sessions by token."""

    def __init__(self) -> None:
        self._sessions: dict[str, LiveSession] = {}

    def open(self, owner: str) -> LiveSession:
        session = LiveSession(owner)
        self._sessions[session.token] = session
        return session

    def close(self, session: LiveSession) -> None:
        self._sessions.pop(session.token, None)

    def find(self, token: str) -> LiveSession | None:
        return self._sessions.get(token)


live_sessions = LiveSessionRegistry()
