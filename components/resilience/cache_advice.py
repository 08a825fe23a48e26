"""Advice on the caching of a request that the user pastes."""

import json

import streamlit as st

from components.session import session
from components.ui.formatting import format_dollars
from components.ui.markdown_escape import escape_markdown
from core.errors.types import PlaygroundError
from core.models.catalog import get_model

_KEY = "resilience.caching.advice"


def request_advice() -> None:
    """Draw the input for a request, and what to change in it."""
    with st.expander("Check a request of yours", icon=":material/fact_check:"):
        text = st.text_area(
            "Request as JSON",
            key=f"{_KEY}.request",
            height=160,
            placeholder='{"messages": [{"role": "system", "content": "…"}]}',
            help="It is not sent anywhere.",
        )
        st.button("Insert an example", type="tertiary", key=f"{_KEY}.example", on_click=_insert_example)
        if text.strip():
            _advice(text)


def _insert_example() -> None:
    from core.resilience.caching.experiment import example_request

    session.set_widget_value(f"{_KEY}.request", json.dumps(example_request(), ensure_ascii=False, indent=2))


def _advice(text: str) -> None:
    from core.resilience.caching.advice import advise
    from core.token_analysis.request_parser import parse_request
    from core.tokens.tokenizer import tokenise

    model = get_model(session.model() or "")
    try:
        params = parse_request(text).chat
        advice = advise(params, model.id, lambda part: len(tokenise(part, model.encoding)))
    except PlaygroundError as error:
        st.error(escape_markdown(f"{error} {error.hint}"))
        return
    st.markdown(escape_markdown(advice.text))
    if advice.cached_after > advice.cached_now:
        saving = (
            f", which saves {format_dollars(advice.saving)} per 1,000 calls of {model.id} at most"
            if advice.saving
            else ""
        )
        st.markdown(
            escape_markdown(
                f"Then about {advice.cached_after:,} instead of {advice.cached_now:,} input tokens of each "
                f"call come from the cache{saving}: the first call writes them, and the others must follow "
                "within 5 to 10 minutes."
            )
        )
