"""What a browser session holds: the only module that touches it, and names the keys that several share."""

from collections.abc import Coroutine
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

OWNER = "local"
MODEL_KEY = "model"
INSTRUCTIONS_KEY = "chat.instructions"
_ASYNC_TIMEOUT = 20.0
_CONNECTION_WAIT = 0.7  # seconds that a page waits for a quick server, so that nothing is drawn twice


@dataclass(frozen=True, slots=True)
class Connection:
    """What was learnt of a profile's server: its models with their shutdown dates, or why there are none.

    While it is *pending* the models are those it had before.
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
    scope="session", max_entries=1, show_spinner=False, on_release=lambda desk: _close_live_session(desk)
)
def live_session() -> LiveSession:
    """This session's place at the live routes; it closes with the tab."""
    opened = live_sessions.open(OWNER)
    event_loop.get_loop().call_soon_threadsafe(resources.jobs.session_opened, opened.token)
    return opened


def _close_live_session(left: LiveSession) -> None:
    live_sessions.close(left)
    event_loop.get_loop().call_soon_threadsafe(resources.jobs.session_closed, left.token)


def run_async(work: Coroutine[Any, Any, T], timeout: float = _ASYNC_TIMEOUT) -> T:
    """Wait for *work*, which runs on the loop of the replies."""
    return event_loop.run_until_complete(work, timeout)


def profiles() -> dict[str, "Profile"]:
    """The profiles of this session by id: the operator's environment, else the sandbox, and those added."""
    if "profiles" not in st.session_state:
        first = resources.environment_profile() or resources.sandbox_profile()
        st.session_state["profiles"] = {first.id: first}
        st.session_state["profile"] = first.id
    found: dict[str, Profile] = st.session_state["profiles"]
    return found


def profile() -> "Profile":
    """The profile in use."""
    return profiles()[st.session_state["profile"]]


def activate_profile(chosen: "Profile") -> None:
    """Send requests to *chosen* from now on."""
    profiles()[chosen.id] = chosen
    st.session_state["profile"] = chosen.id
    reset_connection()


def save_profile(changed: "Profile") -> None:
    """Keep a profile as it is now, whether or not requests go to it."""
    profiles()[changed.id] = changed
    if changed.id == profile().id:
        reset_connection()


def remove_profile(profile_id: str) -> None:
    """Drop a profile and its key; requests go to the first that is left."""
    profiles().pop(profile_id, None)
    if st.session_state["profile"] == profile_id:
        activate_profile(next(iter(profiles().values()), None) or resources.sandbox_profile())


def connection() -> Connection:
    """What is known of the profile in use; asked once, and again after `forget_connection`.

    A page never waits for a slow server, nor for the SDK to load: what comes of it is there in a later run.
    """
    current = profile()
    models: dict[str, dict[str, date | None]] = st.session_state.setdefault("models", {})
    if not is_preloaded():
        return Connection(current, models.get(current.id, {}), pending=True)
    asked: _PendingConnection | None = st.session_state.get("connection")
    if asked is None or asked.profile != current:
        asked = _PendingConnection(current, event_loop.submit(_ask_for_models(current)))
        st.session_state["connection"] = asked
        wait([asked.result], _CONNECTION_WAIT)
    if not asked.result.done():
        return Connection(current, models.get(current.id, {}), pending=True)
    found = asked.result.result()
    models[current.id] = found.models
    return found


async def _ask_for_models(current: "Profile") -> Connection:
    from core.servers.connection_test import check_connection

    found = await check_connection(current)
    note = f"{found.title}. {found.hint}" if found.ok and found.hint else ""
    return Connection(current, found.models, found.latency, found.explanation, note, found.suggested_url)


def reset_connection() -> None:
    """Ask the server in use again, at the next `connection`."""
    asked: _PendingConnection | None = st.session_state.pop("connection", None)
    if asked:
        asked.result.cancel()


def model() -> str | None:
    """The model chosen in the sidebar."""
    chosen: str | None = st.session_state.get(MODEL_KEY)
    return chosen


def choose_model(model_id: str) -> None:
    """Choose for the picker, before it is drawn."""
    st.session_state[MODEL_KEY] = model_id


def conversation() -> str:
    """The conversation on show: the one the URL names, else this session's last, else a new one."""
    named = st.query_params.get("c")
    if isinstance(named, str) and named.isalnum() and len(named) == 32:
        st.session_state["conversation"] = named
    found: str = st.session_state.setdefault("conversation", uuid4().hex)
    if named != found:
        st.query_params["c"] = found
    return found


def open_conversation(conversation_id: str | None = None) -> None:
    """Show another conversation, or a new one."""
    st.session_state["conversation"] = conversation_id or uuid4().hex
    st.query_params["c"] = st.session_state["conversation"]


def draft() -> dict[str, str] | None:
    """The text a deep link or a preset puts into the composer, told once by its id."""
    linked = st.query_params.get("q")
    if linked:
        set_draft(linked)
        del st.query_params["q"]
    found: dict[str, str] | None = st.session_state.get("draft")
    return found


def set_draft(text: str) -> None:
    """Prefill the composer; nothing is ever sent this way."""
    st.session_state["draft"] = {"id": uuid4().hex, "text": text}


def parameter_key(name: str) -> str:
    """The key of the widget that sets a parameter of the chat."""
    return f"chat.{name}"


def widget_value(key: str) -> Any:
    """What the widget *key* is set to, or None before it was first drawn."""
    return st.session_state.get(key)


def set_widget_value(key: str, new: Any) -> None:
    """Set the widget *key*, before it is drawn."""
    st.session_state[key] = new


def session_object(kind: type[T]) -> T:
    """What this session remembers as a *kind*, made at its first use."""
    found: T = st.session_state.setdefault(f"remembered.{kind.__module__}.{kind.__qualname__}", kind())
    return found
