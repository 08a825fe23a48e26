"""The state of a browser session. The only module that uses `st.session_state`."""

from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import streamlit as st

from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from core.client.client import is_preloaded
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.errors.types import Explanation

T = TypeVar("T")

OWNER = resources.OWNER
MODEL_KEY = "model"
INSTRUCTIONS_KEY = "chat.instructions"
# Seconds that a page waits for a server, so that with a fast one nothing is drawn twice.
_CONNECTION_WAIT = 0.7


@dataclass(frozen=True, slots=True)
class Connection:
    """A profile's server: its models with their shutdown dates, or the error that explains their absence.

    While the connection is *pending*, the models are those of the last one.
    """

    profile: "Profile"
    models: dict[str, date | None]
    latency: float | None = None
    error: "Explanation | None" = None
    note: str = ""
    suggested_url: str | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class _PendingConnection:
    profile: "Profile"
    result: Future[Connection]


@st.cache_resource(
    scope="session", max_entries=1, show_spinner=False, on_release=lambda live: _close_live_session(live)
)
def live_session() -> LiveSession:
    """Return the state shared with the live routes. It is closed when the tab is."""
    live = live_sessions.open(OWNER)
    event_loop.get_loop().call_soon_threadsafe(resources.jobs.session_opened, live.token)
    return live


def _close_live_session(live: LiveSession) -> None:
    live_sessions.close(live)
    event_loop.get_loop().call_soon_threadsafe(resources.jobs.session_closed, live.token)


def profiles() -> dict[str, "Profile"]:
    """Return the profiles by id: that of the environment, else of the sandbox, and those that were added."""
    if "profiles" not in st.session_state:
        first = resources.environment_profile() or sandbox_profile()
        st.session_state["profiles"] = {first.id: first}
        st.session_state["profile"] = first.id
    by_id: dict[str, Profile] = st.session_state["profiles"]
    return by_id


def sandbox_profile() -> "Profile":
    """Return the profile of the embedded sandbox, whose key belongs to this session.

    The latency, the seed and the faults that a session sets apply to the requests with its key.
    """
    if "sandbox_key" not in st.session_state:
        # Shorter than the keys that are redacted: every session would add one to them.
        st.session_state["sandbox_key"] = resources.sandbox().create_client_key(OWNER)
    return resources.sandbox_profile(st.session_state["sandbox_key"])


def profile() -> "Profile":
    """Return the active profile."""
    return profiles()[st.session_state["profile"]]


def activate_profile(new: "Profile") -> None:
    """Send requests to *new* from now on, whether or not it answers."""
    if new.base_url != profile().base_url:
        choose_model("")  # the model is one of the previous server
    _save_as_active(new)
    discard_attempt()
    reset_connection()


def _save_as_active(new: "Profile") -> None:
    others = {saved.id: saved for saved in profiles().values() if saved.base_url != new.base_url}
    st.session_state["profiles"] = {**others, new.id: new}
    st.session_state["profile"] = new.id


def connect(new: "Profile") -> None:
    """Connect to *new*, which is saved and activated when it answers; until then nothing else changes."""
    _cancel(st.session_state.get("attempt"))
    attempt = _PendingConnection(new, event_loop.submit(_connect(new)))
    st.session_state["attempt"] = attempt
    wait([attempt.result], _CONNECTION_WAIT)


def discard_attempt() -> None:
    """Discard the last attempt to connect to another server, and cancel it if it is pending."""
    _cancel(st.session_state.pop("attempt", None))


def connection_attempt() -> Connection | None:
    """Return the last attempt to connect to another server, while it is pending or if it has failed."""
    attempt: _PendingConnection | None = st.session_state.get("attempt")
    if attempt is None:
        return None
    return attempt.result.result() if attempt.result.done() else Connection(attempt.profile, {}, pending=True)


def _complete_attempt() -> None:
    """Activate the server of a successful attempt, with the connection that it was tested by."""
    result = connection_attempt()
    if result is None or result.pending or result.error:
        return
    if model() not in result.models:
        choose_model("")
    _save_as_active(result.profile)
    reset_connection()
    st.session_state["connection"] = st.session_state.pop("attempt")


def save_profile(changed: "Profile") -> None:
    """Save a new or changed profile without activating it."""
    profiles()[changed.id] = changed
    if changed.id == profile().id:
        reset_connection()


def remove_profile(profile_id: str) -> None:
    """Remove a profile with its key. If it was active, the first of the others is activated."""
    others = (saved for saved in profiles().values() if saved.id != profile_id)
    if st.session_state["profile"] == profile_id:
        activate_profile(next(others, None) or sandbox_profile())
    profiles().pop(profile_id, None)


