"""The words in which two replies to a case differ."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.repositories import board_repository
from core.compare.variants.reply import reply_text
from core.runs.run import RunState

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults, BoardRow
    from core.compare.text_diff import DiffSpan

_MAX_TEXT = 50_000
_TEXT_STYLE = "white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.9rem"
_MARK_STYLE = "background: color-mix(in srgb, {} 30%, transparent); color: inherit; text-decoration: none"


def differences(results: "BoardResults", row: "BoardRow", labels: Mapping[str, str]) -> None:
    """Draw two replies with the words marked that only one of them has, if the user asks for that."""
    if not st.toggle("Show differences", key="board.differences", persist_state="session"):
        return
    texts = _texts(results, row, labels)
    if len(texts) < 2:
        st.caption("There are no two replies to compare yet.")
        return
    names, key = list(texts), f"board.differences.{row.case.id}.{row.repetition}"
    columns = st.columns(2)
    left = columns[0].selectbox("Compare", names, key=f"{key}.left")
    right = columns[1].selectbox("with", names, index=1, key=f"{key}.right")
    marked_texts(texts[left], texts[right])


def marked_texts(before: str, after: str) -> None:
    """Draw two texts side by side with the words marked that only one of them has."""
    from core.compare.text_diff import diff_words

    columns = st.columns(2)
    difference = diff_words(before, after)
    columns[0].html(_marked(difference.before, "del", "#d97706"))
    columns[1].html(_marked(difference.after, "ins", "#14938a"))
    st.caption(f"{difference.equal_share:.0%} of the words are equal.")


def _texts(results: "BoardResults", row: "BoardRow", labels: Mapping[str, str]) -> dict[str, str]:
    """Return the replies of a row by what to call them: the present ones, then those before them."""
    texts, earlier = {}, {}
    for key in row.keys.values():
        cell = results.cells.get(key)
        if cell and cell.has_reply:
            texts[labels[key.variant_id]] = reply_text(cell.run)[:_MAX_TEXT]
        for run in board_repository().earlier_runs(results.board.id, key)[1:]:
            if run.state is RunState.DONE and run.has_content:
                name = f"{labels[key.variant_id]}, {run.started_at:%Y-%m-%d %H:%M:%S}"
                if name in earlier:  # in the same second
                    name = f"{name}.{run.started_at:%f}"
                earlier[name] = reply_text(run)[:_MAX_TEXT]
    return texts | earlier


def _marked(spans: "Iterable[DiffSpan]", tag: str, colour: str) -> str:
    """Return the text as HTML, with what is changed in elements called *tag*."""
    opening = f'<{tag} style="{_MARK_STYLE.format(colour)}">'
    parts = (f"{opening}{escape(span.text)}</{tag}>" if span.changed else escape(span.text) for span in spans)
    return f'<div style="{_TEXT_STYLE}">{"".join(parts)}</div>'
