"""The simulation settings of the sandbox: latency, seed, rate limits, fault injection and batches."""

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.groups import EXPECTED_ERRORS
from core.runs import event_loop
from core.servers.sandbox_admin import SandboxState, get_sandbox_state, pending_faults, update_sandbox

_KEY = "settings.sandbox"
_BATCH_OUTCOMES = {
    "": "The replies to all requests",
    "lines-fail": "Errors for a fifth of the requests",
    "all-fail": "Errors for all requests",
    "fail-validation": "A rejected input file",
    "expire": "Expiry after half of the requests",
}
_BATCH_SPEEDS = ("0.1", "1", "10", "100")


def sandbox_panel(profile: Profile) -> None:
    """Draw the settings of the sandbox.

    A change applies at once, to the requests of this session only.
    """
    try:
        state = event_loop.run_until_complete(get_sandbox_state(profile))
    except EXPECTED_ERRORS as error:
        explanation = explain(error, base_url=profile.base_url)
        st.error(
            f"{escape_markdown(explanation.title)}. {escape_markdown(explanation.hint)}",
            icon=":material/cloud_off:",
        )
        return
    # The latency of a sandbox that was started by hand need not be one of the presets.
    presets = list(dict.fromkeys((*state.latency_presets, state.latency)))
    latency = st.segmented_control(
        "Latency",
        presets,
        default=state.latency,
        key=f"{_KEY}.latency",
        required=True,
        help="Applies to this session. To delay one request in code, send the header x-sandbox-latency.",
    )
    seed = st.number_input(
        "Seed",
        value=state.seed,
        step=1,
        key=f"{_KEY}.seed",
        help="The same seed and request always give the same reply.",
    )
    if (latency, seed) != (state.latency, state.seed):
        event_loop.run_until_complete(update_sandbox(profile, latency=latency, seed=int(seed or 0)))
    _rate_limits(profile, state)
    _fault_injection(profile, state)
    _batch_simulation(profile, state)


def _rate_limits(profile: Profile, state: SandboxState) -> None:
    with st.container(horizontal=True):
        requests, tokens = (
            st.number_input(
                f"{unit} per minute",
                1,
                value=value,
                step=step,
                placeholder="No limit",
                key=f"{_KEY}.{unit.lower()}_per_minute",
                help="A request above the limit gets status 429. For this browser session only.",
            )
            for unit, value, step in (
                ("Requests", state.requests_per_minute, 10),
                ("Tokens", state.tokens_per_minute, 1_000),
            )
        )
    if (requests, tokens) != (state.requests_per_minute, state.tokens_per_minute):
        update = update_sandbox(profile, requests_per_minute=requests, tokens_per_minute=tokens)
        event_loop.run_until_complete(update)


def _fault_injection(profile: Profile, state: SandboxState) -> None:
    descriptions = {kind.name: kind.description for kind in state.fault_kinds}
    form = st.form(f"{_KEY}.faults", border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input("Fail the next", 1, 100, 1, key=f"{_KEY}.count", width=130)
        fault = st.selectbox(
            "requests with",
            list(descriptions),
            key=f"{_KEY}.fault",
            format_func=lambda name: f"{name}: {descriptions[name]}",
        )
    submitted = form.form_submit_button("Apply", help="For the requests of this browser session only.")
    if submitted:
        event_loop.run_until_complete(update_sandbox(profile, faults=[*state.faults, f"{fault}*{count}"]))
        st.rerun()
    if state.faults:
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.caption(
                "Pending: " + "  \n".join(map(escape_markdown, pending_faults(state))), width="stretch"
            )
            st.button(
                "Clear",
                key=f"{_KEY}.clear",
                on_click=lambda: event_loop.run_until_complete(update_sandbox(profile, faults=[])),
            )


def _batch_simulation(profile: Profile, state: SandboxState) -> None:
    outcome = st.selectbox(
        "New batches end with",
        list(_BATCH_OUTCOMES),
        list(_BATCH_OUTCOMES).index(state.batch_outcome or ""),
        key=f"{_KEY}.batch_outcome",
        format_func=_BATCH_OUTCOMES.__getitem__,
        help="For batches of this browser session. In code, send the header x-sandbox-batch-outcome.",
    )
    speeds = list(dict.fromkeys((*_BATCH_SPEEDS, state.batch_speed or "1")))
    speed = st.segmented_control(
        "Speed of batches",
        speeds,
        default=state.batch_speed or "1",
        key=f"{_KEY}.batch_speed",
        required=True,
        format_func=lambda value: f"{value}×",
        help="At 1×, a batch of a hundred requests takes about 17 seconds.",
    )
    if (outcome, speed) != (state.batch_outcome or "", state.batch_speed or "1"):
        update = update_sandbox(profile, batch_outcome=outcome, batch_speed=speed)
        event_loop.run_until_complete(update)