def connection() -> Connection:
    """Return the connection to the active profile, tested once and again after `reset_connection`.

    A page waits neither for a slow server nor for the SDK to be imported: a later run of the script gets the
    result.
    """
    _complete_attempt()
    current = profile()
    # By base URL, because a profile can change its server and keep its id.
    models = live_session().server_models
    if not is_preloaded():
        return Connection(current, models.get(current.base_url, {}), pending=True)
    pending: _PendingConnection | None = st.session_state.get("connection")
    if pending is None or pending.profile != current:
        pending = _PendingConnection(current, event_loop.submit(_connect(current)))
        st.session_state["connection"] = pending
        wait([pending.result], _CONNECTION_WAIT)
    if not pending.result.done():
        return Connection(current, models.get(current.base_url, {}), pending=True)
    result = pending.result.result()
    models[current.base_url] = result.models
    return result


def known_models(of: "Profile") -> dict[str, date | None]:
    """Return the models of the last connection to the server of a profile; none before the first one."""
    return live_session().server_models.get(of.base_url, {})


async def _connect(current: "Profile") -> Connection:
    from core.servers.connection_test import check_connection

    result = await check_connection(current)
    note = f"{result.title}. {result.hint}" if result.ok and result.hint else ""
    return Connection(current, result.models, result.latency, result.explanation, note, result.suggested_url)


def reset_connection() -> None:
    """Test the connection again at the next call of `connection`."""
    _cancel(st.session_state.pop("connection", None))


def _cancel(connection: _PendingConnection | None) -> None:
    if connection:
        connection.result.cancel()


def model() -> str | None:
    """Return the model selected in the sidebar."""
    model_id: str | None = st.session_state.get(MODEL_KEY)
    return model_id


def choose_model(model_id: str) -> None:
    """Select a model in the sidebar. Call it before the sidebar is drawn."""
    st.session_state[MODEL_KEY] = model_id


def conversation() -> str:
    """Return the id of the open conversation: that in the URL, else this session's last, else a new one."""
    from_url = st.query_params.get("c")
    if isinstance(from_url, str) and from_url.isalnum() and len(from_url) == 32:
        st.session_state["conversation"] = from_url
    conversation_id: str = st.session_state.setdefault("conversation", uuid4().hex)
    if from_url != conversation_id:
        st.query_params["c"] = conversation_id
    return conversation_id


def open_conversation(conversation_id: str | None = None) -> None:
    """Open another conversation, or a new one."""
    st.session_state["conversation"] = conversation_id or uuid4().hex
    st.query_params["c"] = st.session_state["conversation"]


def draft() -> dict[str, Any] | None:
    """Return the text that a deep link, a prompt or Home passes to the composer, and an id to apply it once.

    Only one of Home has `send`: a link could come from anyone.
    """
    from_url = st.query_params.get("q")
    if from_url:
        set_draft(from_url)
        del st.query_params["q"]
    current: dict[str, Any] | None = st.session_state.get("draft")
    return current


def set_draft(text: str) -> None:
    """Prefill the composer. Nothing is sent."""
    st.session_state["draft"] = {"id": uuid4().hex, "text": text}


def send_in_new_conversation(text: str) -> None:
    """Make the Chat page open a new conversation and send *text*, which the user has asked for."""
    open_conversation()
    st.session_state["draft"] = {"id": uuid4().hex, "text": text, "send": True}


def widget_value(key: str) -> Any:
    """Return the value of the widget *key*; None before it was first drawn."""
    return st.session_state.get(key)


def widget_values(prefix: str) -> dict[str, Any]:
    """Return the values of the widgets whose keys start with *prefix*, by key."""
    return {str(key): value for key, value in st.session_state.items() if str(key).startswith(prefix)}


def set_widget_value(key: str, value: Any) -> None:
    """Set the value of the widget *key*. Call it before the widget is drawn."""
    st.session_state[key] = value


def with_default(key: str, value: Any) -> str:
    """Set the first value of the widget *key*, and return the key.

    For a widget whose value is set elsewhere, too: with a default of its own Streamlit would warn of that.
    """
    if widget_value(key) is None:
        set_widget_value(key, value)
    return key


def session_object(cls: type[T]) -> T:
    """Return this session's instance of *cls*, created on first use."""
    instance: T = st.session_state.setdefault(f"object.{cls.__module__}.{cls.__qualname__}", cls())
    return instance
