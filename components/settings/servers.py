"""Choose a server, enter what it needs, and see whether it answers."""

from urllib.parse import urlsplit

import streamlit as st

from components.runtime import resources
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_seconds
from components.ui.markdown_escape import escape_markdown
from core.client.profile import InvalidProfile, Profile, profile_from_environment
from core.servers.profile_form import (
    NEW_AZURE,
    NEW_OPENAI,
    TEMPLATES,
    ProfileForm,
    discards_key,
    to_profile,
    use_suggested_url,
)

_SELECTED_KEY = "settings.choice"
_FORM_VERSION_KEY = (
    "settings.round"  # new widgets after each connect: no field keeps a key, and the choice follows
)
_NOTICE_KEY = "settings.notice"

_SOURCES = {
    "none": "no key",
    "environment": "key from environment",
    "entered": "key entered here",
    "sandbox": "own key",
    "secrets file": "key from secrets file",
}


def environment_warning() -> None:
    """Say why the operator's environment is not among the servers, if it is wrong."""
    try:
        profile_from_environment()
    except InvalidProfile as problem:
        reason = f"{escape_markdown(str(problem))}. {escape_markdown(problem.hint)}"
        text = f"The environment's settings are not used. {reason}"
        st.warning(text, icon=":material/warning:")


def offer_local_servers() -> None:
    """Offer, to those on the sandbox, what was found on this machine."""
    found = resources.local_servers() or ()
    if not found or session.profile().kind != "sandbox":
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Found on this machine:", width="content")
        for server in found:
            profile = server.to_profile()
            st.button(
                f"Use {escape_markdown(profile.name)}",
                key=f"offer.{profile.id}",
                on_click=_use,
                args=(profile,),
            )


