"""Variants whose model is shut down: one click adds them on the successors, with what changes."""

from datetime import UTC, datetime

import streamlit as st

from components.compare.board.labels import variant_labels
from components.compare.board.repositories import update_board
from components.compare.board.session import board_session
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.compare.boards.board import MAX_VARIANTS, Board
from core.models.catalog import get_model


def successors(board: Board) -> None:
    """Draw which models of *board* are shut down when, and what changed for those that were replaced."""
    from core.compare.boards.successor import succeed_board, successor_of

    state = board_session()
    enabled = [variant for variant in board.enabled_variants if successor_of(variant.model)]
    models = {variant.model: get_model(variant.model) for variant in enabled}
    if enabled:
        dates = "; ".join(
            f"**{escape_markdown(name)}** on {model.shutdown:%Y-%m-%d}, "
            f"successor **{escape_markdown(model.successor or '')}**"
            for name, model in models.items()
            if model.shutdown
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.warning(f"Shutdown by OpenAI: {dates}.", icon=":material/event_busy:", width="stretch")
            if st.button(
                "Add successors",
                icon=":material/upgrade:",
                key="board.successors",
                disabled=len(board.variants) + len(enabled) > MAX_VARIANTS,
                help="Adds a variant on each successor and stops running the old ones. Results stay.",
            ):
                succession = succeed_board(board, datetime.now(UTC))
                state.successor_changes = succession.changes
                update_board(board.id, lambda current: current.with_variants(succession.board.variants))
                st.rerun()
    _changes(board)


def _changes(board: Board) -> None:
    """Draw what differs from the variants before, for those that were added in this session."""
    labels = variant_labels(board)
    rows = [
        {
            "variant": labels[variant_id],
            "what": change.name,
            "before": change.before,
            "after": change.after or f"not sent: {change.reason}",
        }
        for variant_id, changes in board_session().successor_changes.items()
        if variant_id in labels
        for change in changes
    ]
    if rows:
        with st.expander("What changes with the successors", icon=":material/difference:", expanded=True):
            downloadable_table(rows, f"board-{board.id[:8]}-successors", "What changes with the successors")
