"""How the sandbox behaves: its pace, its seed, and what is to go wrong next."""

import streamlit as st

from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.groups import EXPECTED_ERRORS
from core.servers.sandbox_admin import SandboxState, get_sandbox_state, update_sandbox

_KEY = "settings.sandbox"


def sandbox_panel(profile: Profile) -> None:
    """Draw the controls of the sandbox behind *profile*; they act at once, for everyone who uses it."""
    try:
        state = session.run_async(get_sandbox_state(profile))
    except EXPECTED_ERRORS as exc:
        why = explain(exc, base_url=profile.base_url)
        st.error(f"{escape_markdown(why.title)}. {escape_markdown(why.hint)}", icon=":material/cloud_off:")
        return
    _pace(profile, state)
    _faults(profile, state)


def _pace(profile: Profile, state: SandboxState) -> None:
    paces = list(dict.fromkeys((*state.paces, state.pace)))
    pace = st.segmented_control("Pace", paces, default=state.pace, key=f"{_KEY}.pace", required=True)
    seed = st.number_input(
        "Seed",
        value=state.seed,
        step=1,
        key=f"{_KEY}.seed",
        help="The same seed and request give the same reply, to the token.",
    )
    if (pace, seed) != (state.pace, state.seed):
        session.run_async(update_sandbox(profile, pace=pace, seed=int(seed or 0)))


def _faults(profile: Profile, state: SandboxState) -> None:
    about = {kind.name: kind.description for kind in state.fault_kinds}
    form = st.form(f"{_KEY}.faults", border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input("Let the next", 1, 100, 1, key=f"{_KEY}.times", width=130)
        name = st.selectbox(
            "requests meet",
            list(about),
            key=f"{_KEY}.fault",
            format_func=lambda kind: f"{kind}: {about[kind]}",
        )
        asked = st.form_submit_button("Set")
    if asked:
        session.run_async(update_sandbox(profile, faults=[*state.faults, f"{name}*{times}"]))
        st.rerun()
    if state.faults:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Waiting: {escape_markdown(', '.join(state.faults))}")
            st.button("Clear", key=f"{_KEY}.clear", on_click=_clear, args=(profile,))


def _clear(profile: Profile) -> None:
    session.run_async(update_sandbox(profile, faults=[]))