def choose_server() -> Profile:
    """Draw the servers there are and return the one looked at; it is not in use before it is connected."""
    offered = _offered()
    labels = {profile.id: _label(profile) for profile in offered.values()}
    chosen = st.radio(
        "Server",
        list(offered),
        key=f"{_SELECTED_KEY}.{_round()}",
        index=list(offered).index(session.profile().id),
        format_func=labels.__getitem__,
        captions=[_caption(profile) for profile in offered.values()],
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Find local servers", icon=":material/search:", on_click=_search)
        found = resources.local_servers()
        if found is not None:
            st.caption(f"{len(found)} found on this machine." if found else "None found at the usual ports.")
    return offered[chosen or session.profile().id]


def _offered() -> dict[str, Profile]:
    """All servers by id: the sandbox, the environment's, those found or entered, then what can be added."""
    environment = resources.environment_profile()
    first = [resources.sandbox_profile(), *([environment] if environment else [])]
    found = (server.to_profile() for server in resources.local_servers() or ())
    known = {profile.id: profile for profile in (*first, *found)}
    known |= session.profiles()
    taken = {profile.base_url for profile in known.values()}
    return known | {new.id: new for new in TEMPLATES if new is not NEW_OPENAI or new.base_url not in taken}


def _label(profile: Profile) -> str:
    mark = " :green-badge[in use]" if profile.id == session.profile().id else ""
    return f"{escape_markdown(profile.name)}{mark}"


def _caption(profile: Profile) -> str:
    if profile.kind == "sandbox":
        return "Answers by rules on this machine: no key, no network."
    if profile in TEMPLATES:
        return "api.openai.com with your key." if profile is NEW_OPENAI else "Enter its address."
    return f"{escape_markdown(urlsplit(profile.base_url).netloc)} · {_SOURCES[profile.key_source]}"


def _search() -> None:
    session.run_async(resources.search_local_servers())


def connect_form(profile: Profile) -> None:
    """Draw the fields of *profile* and put it to use when they are sent."""
    if profile.kind == "sandbox":
        if profile.id != session.profile().id:
            st.button("Use the sandbox", type="primary", on_click=_use, args=(profile,))
        return
    with st.form(f"settings.form.{profile.id}"):
        entered = _fields(profile, f"settings.{profile.id}.{_round()}")
        sent = st.form_submit_button("Connect", type="primary", icon=":material/power:")
    with st.container(horizontal=True):
        if profile.key:
            st.button("Forget the key", icon=":material/key_off:", on_click=_forget_key, args=(profile,))
        if profile.id in session.profiles() and profile.id != "environment":
            st.button("Remove this server", icon=":material/delete:", on_click=_remove, args=(profile.id,))
    if sent:
        _connect(profile, entered)


def _fields(profile: Profile, key: str) -> ProfileForm:
    is_azure = profile.kind == "azure"
    url = st.text_input(
        "Resource name or endpoint" if is_azure else "Base URL",
        value="" if profile is NEW_AZURE else profile.base_url,
        key=f"{key}.url",
        placeholder="contoso" if is_azure else "http://localhost:8000/v1",
        help="Changing it removes the key: a key belongs to one server.",
    )
    api_key = st.text_input(
        "API key",
        type="password",
        key=f"{key}.key",
        autocomplete="off",
        placeholder=f"{_SOURCES[profile.key_source]}; leave empty to keep it" if profile.key else "",
        help="Kept in this browser session's memory only: never stored, logged, exported or shown again.",
    )
    with st.expander("Organisation, headers, timeout, retries"):
        return _further_fields(profile, key, url or "", api_key or "")


def _further_fields(profile: Profile, key: str, url: str, api_key: str) -> ProfileForm:
    organization = st.text_input("Organisation", value=profile.organization or "", key=f"{key}.organization")
    project = st.text_input("Project", value=profile.project or "", key=f"{key}.project")
    names = ", ".join(name for name, _ in profile.headers)
    headers = st.text_area(
        "Extra headers",
        key=f"{key}.headers",
        placeholder=f"{names} set; leave empty to keep" if names else "Name: value, one a line",
        height=90,
    )
    timeout = st.slider(
        "Seconds of silence before giving up", 5, 60, int(profile.timeout), key=f"{key}.timeout"
    )
    retries = st.slider("Retries", 0, 10, profile.max_retries, key=f"{key}.retries")
    return ProfileForm(url, api_key, organization or "", project or "", headers or "", timeout, retries)


def _connect(profile: Profile, entered: ProfileForm) -> None:
    try:
        changed = to_profile(profile, entered)
        if discards_key(profile, entered):
            session.set_widget_value(
                _NOTICE_KEY, "The address changed, so the key was removed: it belongs to the old one."
            )
    except InvalidProfile as problem:
        st.error(f"{escape_markdown(str(problem))}. {escape_markdown(problem.hint)}", icon=":material/error:")
        return
    _use(changed)
    st.rerun()


def _use(profile: Profile) -> None:
    session.activate_profile(profile)
    session.set_widget_value(_FORM_VERSION_KEY, _round() + 1)


def _forget_key(profile: Profile) -> None:
    session.save_profile(profile.with_key(""))
    session.set_widget_value(_FORM_VERSION_KEY, _round() + 1)


def _remove(profile_id: str) -> None:
    session.remove_profile(profile_id)
    session.set_widget_value(_FORM_VERSION_KEY, _round() + 1)


def _round() -> int:
    counted: int = session.widget_value(_FORM_VERSION_KEY) or 0
    return counted


def connection_status() -> None:
    """Draw whether the server in use answers, why not, and what would be better."""
    connection = session.connection()
    name = escape_markdown(connection.profile.name)
    if connection.pending:
        st.info(f"Asking {name}…", icon=":material/hourglass_top:")
        return
    if notice := session.widget_value(_NOTICE_KEY):
        st.info(notice, icon=":material/key_off:")
        session.set_widget_value(_NOTICE_KEY, None)
    if connection.error:
        error_card(connection.error, ":material/cloud_off:")
    elif connection.note:
        st.warning(escape_markdown(connection.note), icon=":material/inventory_2:")
    else:
        waited = f" in {format_seconds(connection.latency)}" if connection.latency is not None else ""
        st.success(
            f"{name} answered{waited}: {len(connection.models):,} models.", icon=":material/cloud_done:"
        )
    with st.container(horizontal=True):
        if url := connection.suggested_url:
            better = use_suggested_url(connection.profile, url)
            st.button(f"Use {escape_markdown(url)}", type="primary", on_click=_use, args=(better,))
        st.button("Ask again", icon=":material/refresh:", on_click=session.reset_connection)
