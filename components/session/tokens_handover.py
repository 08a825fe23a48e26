"""The request of a run, opened on the Tokens page."""

import json

import streamlit as st

from components.session import repositories, session
from core.apis import api_of
from core.paths import ROOT

_COUNTED = ("messages", "tools", "response_format")


def open_in_tokens(run_id: str) -> None:
    """Go to Tokens with the messages, tools and schema of a run, as Chat Completions has them."""
    run = repositories.run_repository().get(run_id)
    params = api_of(run.endpoint).chat_params(dict(run.params))
    request = {name: params[name] for name in _COUNTED if name in params}
    token_session = session.live_session().token_session
    token_session.replace_text("request", json.dumps(request, ensure_ascii=False, indent=2))
    token_session.select("request", token_session.options)
    st.switch_page(ROOT / "pages" / "tokens.py")
