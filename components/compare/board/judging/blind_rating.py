"""Replies without the names of their variants, in an order that is another one in each case."""

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.judging.rating import rating, set_thumbs
from components.compare.board.labels import variant_labels
from components.compare.board.repositories import judging_repository
from components.compare.board.session import board_session
from components.compare.reply_markdown import reply_markdown
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board
from core.compare.boards.cells import Cell
from core.compare.judging.ratings import Rating, blind_order

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults, BoardRow

_MAX_TEXT = 20_000
_COLUMNS = 3


def blind_rating(board: Board) -> None:
    """Draw the replies to one case at a time, with the buttons that rate them and go on."""
    results = board_session().results(board)
    rows = [row for row in results.rows() if len(_replies(results, row)) > 1]
    if not rows:
        st.caption("Run the board with two variants. Then their replies are shown here without names.")
        return
    ratings = judging_repository().ratings(board.id)
    state = board_session()
    state.blind_row = min(max(state.blind_row, 0), len(rows) - 1)
    row = rows[state.blind_row]
    replies = _replies(results, row)
    rated = sum(all(cell.run.id in ratings for cell in _replies(results, each)) for each in rows)
    with st.container(key="board-blind"):
        st.progress(rated / len(rows), f"{rated:,} of {len(rows):,} cases rated")
        is_revealed = st.toggle(
            "Reveal variants",
            key=f"board.blind.reveal.{board.id}",
            help="Hidden, you judge the text and not the name of its model.",
        )
        st.markdown(f"**Case {row.number:,}**")
        for name, value in row.case.values.items():
            if value:
                st.markdown(f":small[**{escape_markdown(name)}** {escape_markdown(value[:2_000])}]")
        labels = variant_labels(board)
        for start in range(0, len(replies), _COLUMNS):
            shown = replies[start : start + _COLUMNS]
            for number, (column, cell) in enumerate(zip(st.columns(len(shown)), shown, strict=True), start):
                with column:
                    name = f"Reply {ascii_uppercase[number]}"
                    label = f"{name} · {labels[cell.key.variant_id]}" if is_revealed else name
                    _reply(board.id, label, cell, ratings)
        _buttons(board.id, replies, state.blind_row)


def _replies(results: "BoardResults", row: "BoardRow") -> Sequence[Cell]:
    """Return the complete replies to a case in the order in which they are shown."""
    order = blind_order(results.board.id, f"{row.case.id}/{row.repetition}", list(row.keys))
    cells = (results.current.get(row.keys[variant_id]) for variant_id in order)
    return [cell for cell in cells if cell and cell.has_reply]


def _reply(board_id: str, label: str, cell: Cell, ratings: Mapping[str, Rating]) -> None:
    st.markdown(f"**{escape_markdown(label)}**")
    with st.container(border=True):
        st.markdown(reply_markdown(cell.run)[:_MAX_TEXT])
    rating(board_id, cell.run.id, ratings.get(cell.run.id, Rating()))


def _buttons(board_id: str, replies: Sequence[Cell], row: int) -> None:
    """Draw the choice of the best reply, and the way to other cases, with their keys."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        run_ids = [cell.run.id for cell in replies]
        for number, run_id in enumerate(run_ids):
            st.button(
                f"{ascii_uppercase[number]} is best",
                key=f"board.blind.best.{number}",
                shortcut=str(number + 1),
                on_click=_choose,
                args=(board_id, run_ids, run_id, row + 1),
            )
        st.button(
            "Tie",
            key="board.blind.tie",
            shortcut="0",
            on_click=_choose,
            args=(board_id, run_ids, None, row + 1),
        )
        st.button("Previous", key="board.blind.previous", shortcut="P", on_click=_open, args=(row - 1,))
        st.button("Next", key="board.blind.next", shortcut="N", on_click=_open, args=(row + 1,))


def _choose(board_id: str, run_ids: Sequence[str], best: str | None, next_row: int) -> None:
    """Rate the best reply up and the others down, all of them up for a tie, and go on.

    A key that is pressed again before the page is redrawn changes the same rating, and skips no case.
    """
    set_thumbs(board_id, {run_id: "up" if best in (None, run_id) else "down" for run_id in run_ids})
    _open(next_row)


def _open(row: int) -> None:
    board_session().blind_row = row
