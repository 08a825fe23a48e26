"""The cells of one row side by side, with what was measured and checked."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.differences import differences
from components.compare.board.judging.rating import rating
from components.compare.board.labels import variant_labels
from components.compare.board.session import board_session
from components.compare.reply_markdown import reply_markdown
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.markdown_escape import escape_markdown
from components.ui.scroll_into_view import scroll_into_view
from core.compare.boards.board import CellKey
from core.compare.boards.cells import Cell, CellState
from core.compare.boards.checks import normalise_whitespace
from core.compare.judging.ratings import Rating
from core.compare.statistics.highlights import charge
from core.compare.variants.reply import NOT_RECORDED, reply_text

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults, BoardRow

_COLUMNS = 3
_MAX_TEXT = 20_000


def row_details(results: "BoardResults", row: "BoardRow", ratings: "Mapping[str, Rating]") -> None:
    """Draw the values of a case, and the replies of all variants to it."""
    with st.container(border=True, key="board-row"):
        run = f", run {row.repetition}" if results.board.repetitions > 1 else ""
        values = {**row.case.variables, **({"expected": row.case.expected} if row.case.expected else {})}
        st.markdown(f"**Case {row.number:,}{run}**")
        for name, value in values.items():
            st.markdown(f":small[**{escape_markdown(name)}** {escape_markdown(value[:2_000])}]")
        is_raw = st.toggle("Raw text", key="board.raw", persist_state="session")
        labels = variant_labels(results.board)
        keys = list(row.keys.values())
        for start in range(0, len(keys), _COLUMNS):
            for key, column in zip(keys[start:], st.columns(min(_COLUMNS, len(keys))), strict=False):
                with column:
                    _cell(results, key, labels[key.variant_id], ratings, is_raw=is_raw)
        differences(results, row, labels)
        scroll_into_view("board-row", f"{row.case.id}/{row.repetition}")


def _cell(
    results: "BoardResults", key: CellKey, label: str, ratings: "Mapping[str, Rating]", *, is_raw: bool
) -> None:
    st.markdown(f"**{escape_markdown(label)}**")
    cell = results.cells.get(key)
    if cell is None:
        st.caption("Not run yet.")
        return
    if results.states[key] is CellState.STALE:
        st.caption(":orange[:material/history: Outdated: the variant or the case was edited since.]")
    if cell.run.error:
        error_card(cell.run.error)
    _reply(cell, is_raw=is_raw)
    # One element for all of it: the front end takes milliseconds for each, times six cells.
    lines = [escape_markdown(_metrics(cell)), *_checks(results, key), _agreement(results, cell)]
    # Not a caption, whose links have too little contrast.
    st.markdown("  \n".join(f":small[{line}]" for line in lines if line))
    if cell.has_reply:
        rating(results.board.id, cell.run.id, ratings.get(cell.run.id, Rating()))
    if st.button(
        "Request details", icon=":material/code:", type="tertiary", key=f"board.inspect.{cell.run.id}"
    ):
        board_session().inspected = cell.run.id
        st.rerun()


def _reply(cell: Cell, *, is_raw: bool) -> None:
    if cell.is_done and not cell.has_reply:
        st.caption(NOT_RECORDED)
    elif text := reply_text(cell.run):
        with st.container(border=True, key=f"board-reply-{cell.key.variant_id}"):
            # The content security policy keeps images in a reply from requesting anything.
            if is_raw:
                st.code(text[:_MAX_TEXT], language=None, wrap_lines=True)
            else:
                st.markdown(reply_markdown(cell.run)[:_MAX_TEXT])


def _metrics(cell: Cell) -> str:
    run = cell.run
    cost = charge(run)
    parts = (
        f"{format_seconds(run.first_token)} to first token" if run.stream and run.first_token else "",
        f"{format_seconds(run.total)} total" if run.total is not None else "",
        f"{run.tokens_per_second:,.0f} tok/s" if run.tokens_per_second else "",
        f"{run.usage.input_tokens:,} → {run.usage.output_tokens:,} tokens" if run.usage else "",
        format_dollars(cost) if cost else "",
        run.finish_reason or "",
    )
    return " · ".join(filter(None, parts))


def _checks(results: "BoardResults", key: CellKey) -> Iterator[str]:
    icons = {
        True: ":green[:material/check:]",
        False: ":orange[:material/close:]",
        None: ":gray[:material/remove:]",
    }
    for check, result in zip(results.board.checks, results.checks.get(key, ()), strict=False):
        reason = f"{check.label}: {result.reason}" if result.passed is None else result.reason
        yield f"{icons[result.passed]} {escape_markdown(reason)}"


def _agreement(results: "BoardResults", cell: Cell) -> str:
    """Return how many of the repetitions have the same reply; nothing for a single one."""
    variant_id, case_id, _ = cell.key
    keys = [CellKey(variant_id, case_id, number + 1) for number in range(results.board.repetitions)]
    cells = (results.cells[key] for key in keys if results.states.get(key) is CellState.DONE)
    texts = [normalise_whitespace(reply_text(each.run)) for each in cells if each.has_reply]
    if len(texts) < 2 or not cell.has_reply:
        return ""
    return (
        f"{texts.count(normalise_whitespace(reply_text(cell.run))):,} of {len(texts):,} runs gave this reply."
    )
