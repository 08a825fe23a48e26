"""What a job of many requests may spend, and how far it is."""

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from components.ui.formatting import format_dollars, format_duration

if TYPE_CHECKING:
    from core.runner.work import Budget, WorkProgress

_HELP = (
    "No request is started beyond it. Those under way end, so the total can be slightly higher. "
    "The other requests wait until the budget is raised."
)


def budget_input(key: str, *, in_dollars: bool, budget: "Budget | None" = None) -> "Budget":
    """Draw the limit of what a job may spend, at first *budget*; in tokens if the server has no prices."""
    from core.runner.work import Budget

    budget = budget or Budget()
    if in_dollars:
        dollars = st.number_input(
            "Budget in $",
            0.0,
            None,
            None if budget.cost is None else float(budget.cost),
            format="%0.4g",
            key=f"{key}.dollars",
            persist_state="session",
            placeholder="No limit",
            help=_HELP,
            width=170,
        )
        return Budget(cost=None if dollars is None else Decimal(str(dollars)))
    tokens = st.number_input(
        "Budget in tokens",
        0,
        None,
        budget.tokens,
        step=1_000,
        key=f"{key}.tokens",
        persist_state="session",
        placeholder="No limit",
        help=f"{_HELP} It is in tokens because this server has no prices.",
        width=170,
    )
    return Budget(tokens=tokens)


def progress_text(progress: "WorkProgress", budget: "Budget", noun: str) -> str:
    """Return the number of *noun* in each state, what they have used, and the time left."""
    of_tokens = "" if budget.tokens is None else f" of {budget.tokens:,}"
    of_dollars = "" if budget.cost is None else f" of {format_dollars(budget.cost)}"
    parts = [
        f"{progress.done:,} of {progress.total:,} {noun}",
        f"{progress.running:,} running" if progress.running else "",
        f"{progress.saving:,} being saved" if progress.saving else "",
        f"{progress.failed:,} failed" if progress.failed else "",
        f"{progress.waiting:,} waiting" if progress.waiting else "",
        f"{progress.cancelled:,} discarded" if progress.cancelled else "",
        f"{progress.tokens:,}{of_tokens} tokens" if progress.tokens else "",
        f"{format_dollars(progress.cost)}{of_dollars}" if progress.cost else "",
        f"about {format_duration(timedelta(seconds=progress.eta))} left" if progress.eta else "",
    ]
    return " · ".join(filter(None, parts))
