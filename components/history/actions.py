"""Delete, tag and export the selected runs, or all that match."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.history.exports import export_address
from components.history.opened_run import close_run
from components.history.repositories import history_repository
from components.session import session
from components.ui.download_link import download_link
from components.ui.formatting import format_count
from core.history.filter import HistoryFilter
from core.history.repository import MAX_TAG_LENGTH, Deletion

_TAG_KEY = "history.new_tag"


@dataclass(slots=True, eq=False)
class _LastDeletion:
    """What "Undo" restores."""

    deletion: Deletion | None = None

    def delete(self, chosen: HistoryFilter) -> None:
        self.deletion = history_repository().delete(chosen)
        close_run()

    def undo(self) -> None:
        if self.deletion:
            history_repository().restore(self.deletion)
        self.deletion = None


def deletion_notice() -> None:
    """Draw what was deleted last, with a button that restores it."""
    last = session.session_object(_LastDeletion)
    if last.deletion is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="history-deleted"):
        st.markdown(f"Deleted {format_count(last.deletion.count, 'run')}.", width="stretch")
        st.button("Undo", icon=":material/undo:", key="history.undo", on_click=last.undo)


def history_actions(chosen: HistoryFilter, selected: Sequence[str], total: int) -> None:
    """Draw the actions for the *selected* runs, or without a selection for all *total* that match."""
    target = HistoryFilter(run_ids=selected) if selected else chosen
    scope = f"{len(selected):,} selected" if selected else f"all {total:,}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="history-actions"):
        download_link(
            f"Export {scope}",
            export_address(target),
            "Downloads JSON Lines with requests, responses, tags and notes.",
        )
        st.button(
            f"Delete {scope}",
            icon=":material/delete:",
            on_click=session.session_object(_LastDeletion).delete,
            args=(target,),
            help="Conversations and extracted rows keep their texts. You can undo this.",
            key="history.delete",
        )
        if len(selected) > 1:
            with st.popover(f"Tag {scope}", icon=":material/sell:", key="history.tag"):
                st.text_input(
                    "Tag", key=_TAG_KEY, max_chars=MAX_TAG_LENGTH, on_change=_add_tag, args=(selected,)
                )


def _add_tag(run_ids: Sequence[str]) -> None:
    history = history_repository()
    tag = str(session.widget_value(_TAG_KEY) or "")
    for entry in history.list(HistoryFilter(run_ids=run_ids), len(run_ids)):
        history.set_tags(entry.run_id, [*entry.tags, tag])
    session.set_widget_value(_TAG_KEY, "")
