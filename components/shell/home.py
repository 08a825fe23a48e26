"""The parts of the Home page."""

import streamlit as st

from components.session import session
from components.shell import navigation
from components.shell.example_prompts import example_prompts
from components.ui.markdown_escape import escape_markdown
from core.client.profile import Profile
from core.models.selection import recommend_models
from core.paths import ROOT

_QUESTION = "home.question"
_KEYS = {
    "none": "without a key",
    "environment": "with the key from the environment",
    "entered": "with the key you entered, which is kept for this browser tab only",
    "sandbox": "with a key of its own",
    "secrets file": "with the key from the secrets file",
}


def connection_card() -> None:
    """Say where requests go, and as whom."""
    profile = session.profile()
    icon = ":material/science:" if profile.kind == "sandbox" else ":material/dns:"
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        border=True,
        gap="small",
        wrap=False,
        key="home-connection",
    ):
        st.markdown(f"{icon} {connection_description(profile)}", width="stretch")
        navigation.link("settings.py", "Change")


def connection_description(profile: Profile) -> str:
    """Describe where requests go, in Markdown."""
    if profile.kind == "sandbox":
        return (
            "**Sandbox.** Replies are computed on this machine by rules, not by a model. "
            "Nothing leaves it, and nothing costs anything."
        )
    address = escape_markdown(profile.base_url)
    if profile.kind == "local":
        return f"**{escape_markdown(profile.name)}.** Requests go to {address}, a server on this machine."
    return f"**{escape_markdown(profile.name)}.** Requests go to {address}, {_KEYS[profile.key_source]}."


def quick_start() -> None:
    """Take a question, or offer some; Chat opens with it in the message box."""
    with st.form("home.ask", border=False), st.container(horizontal=True, gap="xsmall"):
        question = st.text_input(
            "Question",
            key=_QUESTION,
            label_visibility="collapsed",
            placeholder="Ask something, and see what goes over the wire",
            max_chars=4_000,
        )
        asked = st.form_submit_button("Open in Chat", type="primary", icon=":material/arrow_forward:")
    if asked:
        st.switch_page(ROOT / "pages" / "chat.py", query_params={"q": question} if question else None)
    with st.container(horizontal=True, gap="xsmall", key="home-starters"):
        for starter in example_prompts():
            navigation.link(
                "chat.py", escape_markdown(starter["title"]), {"q": starter["prompt"]}, ":material/bolt:"
            )


def page_cards() -> None:
    """Draw one card per page, except Home."""
    with st.grid("auto", min_column_width=260, gap="small"):
        for entry in navigation.PAGES[1:]:
            _card(entry)


def _card(entry: navigation.PageEntry) -> None:
    with st.container(border=True, gap="xsmall", height="stretch", key=f"card-{entry.path.stem}"):
        navigation.link(entry.file, f"**{entry.title}**", icon=entry.icon)
        st.markdown(entry.purpose)
        if entry.sdk_calls:
            st.markdown(f":small[`{entry.sdk_calls.replace(' · ', '` `')}`]")


def model_guide() -> None:
    """Say which model to take when, among those the server offers."""
    offered = session.connection().models
    advice = recommend_models(offered or None)
    if not advice:
        st.caption("None of this server's models is in the table. Start with the smallest that it offers.")
        return
    with st.grid(4, min_column_width=180, gap="medium"):
        for step in advice:
            with st.container(gap="xxsmall"):
                st.markdown(f"**{step.title}**  \n`{step.model.id}`")
                st.caption(step.text)
