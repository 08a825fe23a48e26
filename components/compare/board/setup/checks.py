"""The checks of a board: what every reply must have."""

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import streamlit as st

from components.compare.board.repositories import update_board
from components.compare.board.session import board_session
from components.compare.board.setup.similarity import similarity
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.models.model_picker import ModelField, selected_model
from core.compare.boards.board import Board
from core.compare.boards.checks import Check, IsSimilar, parse_check
from core.errors.explain import explain
from core.errors.types import PlaygroundError

_MAX_CHECKS = 50
_WIDTH = 480
_EXPECTED = "{{expected}}"
_Fields = Mapping[str, Any]


def checks(board: Board) -> None:
    """Draw the checks, each with a button that removes it, and the form that adds one."""
    if not board.checks:
        st.caption("No checks yet. Add what every reply must have, and see which variant passes most often.")
    counts = board_session().results(board).check_counts()
    for number, check in enumerate(board.checks):
        with st.container(horizontal=True, vertical_alignment="center", key=f"board-check-{number}"):
            requirement, result = escape_markdown(check.requirement), _result(counts[number])
            st.markdown(f":material/rule: The reply {requirement}  \n:small[{result}]", width="stretch")
            st.button(
                "Remove",
                icon=":material/delete:",
                type="tertiary",
                key=f"board.check.remove.{number}",
                on_click=_remove,
                args=(board.id, check),
            )
    if len(board.checks) < _MAX_CHECKS:
        _add(board)
    similarity(board)


def _result(count: Counter[bool | None]) -> str:
    """Return how many replies passed a check."""
    checked, unknown = count[True] + count[False], count[None]
    parts = (
        f"{count[True]:,} of {format_count(checked, 'result')} passed" if checked else "",
        f"{unknown:,} not checked" if unknown else "",
    )
    return " · ".join(filter(None, parts)) or "No results yet"


def _add(board: Board) -> None:
    key = f"board.check.{board_session().edits}"
    popover = st.popover("Add check", icon=":material/add:", key=f"{key}.open")
    with popover.container(width=_WIDTH):
        kind = st.selectbox(
            "The reply", list(_FORMS), format_func=lambda each: _FORMS[each][0], key=f"{key}.kind"
        )
        try:
            check = parse_check({"kind": kind, **_FORMS[kind][1](f"{key}.{kind}")})
            error = None
        except PlaygroundError as not_valid:
            error = not_valid
        except ValueError:
            error = PlaygroundError("The check is not complete", "Enter what the reply is compared with.")
        # Not disabled without a text: what is typed arrives with the click.
        if not st.button("Add", type="primary", key=f"{key}.add"):
            return
        if error:
            error_card(explain(error), icon=":material/block:")
            return
    update_board(board.id, lambda current: current.model_copy(update={"checks": (*current.checks, check)}))
    board_session().edits += 1
    st.rerun()


def _remove(board_id: str, check: Check) -> None:
    def without(board: Board) -> Board:
        checks = list(board.checks)
        if check in checks:
            checks.remove(check)
        return board.model_copy(update={"checks": tuple(checks)})

    update_board(board_id, without)


def _text(key: str) -> _Fields:
    text = st.text_input(
        "Text",
        _EXPECTED,
        key=f"{key}.text",
        help="{{expected}} is the expected reply of the case; its variables can be used too.",
    )
    return {"text": text, "ignore_case": st.checkbox("Ignore case", value=True, key=f"{key}.case")}


def _pattern(key: str) -> _Fields:
    return {"pattern": st.text_input("Pattern", key=f"{key}.pattern", placeholder=r"^\d{4}-\d{2}-\d{2}$")}


def _json(key: str) -> _Fields:
    from core.json_schema.schema import parse_schema

    schema = st.text_area("JSON schema", key=f"{key}.schema", placeholder="Optional", height=140)
    return {"json_schema": parse_schema(schema) if schema.strip() else None}


def _similar(key: str) -> _Fields:
    text = st.text_input("Text", _EXPECTED, key=f"{key}.text")
    model_key = f"{key}.model"
    if session.widget_value(model_key) is None:
        session.set_widget_value(model_key, IsSimilar.model_fields["model"].default)
    return {
        "text": text,
        "model": selected_model(model_key, ModelField("Embedding model", "embedding")),
        "minimum": st.slider("Cosine similarity of at least", 0.0, 1.0, 0.8, 0.01, key=f"{key}.minimum"),
    }


def _tokens(key: str) -> _Fields:
    return {"tokens": st.number_input("Output tokens", 1, None, 200, key=f"{key}.tokens")}


def _seconds(key: str) -> _Fields:
    return {"seconds": st.number_input("Seconds", 0.1, None, 5.0, key=f"{key}.seconds")}


def _dollars(key: str) -> _Fields:
    dollars = st.number_input("Dollars", 0.0, None, 0.01, format="%0.4g", key=f"{key}.cost")
    return {"dollars": Decimal(str(dollars))}


# What a reply must do and the fields of the form, by the kind of the check.
_FORMS: Mapping[str, tuple[str, Callable[[str], _Fields]]] = {
    "contains": ("contains a text", _text),
    "not_contains": ("does not contain a text", _text),
    "equals": ("equals a text", _text),
    "regex": ("matches a regular expression", _pattern),
    "json": ("is valid JSON", _json),
    "similarity": ("is similar to a text", _similar),
    "max_tokens": ("has at most so many tokens", _tokens),
    "max_latency": ("takes at most so long", _seconds),
    "max_cost": ("costs at most so much", _dollars),
}
