"""The servers on the Settings page: choose one, enter its URL and key, and see the connection status."""

from dataclasses import dataclass, field

import streamlit as st

from components.runtime import resources
from components.session import session
from components.settings.connection import connection_attempt
from components.ui.markdown_escape import escape_markdown
from core.client.cloud_metadata import is_metadata_service
from core.client.profile import InvalidProfile, Profile, profile_from_environment
from core.runs import event_loop
from core.servers.profile_form import (
    NEW_AZURE,
    NEW_OPENAI,
    NEW_SERVER,
    TEMPLATES,
    ProfileForm,
    discards_key,
    to_profile,
)

_KEY_SOURCES = {
    "none": "no API key",
    "environment": "API key from environment",
    "entered": "API key of this session",
    "sandbox": "own API key",
}
_TEMPLATE_CAPTIONS = {
    NEW_OPENAI.id: "api.openai.com with your API key.",
    NEW_AZURE.id: "A resource of your Azure subscription.",
    NEW_SERVER.id: "Any server with an OpenAI-compatible API.",
}


@dataclass(slots=True)
class _ServerFormState:
    """What the page remembers between reruns, and the actions of its buttons.

    *version* is part of the widgets' keys. Every change of the active server increments it, so that no field
    keeps an API key and the active server is selected. *unconfirmed* holds, by the form in which they were
    entered, servers that the user has to confirm.
    """

    version: int = 0
    notice: str = ""
    unconfirmed: dict[str, Profile] = field(default_factory=dict)
    active: Profile | None = None

    def update_version(self, active: Profile) -> None:
        if active != self.active:
            self.version += 1
            self.active = active

    def connect(self, profile: Profile, form: str) -> None:
        self.unconfirmed.pop(form, None)
        if is_metadata_service(profile.base_url):
            self.unconfirmed[form] = profile
        else:
            session.connect(profile)

    def confirm(self, form: str) -> None:
        session.connect(self.unconfirmed.pop(form))

    def discard(self, form: str) -> None:
        del self.unconfirmed[form]

    def remove_key(self, profile: Profile) -> None:
        session.save_profile(profile.with_key(""))
        self.version += 1  # also for a server that is not active

    def remove_server(self, profile_id: str) -> None:
        session.remove_profile(profile_id)
        self.version += 1


def environment_warning() -> None:
    """Draw why the server of the environment variables is not listed, if they are invalid."""
    try:
        profile_from_environment()
    except InvalidProfile as error:
        reason = f"{escape_markdown(str(error))}. {escape_markdown(error.hint)}"
        st.warning(f"The environment variables are ignored. {reason}", icon=":material/warning:")


def offer_local_servers() -> None:
    """Draw buttons for the discovered local servers while the sandbox is active."""
    servers = resources.local_servers()
    if not servers or session.profile().kind != "sandbox":
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Local servers:", width="content")
        for server in servers:
            profile = server.to_profile()
            label = f"Use {escape_markdown(profile.name)}"
            st.button(label, key=f"offer.{profile.id}", on_click=session.connect, args=(profile,))
    connection_attempt()


def choose_server() -> Profile:
    """Draw the list of servers and return the selected one, which is not active before it is connected."""
    profiles = _available_profiles()
    active = session.profile()
    state = session.session_object(_ServerFormState)
    state.update_version(active)
    labels = {profile.id: escape_markdown(profile.name) for profile in profiles.values()}
    labels[active.id] += " :green-badge[active]"
    selected = st.radio(
        "Server",
        list(profiles),
        key=f"settings.server.{state.version}",
        index=list(profiles).index(active.id),
        format_func=labels.__getitem__,
        captions=[_caption(profile) for profile in profiles.values()],
        on_change=session.discard_attempt,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Find local servers",
            icon=":material/search:",
            on_click=lambda: event_loop.run_until_complete(resources.search_local_servers()),
        )
        servers = resources.local_servers()
        if servers:
            st.caption(f"{len(servers)} local server{'' if len(servers) == 1 else 's'} found.")
        elif servers is not None:
            st.caption("No local servers found on the default ports.")
    return profiles[selected or active.id]


def _available_profiles() -> dict[str, Profile]:
    """Return all profiles by id: sandbox, environment, local servers, entered servers, templates.

    One for each base URL; a saved one replaces the discovered one, because it has the key.
    """
    environment = resources.environment_profile()
    profiles = [session.sandbox_profile(), *([environment] if environment else [])]
    profiles += [server.to_profile() for server in resources.local_servers() or ()]
    by_url = {profile.base_url: profile for profile in [*profiles, *session.profiles().values()]}
    return {profile.id: profile for profile in by_url.values()} | {
        template.id: template
        for template in TEMPLATES
        if template is not NEW_OPENAI or template.base_url not in by_url
    }


