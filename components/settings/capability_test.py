"""What the server in use can do, found out by asking it."""

from typing import Literal

import streamlit as st

from components.session import session
from core.client.client import connect
from core.client.profile import Profile
from core.servers.capability_checks import CHECKS, Check, ProbeTarget, SupportStatus
from core.servers.capability_test import CapabilityResult, find_embedding_model, run_check

_KEY = "settings.findings"
_CHECK_TIMEOUT = 25.0

_COLOURS: dict[SupportStatus, Literal["green", "red", "orange", "gray"]] = {
    SupportStatus.YES: "green",
    SupportStatus.NO: "red",
    SupportStatus.IGNORED: "orange",
    SupportStatus.UNKNOWN: "gray",
}


def capability_test() -> None:
    """Draw the button and the table; a test that is left half-way keeps what it had found."""
    profile, model = session.profile(), session.model() or ""
    cost = "A dozen small calls, at most some 1,000 output tokens in all"
    with st.container(horizontal=True, vertical_alignment="center"):
        started = st.button("Test this server", icon=":material/checklist:", type="secondary")
        st.caption(f"{cost}, with {model}." if model else f"{cost}.")
    subject = (profile.base_url, model)
    if started:
        findings: list[CapabilityResult] = []
        session.set_widget_value(_KEY, (subject, findings))
        _run(profile, (model, find_embedding_model(list(session.connection().models))), findings)
    tested, found = session.widget_value(_KEY) or (None, [])
    if not started and tested == subject:
        for finding in found:
            _row(finding)


def _run(profile: Profile, models: tuple[str, str], findings: list[CapabilityResult]) -> None:
    progress = st.empty()
    with progress.container():
        bar = st.progress(0.0, "Asking")
        st.button("Stop the test", icon=":material/stop:")
    rows = st.container()
    for number, check in enumerate(CHECKS):
        bar.progress(number / len(CHECKS), f"Asking: {', '.join(check.capabilities).lower()}")
        for finding in session.run_async(_check(check, profile, models), _CHECK_TIMEOUT):
            findings.append(finding)
            with rows:
                _row(finding)
    progress.empty()
    st.toast("The test is complete.")


async def _check(check: Check, profile: Profile, models: tuple[str, str]) -> list[CapabilityResult]:
    """Build the client where it will be used: in the loop of the replies."""
    return await run_check(check, ProbeTarget(await connect(profile), *models))


def _row(finding: CapabilityResult) -> None:
    with st.container(horizontal=True, wrap=False, gap="small"):
        st.badge(finding.status.value, color=_COLOURS[finding.status], width=78)
        st.text(finding.capability, width=170)
        st.text(finding.evidence, width="stretch")
