"""What the last runs of the user would have cost with the usual ways to save."""

from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from components.session import repositories, session
from components.ui.formatting import format_count, format_dollars
from components.ui.markdown_escape import escape_markdown

if TYPE_CHECKING:
    from core.runs.run import Run

# An experiment of the Async lab has as many as a hundred runs.
_MAX_LISTED = 1_000
_LEAST_SHARE = Decimal("0.005")  # which is rounded to 1 %


def cost_lab() -> None:
    """Draw the list price of the last runs, and a row for each way to save."""
    # Late: the prices take 6 MiB.
    from core.resilience.cost_tips import MAX_RUNS, cost_tips, priced_runs, total_amount

    runs = priced_runs(_last_runs(MAX_RUNS))
    total = total_amount(runs)
    if not total:
        st.info(
            "No run with a known price yet. Send a message on the Chat page, or run an experiment here.",
            icon=":material/payments:",
        )
        return
    tips = cost_tips(runs, session.connection().models)
    st.markdown(
        f"**Your last {escape_markdown(format_count(len(runs), 'run'))}** cost "
        f"{escape_markdown(format_dollars(total))} at list price. Each line changes one thing."
    )
    for tip in tips:
        with st.container(border=True):
            amount = f"{format_dollars(tip.saving)} for {format_count(tip.runs, 'run')}"
            share = tip.saving / total
            shown = f"{share:.0%}" if share >= _LEAST_SHARE else "less than 1%"
            st.markdown(
                f"**{escape_markdown(tip.title)}** :green-badge[saves {shown}] {escape_markdown(amount)}"
            )
            st.caption(escape_markdown(tip.text))
    st.caption(
        "At the list prices of OpenAI, also for runs on the sandbox and on other servers. The experiments of "
        "this page count only while there are no other runs."
    )


def _last_runs(limit: int) -> "list[Run]":
    """Return the last runs of other pages; only if there are none, those of the experiments here."""
    repository = repositories.run_repository()
    runs: list[Run] = []
    others: list[Run] = []
    for offset in range(0, _MAX_LISTED, limit):
        page = repository.list(limit=limit, offset=offset)
        runs += page
        others += [run for run in page if run.capability != "resilience"]
        if len(others) >= limit or len(page) < limit:
            break
    return (others or runs)[:limit]
