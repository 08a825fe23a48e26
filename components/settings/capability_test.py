"""What the server in use can do, found out by asking it."""

from typing import Literal

import streamlit as st

from components.session import session
from core.client.client import connect
from core.client.profile import Profile
from core.servers.capability_checks import CHECKS, Check, Subject, Verdict
from core.servers.capability_test import Finding, embedding_model_of, run_check

_KEY = "settings.findings"
_PATIENCE = 25.0

_COLOURS: dict[Verdict, Literal["green", "red", "orange", "gray"]] = {
    Verdict.YES: "green",
    Verdict.NO: "red",
    Verdict.IGNORED: "orange",
    Verdict.UNKNOWN: "gray",
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
        findings: list[Finding] = []
        session.set_value(_KEY, (subject, findings))
        _run(profile, (model, embedding_model_of(list(session.connection().models))), findings)
    tested, found = session.value(_KEY) or (None, [])
    if not started and tested == subject:
        for finding in found:
            _row(finding)


def _run(profile: Profile, models: tuple[str, str], findings: list[Finding]) -> None:
    progress = st.empty()
    with progress.container():
        bar = st.progress(0.0, "Asking")
        st.button("Stop the test", icon=":material/stop:")
    rows = st.container()
    for number, check in enumerate(CHECKS):
        bar.progress(number / len(CHECKS), f"Asking: {', '.join(check.capabilities).lower()}")
        for finding in session.run_async(_check(check, profile, models), _PATIENCE):
            findings.append(finding)
            with rows:
                _row(finding)
    progress.empty()
    st.toast("The test is complete.")


async def _check(check: Check, profile: Profile, models: tuple[str, str]) -> list[Finding]:
    """Build the client where it will be used: in the loop of the replies."""
    return await run_check(check, Subject(await connect(profile), *models))


def _row(finding: Finding) -> None:
    with st.container(horizontal=True, wrap=False, gap="small"):
        st.badge(finding.verdict.value, color=_COLOURS[finding.verdict], width=78)
        st.text(finding.capability, width=170)
        st.text(finding.evidence, width="stretch")
