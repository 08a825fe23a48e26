"""What the user thinks of a reply."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from components.compare.board.repositories import judging_repository
from components.session import session
from core.compare.judging.ratings import Rating

# Values of the two thumbs of Streamlit.
_THUMBS = ("down", "up")


def rating(board_id: str, run_id: str, saved: Rating) -> None:
    """Draw the thumbs, stars and comment for a reply, which are saved at once."""
    key, arguments = _key(run_id), (board_id, run_id)
    _show(key, saved)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.feedback("thumbs", key=f"{key}.thumb", on_change=_save, args=arguments)
        st.feedback("stars", key=f"{key}.stars", on_change=_save, args=arguments)
        icon = ":material/comment:" if saved.comment else ":material/add_comment:"
        with st.popover("Comment", icon=icon, type="tertiary", key=f"{key}.popover"):
            st.text_area("Comment", key=f"{key}.comment", max_chars=4_000, on_change=_save, args=arguments)


def _show(key: str, saved: Rating) -> None:
    """Give the widgets what is saved, which another session may have changed: all three are saved at once."""
    values = {
        "thumb": _THUMBS.index(saved.thumb) if saved.thumb else None,
        "stars": saved.stars - 1 if saved.stars else None,
        "comment": saved.comment,
    }
    for name, value in values.items():
        if session.widget_value(f"{key}.{name}") != value:
            session.set_widget_value(f"{key}.{name}", value)


def _key(run_id: str) -> str:
    return f"board.rating.{run_id}"


def _save(board_id: str, run_id: str) -> None:
    thumb, stars, comment = (
        session.widget_value(f"{_key(run_id)}.{name}") for name in ("thumb", "stars", "comment")
    )
    rating = Rating(
        thumb=None if thumb is None else ("up" if thumb else "down"),
        stars=None if stars is None else stars + 1,
        comment=(comment or "").strip(),
    )
    judging_repository().rate(board_id, run_id, rating)


def set_thumbs(board_id: str, thumbs: Mapping[str, Literal["up", "down"]]) -> None:
    """Save a thumb for each of several runs, whose stars and comments stay."""
    repository = judging_repository()
    ratings = repository.ratings(board_id)
    for run_id, thumb in thumbs.items():
        saved = ratings.get(run_id, Rating()).model_copy(update={"thumb": thumb})
        repository.rate(board_id, run_id, saved)
