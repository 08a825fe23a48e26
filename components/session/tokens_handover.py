"""The request of a run, opened on the Tokens page."""

import json

import streamlit as st

from components.session import repositories, session
from core.apis import api_of
from core.paths import ROOT
from core.token_analysis.request_parser import ParsedRequest, counted_fields


def open_in_tokens(run_id: str) -> None:
    """Go to Tokens with the request of a run, as it was sent."""
    run = repositories.run_repository().get(run_id)
    request = counted_fields(ParsedRequest(run.params, api_of(run.endpoint).name))
    token_session = session.live_session().token_session
    token_session.replace_text("request", json.dumps(request, ensure_ascii=False, indent=2))
    token_session.select("request", token_session.options)
    st.switch_page(ROOT / "pages" / "tokens.py")
