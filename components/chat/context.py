"""What to do when a conversation no longer fits, with a preview of what would be left out."""

import streamlit as st

from components.session import repositories, session
from components.ui.error_card import error_card
from core.chat import service as chat_service
from core.chat.completion import ChatSettings
from core.chat.service import PreparedRequest
from core.client.client import connect
from core.errors.explain import explain
from core.tokens import server_count
from core.tokens.context_window import TrimOptions, TrimStrategy

STRATEGY_LABELS: dict[TrimStrategy, str] = {
    "drop_oldest": "Drop the oldest turns",
    "keep_pinned": "Keep only instructions, pinned messages and the last question",
    "summarise_oldest": "Summarise the oldest turns with the model",
    "none": "Send everything, and let the server refuse",
}
_MAX_LISTED = 20


def context_menu(settings: ChatSettings) -> TrimOptions:
    """Draw the choice of a strategy behind one button; what it would do now is worked out when it is open."""
    menu = st.popover("Context", icon=":material/data_usage:", on_change="rerun", key="context")
    with menu:
        strategy = st.radio(
            "When the conversation does not fit",
            list(STRATEGY_LABELS),
            format_func=STRATEGY_LABELS.__getitem__,
            key="context.strategy",
            persist_state="session",
        )
        limit = st.number_input(
            "Pretend a smaller window (tokens)",
            min_value=50,
            value=None,
            placeholder="the model's own",
            key="context.limit",
            persist_state="session",
            help="To see trimming at work without writing a novel first.",
        )
        plan = TrimOptions(strategy, limit)
        if menu.open:
            _preview(settings, plan)
    return plan


def _preview(settings: ChatSettings, plan: TrimOptions) -> None:
    history = repositories.current_branch()
    if not history:
        st.caption("The conversation is empty: everything fits.")
        return
    prepared = chat_service.prepare_request(settings, plan, history)
    st.markdown(_summary(prepared))
    for message in prepared.dropped[:_MAX_LISTED]:
        st.text(f"{message.role}: {message.text[:90]}")
    if len(prepared.dropped) > _MAX_LISTED:
        st.caption(f"and {len(prepared.dropped) - _MAX_LISTED} more")
    if st.button("Count exactly on the server", icon=":material/calculate:", key="context.count"):
        _count(settings, prepared)


def _summary(prepared: PreparedRequest) -> str:
    limit = prepared.budget.input_limit
    room = f" of {limit:,} that fit" if limit else ""
    sent = f"About **{prepared.trimmed.tokens:,} tokens**{room} would be sent (estimated)."
    return f"{sent} {prepared.trimmed.reason}".strip()


def _count(settings: ChatSettings, prepared: PreparedRequest) -> None:
    profile = session.profile()
    params = {**settings.params([]), "messages": list(prepared.trimmed.messages)}

    async def ask() -> int:
        return await server_count.count_input_tokens(await connect(profile), params)

    try:
        tokens = session.run_async(ask())
    except Exception as error:  # noqa: BLE001 - `explain` says what it was, or logs a bug
        explained = explain(error, base_url=profile.base_url)
        error_card(explained, ":material/info:", "This server did not count:", "info")
        return
    off = tokens - prepared.trimmed.tokens
    st.success(f"Counted by the server: **{tokens:,} tokens**, {off:+,} against the estimate.")
