"""What stands beside every page: the connection, the model, and what this session has used."""

from datetime import UTC, datetime
from decimal import Decimal

import streamlit as st

from components.session import session
from components.session.session import Connection
from components.shell import navigation
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.markdown_escape import escape_markdown
from core.models.availability import AvailableModel, available_models
from core.models.selection import badges, default_model_id
from core.pricing.prices import price_summary

_COLOURS = {"open": "gray", "closing": "orange", "closed": "red"}


def sidebar() -> None:
    """Draw it, and settle which model is chosen."""
    with st.sidebar:
        connection = session.connection()
        _connection(connection)
        _model_picker(connection)
        _totals()


def _connection(connection: Connection) -> None:
    profile = connection.profile
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key="connection"):
            if profile.kind == "sandbox":
                st.badge(
                    profile.name,
                    icon=":material/science:",
                    color="orange",
                    help="Replies are computed by rules, not by a model.",
                )
            else:
                st.markdown(f"**{escape_markdown(profile.name)}**", width="content")
            navigation.link("settings.py", "Change")
        if connection.pending:
            _asking()
        else:
            st.caption(_state(connection))
    if connection.error:
        error_card(connection.error, ":material/cloud_off:")


@st.fragment(run_every=0.5)
def _asking() -> None:
    """Look whether the server has answered, and draw everything anew once it has."""
    st.caption("Asking the server for its models…")
    if not session.connection().pending:
        st.rerun()


def _state(connection: Connection) -> str:
    latency = session.live_session().latency or connection.latency
    shown = [f"{len(connection.models):,} models" if connection.models else "no model list"]
    if latency is not None:
        shown.append(f"{format_seconds(latency)} last call")
    return " · ".join(shown)


def _model_picker(connection: Connection) -> None:
    today = datetime.now(UTC).date()
    live = connection.models or None
    models = {found.model.id: found for found in available_models(live, today) if found.model.kind == "chat"}
    if not models:
        return
    if session.model() not in models:
        session.choose_model(default_model_id("chat", list(models)) or next(iter(models)))
    chosen = st.selectbox(
        "Model",
        list(models),
        key=session.MODEL_KEY,
        format_func=lambda model_id: _label(models[model_id]),
        persist_state="session",
    )
    _badges(models[chosen], priced=not connection.pending)


def _label(found: AvailableModel) -> str:
    marks = {"open": "", "closing": " · closing", "closed": " · shut down"}
    return f"{found.model.id}{marks[found.lifecycle.status]}"


def _badges(found: AvailableModel, priced: bool) -> None:
    """Draw them; the price, which takes a while to load at first, not before the server has answered."""
    with st.container(horizontal=True, gap=4):
        if priced and (price := price_summary(found.model.id, datetime.now(UTC))):
            st.badge(price, color="green", help="List price in US dollars, for tokens in and out")
        for badge in badges(found.model):
            st.badge(badge.label, color="gray", help=badge.description)
    if found.lifecycle.text:
        colour = _COLOURS[found.lifecycle.status]
        st.markdown(f":{colour}[:material/event_busy: {found.lifecycle.text.capitalize()}.]")


def _totals() -> None:
    desk = session.live_session()
    if not desk.usage.total_tokens:
        return
    known = [cost.amount for cost in desk.costs if cost.amount is not None]
    st.caption(
        f"This session: {desk.usage.input_tokens:,} tokens in, {desk.usage.output_tokens:,} out, "
        f"{format_dollars(sum(known, Decimal(0)))}"
    )