def _caption(profile: Profile) -> str:
    if profile.kind == "sandbox":
        return "Built-in server that replies by rules. No API key, no network."
    if profile in TEMPLATES:
        return _TEMPLATE_CAPTIONS[profile.id]
    servers = resources.local_servers() or ()
    requires_key = any(server.needs_key and server.base_url == profile.base_url for server in servers)
    key = "requires an API key" if requires_key and not profile.key else _KEY_SOURCES[profile.key_source]
    return f"`{profile.base_url}` · {key}"  # as code, because the text of a radio button must not be a link


def connect_form(profile: Profile) -> None:
    """Draw the form of *profile*, and connect to the server when the form is submitted and valid."""
    state = session.session_object(_ServerFormState)
    if profile.kind == "sandbox":
        if profile.id != session.profile().id:
            st.button("Use the sandbox", type="primary", on_click=session.activate_profile, args=(profile,))
        return
    with st.form(f"settings.form.{profile.id}"):
        entered = _profile_form(profile, f"settings.{profile.id}.{state.version}")
        submitted = st.form_submit_button("Connect", type="primary", icon=":material/power:")
    _removal_buttons(profile)
    if state.notice:
        st.info(state.notice, icon=":material/key_off:")
        state.notice = ""
    if not submitted:
        _confirmation(profile.id)
        return
    try:
        changed = to_profile(profile, entered)
        if discards_key(profile, entered):
            state.notice = "The API key was not sent, because it belongs to the previous URL."
    except InvalidProfile as error:
        session.discard_attempt()  # its error would be read as one of this form
        st.error(f"{escape_markdown(str(error))}. {escape_markdown(error.hint)}", icon=":material/error:")
        return
    state.connect(changed, profile.id)
    st.rerun()


def _confirmation(form: str) -> None:
    """Ask whether to connect to a metadata service: a URL from someone else may be a trick."""
    state = session.session_object(_ServerFormState)
    if form not in state.unconfirmed:
        return
    url = escape_markdown(state.unconfirmed[form].base_url)
    st.warning(
        f"{url} is the address of a cloud metadata service, which returns credentials of the machine that "
        "this app runs on. Connect only if you are sure that your API is there.",
        icon=":material/warning:",
    )
    with st.container(horizontal=True):
        st.button("Connect anyway", on_click=state.confirm, args=(form,))
        st.button("Cancel", on_click=state.discard, args=(form,))


def _removal_buttons(profile: Profile) -> None:
    state = session.session_object(_ServerFormState)
    with st.container(horizontal=True):
        if profile.key:
            st.button("Remove API key", icon=":material/key_off:", on_click=state.remove_key, args=(profile,))
        if profile.id in session.profiles() and profile.id != "environment":
            st.button(
                "Remove server", icon=":material/delete:", on_click=state.remove_server, args=(profile.id,)
            )


def _profile_form(profile: Profile, key: str) -> ProfileForm:
    """Draw the fields of *profile* and return what they contain. The API key is never filled in."""
    is_azure = profile.kind == "azure"
    base_url = st.text_input(
        "Resource name or endpoint" if is_azure else "Base URL",
        value="" if profile is NEW_AZURE else profile.base_url,
        key=f"{key}.url",
        placeholder="contoso" if is_azure else "http://localhost:8000/v1",
        help="The API key is never sent to another URL: with a new one, enter the key again.",
    )
    api_key = st.text_input(
        "API key",
        type="password",
        key=f"{key}.key",
        autocomplete="off",
        placeholder=f"{_KEY_SOURCES[profile.key_source]}; leave empty to keep it" if profile.key else "",
        help="Held in memory for this browser session only. Never stored, logged, exported or shown again.",
    )
    with st.expander("Organization, headers, timeout, retries"):
        organization = st.text_input(
            "Organization", value=profile.organization or "", key=f"{key}.organization"
        )
        project = st.text_input("Project", value=profile.project or "", key=f"{key}.project")
        names = ", ".join(name for name, _ in profile.headers)
        headers = st.text_area(
            "Extra headers",
            key=f"{key}.headers",
            placeholder=f"{names} set; leave empty to keep" if names else "Name: value, one per line",
            height=90,
        )
        timeout = st.slider("Read timeout (s)", 5, 60, int(profile.timeout), key=f"{key}.timeout")
        retries = st.slider("Max retries", 0, 10, profile.max_retries, key=f"{key}.retries")
    return ProfileForm(
        base_url or "", api_key or "", organization or "", project or "", headers or "", timeout, retries
    )
