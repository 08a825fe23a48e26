"""The first view of the page: one prompt, and the replies of all variants side by side as they arrive."""

import json
from typing import Any

import streamlit as st

from components.compare.comparisons import save_comparison
from components.compare.session import (
    EXAMPLES,
    chat_models,
    compare_session,
    current_comparison,
    new_example,
    open_comparison,
)
from components.compare.variant_settings import variant_settings
from components.session import repositories, session
from components.session.compare_handover import take_run
from components.ui.error_card import error_card
from components.ui.inspector import run_inspector
from components.ui.scripts.component_loader import component_loader
from core.compare.quick.comparison import QuickComparison
from core.compare.quick.start import EXAMPLE_PROMPTS, Contrast, comparison_of_reply
from core.compare.variants.variant import content_digest
from core.errors.explain import explain
from core.errors.types import PlaygroundError

_component = st.components.v2.component(
    "compare", html="<div></div>", js=component_loader("compare/assets/compare.js")
)


def new_comparison_button() -> None:
    """Draw the button that starts over with the example, and those of the other examples."""
    if st.button("New comparison", icon=":material/add:", key="compare.new"):
        open_comparison(new_example())
    examples = st.popover("Examples", icon=":material/lightbulb:", on_change="rerun", key="compare.examples")
    if examples.open:
        for name in EXAMPLES:
            if examples.button(name, key=f"compare.example.{name}", width="stretch", type="tertiary"):
                open_comparison(new_example(name))


def _compare_opened_run(run_id: str, contrast: Contrast) -> None:
    """Compare a run that another page has opened with one that differs in *contrast*, or explain why not."""
    profile = session.profile()
    try:
        run = repositories.run_repository().get(run_id)
        comparison = comparison_of_reply(run, profile.id, chat_models(profile), contrast)
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")
    else:
        open_comparison(comparison)
        # An example is not saved: it could be opened again. The conversation of a reply could be lost.
        save_comparison(compare_session().comparison_id)


def quick_comparison() -> None:
    """Draw the open comparison, and what is open beside it."""
    if session.connection().pending and not session.known_models(session.profile()):
        st.info("Connecting…", icon=":material/hourglass_top:")
        return
    if opened := take_run():
        _compare_opened_run(*opened)
    comparison, state = current_comparison(), compare_session()
    # For the routes, which have no access to the session's profiles.
    session.live_session().profiles = session.profiles()
    event = _draw(comparison, state.comparison_id)
    if event.get("inspect"):
        state.inspect(event["inspect"])
    if event.get("settings"):
        state.edit(event["settings"])
    if state.edited:
        variant_settings(comparison)
    elif state.inspected:
        # As long as it is open: the end of a run draws the page again.
        dialog = st.dialog(
            "Request details", width="large", position="right", on_dismiss=lambda: state.inspect(None)
        )
        dialog(run_inspector.run_details)(state.inspected)


def _draw(comparison: QuickComparison, comparison_id: str) -> Any:
    variants = [variant.model_dump(mode="json") for variant in comparison.variants]
    data = {
        "token": session.live_session().token,
        "comparison": comparison_id,
        "version": content_digest(variants),
        "servers": [{"id": profile.id, "name": profile.name} for profile in session.profiles().values()],
        "examples": [{"label": label, "prompt": prompt} for label, prompt in EXAMPLE_PROMPTS.items()],
    }
    # Bytes, because a dict would make Streamlit import pandas to see whether it is a data frame.
    return _component(
        key="compare",
        data=json.dumps(data).encode(),
        on_ended_change=_rerun_event,
        on_changed_change=_rerun_event,
        on_inspect_change=_rerun_event,
        on_settings_change=_rerun_event,
    )


def _rerun_event() -> None:
    """Make Streamlit rerun the page for a trigger, whose value is read where the component is drawn."""
