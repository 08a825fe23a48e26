"""The search field and the filters of the History page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import streamlit as st

from components.history.labels import STATES, capability_label
from components.history.repositories import history_repository
from components.session import session
from core.history.filter import HistoryFilter

_KEY = "history.filter"
_SEARCH_KEY = "history.search"
_PERIODS = {
    "Any time": None,
    "Last 24 hours": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
    "Last 90 days": timedelta(days=90),
}


def history_filter() -> HistoryFilter:
    """Draw the search field and the filters, and return the conditions."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        search = st.text_input(
            "Search",
            key=_SEARCH_KEY,
            type="search",
            live=True,
            placeholder="Search prompts and replies",
            help="Finds runs with all words. Put words that must follow each other in quotation marks.",
            label_visibility="collapsed",
        )
        count = _count_filters()
        label = f"Filters ({count})" if count else "Filters"
        # With a key, because the label changes while it is open.
        menu = st.popover(label, icon=":material/filter_list:", key="history.filters", width="content")
        if count or search:
            st.button("Reset", key="history.reset", type="tertiary", on_click=_reset)
    with menu:
        return _filters(search or "")


def _filters(search: str) -> HistoryFilter:
    values = history_repository().values()
    pages = st.multiselect(
        "Page", values.capabilities, format_func=capability_label, key=f"{_KEY}.pages", placeholder="All"
    )
    models = st.multiselect("Model", values.models, key=f"{_KEY}.models", placeholder="All")
    servers = st.multiselect("Server", values.profiles, key=f"{_KEY}.servers", placeholder="All")
    states = st.multiselect(
        "Status", values.states, format_func=STATES.__getitem__, key=f"{_KEY}.states", placeholder="All"
    )
    tags = st.multiselect("Tag", values.tags, key=f"{_KEY}.tags", placeholder="All")
    period = st.selectbox("Time", list(_PERIODS), key=f"{_KEY}.period")
    cost = st.number_input(
        "Cost of at least ($)",
        0.0,
        step=0.01,
        format="%.4f",
        value=None,
        key=f"{_KEY}.cost",
        placeholder="Any",
    )
    age = _PERIODS[period]
    return HistoryFilter(
        search=search,
        capabilities=tuple(pages),
        models=tuple(models),
        profiles=tuple(servers),
        states=tuple(states),
        tags=tuple(tags),
        since=datetime.now(UTC).replace(second=0, microsecond=0) - age if age else None,
        min_cost=Decimal(str(cost)) if cost else None,
    )


def _count_filters() -> int:
    values = session.widget_values(f"{_KEY}.")
    return sum(bool(value) and value != next(iter(_PERIODS)) for value in values.values())


def _reset() -> None:
    for key, value in session.widget_values(f"{_KEY}.").items():
        empty: object = (
            next(iter(_PERIODS)) if isinstance(value, str) else [] if isinstance(value, list) else None
        )
        session.set_widget_value(key, empty)
    session.set_widget_value(_SEARCH_KEY, "")
