"""Blind votes by people without this app: the page to vote on, its key, and the count of the votes."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.session import board_session
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from components.ui.uploads import MAX_UPLOAD_MB
from core.compare.boards.board import Board
from core.errors.explain import explain
from core.errors.types import PlaygroundError

if TYPE_CHECKING:
    from core.compare.snapshot.page import BlindSnapshot


def ballots(board: Board, name: str) -> None:
    """Draw the downloads of a blind snapshot called *name*, and the uploads that are counted."""
    with st.expander("Blind vote", icon=":material/how_to_vote:"):
        st.markdown(
            "Send the page to people, who choose the best reply to each case and download a ballot. "
            "The key says which reply is of which variant: keep it until all have voted."
        )
        snapshot = _snapshot(board)
        if snapshot is None:
            st.caption("Run the board with two variants first.")
            return
        with st.container(horizontal=True, gap="small"):
            for label, data, suffix, media_type in (
                ("Page to vote on", snapshot.html, ".vote.html", "text/html"),
                ("Key", snapshot.key.model_dump_json(indent=2), ".key.json", "application/json"),
            ):
                st.download_button(
                    label,
                    data,
                    f"{name}{suffix}",
                    media_type,
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"board.vote{suffix}",
                )
        _count(board)


def _snapshot(board: Board) -> "BlindSnapshot | None":
    """Return the page with its key, the same ones until there are other results."""
    from core.compare.snapshot.page import blind_snapshot

    results = board_session().results(board)
    current = results.current
    if len({key.variant_id for key, cell in current.items() if cell.has_reply}) < 2:
        return None
    key = board.model_dump_json(), tuple(cell.run.id for cell in current.values())
    return board_session().cache.get_or_compute(
        "blind snapshot", None, key, lambda: blind_snapshot(board, current, datetime.now(UTC))
    )


def _count(board: Board) -> None:
    from core.compare.snapshot.ballots import read_ballot, read_key, tally
    from core.compare.statistics.summary import percent

    uploaded = st.file_uploader(
        "Count votes: the key and all ballots",
        "json",
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key=f"board.ballots.{board.id}",
    )
    texts = [file.getvalue().decode("utf-8-sig", "replace") for file in uploaded]
    keys = [text for text in texts if "openai-sdk-playground/ballot-key" in text[:1_000]]
    if not texts:
        return
    if len(keys) != 1:
        st.warning("Choose the one key of the page, and its ballots.", icon=":material/key:")
        return
    try:
        key = read_key(keys[0])
        votes = tally(key, [read_ballot(text) for text in texts if text not in keys])
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")
        return
    ranked = sorted(votes.wins.items(), key=lambda pair: -(pair[1].share or 0))
    rows = [
        {"variant": key.variants[variant_id], "votes": percent(rate) if rate.total else "none"}
        for variant_id, rate in ranked
    ]
    downloadable_table(rows, f"board-{board.id[:8]}-votes", "The votes for each variant")
    voters, ties = format_count(votes.voters, "voter"), format_count(votes.ties, "tie")
    st.caption(escape_markdown(f"{voters}, {ties}."))
