"""The menu for conversations that exceed the context window, with a preview of the next request."""

import streamlit as st

from components.live.views import stored_context_note
from components.session import repositories, session
from components.ui.server_count import server_count
from core.apis import APIS
from core.chat.context import ContextUsage, prepare_request, stored_context_usage
from core.chat.request import stored_reply
from core.completions.request import ChatSettings
from core.token_analysis.request_parser import ParsedRequest
from core.tokens.context_window import STRATEGY_LABELS, TrimOptions

_STRATEGY_KEY = "context.strategy"
_LIMIT_KEY = "context.limit"
_MAX_LISTED = 20


def context_menu(settings: ChatSettings) -> TrimOptions:
    """Draw the menu, and return how the next request is trimmed. The preview is computed while it is open."""
    menu = st.popover("Context", icon=":material/data_usage:", on_change="rerun", key="context")
    # A closed menu is empty, so that the page is drawn sooner. The session stores the values of the widgets.
    if menu.open:
        with menu:
            _draw_controls()
            _preview(settings, _trim_options())
    return _trim_options()


def _draw_controls() -> None:
    st.radio(
        "If the conversation exceeds the context window",
        list(STRATEGY_LABELS),
        format_func=STRATEGY_LABELS.__getitem__,
        key=_STRATEGY_KEY,
        persist_state="session",
    )
    st.number_input(
        "Simulate a smaller context window (tokens)",
        min_value=50,
        value=None,
        placeholder="model default",
        key=_LIMIT_KEY,
        persist_state="session",
        help="Shows how trimming works without a long conversation.",
    )


def _trim_options() -> TrimOptions:
    strategy = session.widget_value(_STRATEGY_KEY) or next(iter(STRATEGY_LABELS))
    return TrimOptions(strategy, session.widget_value(_LIMIT_KEY))


def _preview(settings: ChatSettings, trim: TrimOptions) -> None:
    history = repositories.current_branch()
    if not history:
        st.caption("The conversation is empty. Nothing is trimmed.")
        return
    if previous := stored_reply(settings, history, repositories.run_repository(), session.profile()):
        _stored_preview(stored_context_usage(settings, previous, history), settings)
        return
    prepared = prepare_request(settings, trim, history)
    limit = f" of {prepared.budget.input_limit:,} available" if prepared.budget.input_limit else ""
    estimate = f"About **{prepared.trimmed.tokens:,} tokens**{limit} will be sent (estimated)."
    st.markdown(f"{estimate} {prepared.trimmed.reason}".strip())
    for message in prepared.dropped[:_MAX_LISTED]:
        st.text(f"{message.role}: {message.text[:90]}")
    if len(prepared.dropped) > _MAX_LISTED:
        st.caption(f"and {len(prepared.dropped) - _MAX_LISTED} more")
    params = APIS[settings.api].params(settings.request_params(prepared.trimmed.messages))
    server_count(ParsedRequest(params, settings.api), settings.model, "context.count")


def _stored_preview(usage: ContextUsage, settings: ChatSettings) -> None:
    limit = f" of {usage.input_limit:,} available" if usage.input_limit else ""
    st.markdown(f"The server will count about **{usage.tokens:,} tokens**{limit}. Nothing is trimmed here.")
    st.caption(stored_context_note(settings, is_over=usage.is_over))
