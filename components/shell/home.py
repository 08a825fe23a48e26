"""The sections of the Home page."""

import streamlit as st

from components.session import session
from components.shell import navigation
from components.shell.example_prompts import example_prompts
from components.ui.markdown_escape import escape_markdown
from core.client.profile import Profile
from core.models.selection import recommend_models
from core.paths import ROOT

_QUESTION_KEY = "home.question"
_KEY_DESCRIPTIONS = {
    "none": "without an API key",
    "environment": "with the API key from the environment",
    "entered": "with the API key you entered, which is held in memory for this browser session only",
    "sandbox": "with the sandbox's own API key",
}


def connection_card() -> None:
    """Draw where requests are sent and with which key."""
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
        navigation.link("settings.py", "Switch server")


def connection_description(profile: Profile) -> str:
    """Describe in Markdown where requests are sent and with which key."""
    if profile.kind == "sandbox":
        return (
            "**Sandbox.** Replies are computed on this machine by rules, not by a model. "
            "Nothing is sent over the network, and nothing is billed."
        )
    name, base_url = escape_markdown(profile.name), escape_markdown(profile.base_url)
    if profile.kind == "local":
        return f"**{name}.** Requests are sent to {base_url}, a server on this machine."
    return f"**{name}.** Requests are sent to {base_url}, {_KEY_DESCRIPTIONS[profile.key_source]}."


def quick_start() -> None:
    """Draw a question field and the example prompts. Each is sent in a new conversation on the Chat page."""
    with st.form("home.ask", border=False), st.container(horizontal=True, gap="xsmall"):
        question = st.text_input(
            "Question",
            key=_QUESTION_KEY,
            label_visibility="collapsed",
            placeholder="Ask a question, then inspect the request and the response",
            max_chars=4_000,
        )
        submitted = st.form_submit_button("Ask", type="primary", icon=":material/send:")
    with st.container(horizontal=True, gap="xsmall", key="home-examples"):
        clicked = [
            example["prompt"]
            for example in example_prompts()
            if st.button(
                escape_markdown(example["title"]),
                icon=":material/bolt:",
                key=f"home.example.{example['title']}",
            )
        ]
    if submitted or clicked:
        if prompt := clicked[0] if clicked else question.strip():
            # Late, because Home is drawn without the controls of the chat.
            from components.chat.parameters import clear_prompt

            clear_prompt()
            session.send_in_new_conversation(prompt)
        st.switch_page(ROOT / "pages" / "chat.py")


def page_cards() -> None:
    """Draw one card for each page except Home."""
    with st.container(key="home-cards"):
        for entry in navigation.PAGES[1:]:
            calls = f" :small[`{entry.sdk_calls.replace(' · ', '` `')}`]" if entry.sdk_calls else ""
            navigation.link(
                entry.file, f"**{entry.title}** {entry.purpose}{calls}", icon=entry.icon, wide=True
            )


def model_guide() -> None:
    """Draw which of the server's models to choose for what."""
    recommendations = recommend_models(session.connection().models or None)
    if not recommendations:
        st.caption("No recommendations for this server's models. Start with the smallest model.")
        return
    with st.container(key="home-models"):
        st.markdown(
            "\n".join(
                f"- **{recommendation.title}**  \n  `{recommendation.model.id}`  \n"
                f"  :small[:gray[{recommendation.text}]]"
                for recommendation in recommendations
            )
        )
