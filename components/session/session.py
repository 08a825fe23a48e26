"""What a browser session holds: the only module that touches it, and names the keys that several share."""

from collections.abc import Coroutine
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import streamlit as st

from components.runtime import resources
from components.session.live_session import Desk, desks
from core.client.client import is_warm
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.errors.types import Explanation

T = TypeVar("T")

OWNER = "local"
MODEL = "model"
INSTRUCTIONS = "chat.instructions"
_PATIENCE = 20.0
_AT_ONCE = 0.7  # seconds that a page waits for a quick server, so that nothing is drawn twice


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
    suggestion: str | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    profile: "Profile"
    answer: Future[Connection]


@st.cache_resource(scope="session", max_entries=1, show_spinner=False, on_release=lambda desk: _leave(desk))
def desk() -> Desk:
    """This session's place at the live routes; it closes with the tab."""
    opened = desks.open(OWNER)
    event_loop.loop().call_soon_threadsafe(resources.jobs.desk_opened, opened.token)
    return opened


def _leave(left: Desk) -> None:
    desks.close(left)
    event_loop.loop().call_soon_threadsafe(resources.jobs.desk_closed, left.token)


def run_async(work: Coroutine[Any, Any, T], timeout: float = _PATIENCE) -> T:
    """Wait for *work*, which runs on the loop of the replies."""
    return event_loop.run(work, timeout)


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


def use(chosen: "Profile") -> None:
    """Send requests to *chosen* from now on."""
    profiles()[chosen.id] = chosen
    st.session_state["profile"] = chosen.id
    forget_connection()


def keep(changed: "Profile") -> None:
    """Keep a profile as it is now, whether or not requests go to it."""
    profiles()[changed.id] = changed
    if changed.id == profile().id:
        forget_connection()


def forget(profile_id: str) -> None:
    """Drop a profile and its key; requests go to the first that is left."""
    profiles().pop(profile_id, None)
    if st.session_state["profile"] == profile_id:
        use(next(iter(profiles().values()), None) or resources.sandbox_profile())


def connection() -> Connection:
    """What is known of the profile in use; asked once, and again after `forget_connection`.

    A page never waits for a slow server, nor for the SDK to load: what comes of it is there in a later run.
    """
    current = profile()
    models: dict[str, dict[str, date | None]] = st.session_state.setdefault("models", {})
    if not is_warm():
        return Connection(current, models.get(current.id, {}), pending=True)
    asked: _Asked | None = st.session_state.get("connection")
    if asked is None or asked.profile != current:
        asked = _Asked(current, event_loop.begin(_ask_for_models(current)))
        st.session_state["connection"] = asked
        wait([asked.answer], _AT_ONCE)
    if not asked.answer.done():
        return Connection(current, models.get(current.id, {}), pending=True)
    found = asked.answer.result()
    models[current.id] = found.models
    return found


async def _ask_for_models(current: "Profile") -> Connection:
    from core.servers.connection_test import diagnose

    found = await diagnose(current)
    note = f"{found.title}. {found.hint}" if found.ok and found.hint else ""
    return Connection(current, found.models, found.latency, found.explanation, note, found.suggestion)


def forget_connection() -> None:
    """Ask the server in use again, at the next `connection`."""
    asked: _Asked | None = st.session_state.pop("connection", None)
    if asked:
        asked.answer.cancel()


def model() -> str | None:
    """The model chosen in the sidebar."""
    chosen: str | None = st.session_state.get(MODEL)
    return chosen


def choose_model(model_id: str) -> None:
    """Choose for the picker, before it is drawn."""
    st.session_state[MODEL] = model_id


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


def prefill() -> dict[str, str] | None:
    """The text a deep link or a preset puts into the composer, told once by its id."""
    linked = st.query_params.get("q")
    if linked:
        put_in_composer(linked)
        del st.query_params["q"]
    found: dict[str, str] | None = st.session_state.get("draft")
    return found


def put_in_composer(text: str) -> None:
    """Prefill the composer; nothing is ever sent this way."""
    st.session_state["draft"] = {"id": uuid4().hex, "text": text}


def parameter(name: str) -> str:
    """The key of the widget that sets a parameter of the chat."""
    return f"chat.{name}"


def value(key: str) -> Any:
    """What the widget *key* is set to, or None before it was first drawn."""
    return st.session_state.get(key)


def set_value(key: str, new: Any) -> None:
    """Set the widget *key*, before it is drawn."""
    st.session_state[key] = new


def remembered(kind: type[T]) -> T:
    """What this session remembers as a *kind*, made at its first use."""
    found: T = st.session_state.setdefault(f"remembered.{kind.__module__}.{kind.__qualname__}", kind())
    return found
