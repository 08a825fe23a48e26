"""The sections of the Home page."""

from html import escape

import streamlit as st

from components.session import session
from components.shell import navigation
from components.shell.example_prompts import example_prompts
from components.ui.icon_html import icon_html
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
    icon = icon_html(":material/science:" if profile.kind == "sandbox" else ":material/dns:")
    st.html(
        f'<div class="connection-card"><p>{icon} {connection_description(profile)}</p>'
        f"{navigation.html_link('settings.py', 'Switch server')}</div>"
    )


def connection_description(profile: Profile) -> str:
    """Describe in HTML where requests are sent and with which key."""
    if profile.kind == "sandbox":
        return (
            "<strong>Sandbox.</strong> Replies are written in advance or computed on this machine by rules, "
            "not by a model. Nothing is sent over the network, and nothing is billed."
        )
    name, base_url = escape(profile.name), escape(profile.base_url)
    receiver = (
        "a server on this machine" if profile.kind == "local" else _KEY_DESCRIPTIONS[profile.key_source]
    )
    return f"<strong>{name}.</strong> Requests are sent to <code>{base_url}</code>, {receiver}."


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


def overview() -> None:
    """Draw one card for each page except Home, and which of the server's models to choose for what."""
    cards = "".join(_page_card(entry) for entry in navigation.PAGES[1:])
    st.html(
        f'<h2>Explore</h2><div class="page-cards">{cards}</div>'
        f'<h2>Choose a model</h2><ul class="model-guide">{_recommendations()}</ul>'
    )


def _page_card(entry: navigation.PageEntry) -> str:
    calls = " ".join(f"<code>{escape(call)}</code>" for call in entry.sdk_calls.split(" · ") if call)
    text = f"<strong>{escape(entry.title)}</strong> {escape(entry.purpose)} <small>{calls}</small>"
    return navigation.html_link(entry.file, f"{icon_html(entry.icon)}<span>{text}</span>")


def _recommendations() -> str:
    recommendations = recommend_models(session.connection().models or None)
    if not recommendations:
        return "<li>No recommendations for this server's models. Start with the smallest model.</li>"
    return "".join(
        f"<li><strong>{escape(recommendation.title)}</strong> <code>{escape(recommendation.model.id)}</code>"
        f"<small>{escape(recommendation.text)}</small></li>"
        for recommendation in recommendations
    )
