"""The test of what the active server supports, which sends a small request for each capability."""

from typing import Literal

import streamlit as st

from components.session import session
from components.session.capability_results import CapabilityResults
from components.ui.markdown_escape import escape_markdown
from core.client.client import create_client_async
from core.client.profile import Profile
from core.runs import event_loop
from core.servers.capability_checks import CHECKS, Check, ProbeTarget, SupportStatus
from core.servers.capability_test import CapabilityResult, find_embedding_model, run_check

_CHECK_TIMEOUT = 25.0

_COLOURS: dict[SupportStatus, Literal["green", "red", "orange", "gray"]] = {
    SupportStatus.YES: "green",
    SupportStatus.NO: "red",
    SupportStatus.IGNORED: "orange",
    SupportStatus.UNKNOWN: "gray",
}


def capability_test() -> None:
    """Draw the button and the results of the last test, also those of a test that was stopped."""
    profile, model = session.profile(), session.model() or ""
    st.header(f"Capabilities of {escape_markdown(profile.name)}", anchor=False)
    cost = f"About {len(CHECKS)} small requests, at most about 1,000 output tokens in total"
    with st.container(horizontal=True, vertical_alignment="center"):
        started = st.button("Test this server", icon=":material/checklist:", type="secondary")
        st.caption(f"{cost}, with {model}." if model else f"{cost}.")
    by_target, target = session.session_object(CapabilityResults).by_target, (profile.base_url, model)
    if started:
        # Saved before the test runs, as any click ends the script in the middle of it.
        by_target[target] = []
        embedding_model = find_embedding_model(list(session.connection().models))
        _run_checks(profile, (model, embedding_model), by_target[target])
        return
    for result in by_target.get(target, ()):
        _row(result)


def _run_checks(profile: Profile, models: tuple[str, str], results: list[CapabilityResult]) -> None:
    """Run every check, and draw each result as soon as it is added to *results*."""

    async def run(check: Check) -> list[CapabilityResult]:
        # The client belongs to the event loop that uses it, so it is created there.
        return await run_check(check, ProbeTarget(await create_client_async(profile), *models))

    progress = st.empty()
    with progress.container():
        bar = st.progress(0.0, "Testing")
        st.button("Stop test", icon=":material/stop:")
    rows = st.container()
    for number, check in enumerate(CHECKS):
        bar.progress(number / len(CHECKS), f"Testing: {', '.join(check.capabilities).lower()}")
        for result in event_loop.run_until_complete(run(check), _CHECK_TIMEOUT):
            results.append(result)
            with rows:
                _row(result)
    progress.empty()
    st.toast("Test complete.")


def _row(result: CapabilityResult) -> None:
    with st.container(horizontal=True, wrap=False, gap="small"):
        st.badge(result.status.value, color=_COLOURS[result.status], width=78)
        st.text(result.capability, width=170)
        st.text(result.evidence, width="stretch")
