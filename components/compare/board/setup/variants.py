"""The variants of a board as cards, and the settings of the one that is edited."""

from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase

import streamlit as st

from components.compare.board.repositories import update_board
from components.compare.board.session import board_session
from components.compare.board.setup.prompt_library import prompt_library
from components.compare.board.setup.successors import successors
from components.compare.variant_form import VariantForm, variant_form
from components.compare.views import describe_settings
from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import MAX_VARIANTS, Board
from core.compare.variants.variant import Variant

_COLUMNS = 3
_MAX_PROMPT = 300


def variants(board: Board) -> None:
    """Draw a card for each variant, and the button that adds one."""
    successors(board)
    for start in range(0, len(board.variants), _COLUMNS):
        row = board.variants[start : start + _COLUMNS]
        for number, (column, variant) in enumerate(zip(st.columns(_COLUMNS), row, strict=False), start):
            with column.container(border=True, key=f"board-variant-{variant.id}", height="stretch"):
                _card(board, variant, ascii_uppercase[number])
    st.button(
        "Add variant",
        icon=":material/add:",
        key="board.variant.add",
        on_click=_add,
        args=(board,),
        disabled=len(board.variants) >= MAX_VARIANTS,
    )
    st.caption(
        "Every variant has its own prompt. {{name}} in it is replaced by what a case has in that column. "
        "Results of an edited variant are marked as outdated until it is run again."
    )


def _card(board: Board, variant: Variant, letter: str) -> None:
    profile = session.profiles().get(variant.profile_id)
    st.markdown(f"**{letter} · {escape_markdown(variant.title)}**")
    server = profile.name if profile else "removed server"
    others = variant.model_copy(update={"messages": variant.messages[:-1]})
    details = [variant.model, server, *describe_settings(others)]
    st.caption(escape_markdown(" · ".join(details)))
    prompt = variant.messages[-1].content if variant.messages else ""
    shown = prompt if len(prompt) <= _MAX_PROMPT else f"{prompt[: _MAX_PROMPT - 1]}…"
    st.code(shown or "No prompt yet", language=None, wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            "Edit",
            icon=":material/edit:",
            key=f"board.variant.edit.{variant.id}",
            on_click=board_session().edit,
            args=(variant.id,),
        )
        st.menu_button(
            "More",
            list(_ACTIONS),
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"board.variant.more.{variant.id}",
            on_click=_act,
            args=(board.id, variant.id),
        )
        key = f"board.variant.enabled.{variant.id}"
        session.set_widget_value(key, variant.enabled)
        st.toggle(
            "Run", key=key, on_change=_enable, args=(board.id, variant.id), help="Off: not run, not shown."
        )


def _moved(board: Board, variant_id: str, steps: int) -> Sequence[Variant]:
    variants = list(board.variants)
    place = next(number for number, variant in enumerate(variants) if variant.id == variant_id)
    variants.insert(max(0, place + steps), variants.pop(place))
    return variants


def _duplicated(board: Board, variant_id: str) -> Sequence[Variant]:
    variants = [
        copy
        for variant in board.variants
        for copy in ([variant, variant.duplicate()] if variant.id == variant_id else [variant])
    ]
    return variants[:MAX_VARIANTS]


_ACTIONS: Mapping[str, Callable[[Board, str], Sequence[Variant]]] = {
    "Duplicate": _duplicated,
    "Move left": lambda board, variant_id: _moved(board, variant_id, -1),
    "Move right": lambda board, variant_id: _moved(board, variant_id, 1),
    "Remove": lambda board, variant_id: [each for each in board.variants if each.id != variant_id],
}


def _act(board_id: str, variant_id: str) -> None:
    action = _ACTIONS[session.widget_value(f"board.variant.more.{variant_id}")]
    update_board(board_id, lambda board: board.with_variants(action(board, variant_id)))


def _enable(board_id: str, variant_id: str) -> None:
    is_enabled = session.widget_value(f"board.variant.enabled.{variant_id}")
    _replace(board_id, variant_id, lambda variant: variant.model_copy(update={"enabled": is_enabled}))


def _replace(board_id: str, variant_id: str, change: Callable[[Variant], Variant]) -> None:
    def changed(board: Board) -> Board:
        return board.with_variants(
            [change(variant) if variant.id == variant_id else variant for variant in board.variants]
        )

    update_board(board_id, changed)


def _add(board: Board) -> None:
    from core.compare.boards.example import example_board

    profile = session.profile()
    example = example_board(profile.id, [session.model() or ""])
    new = (board.variants or example.variants)[-1].duplicate().model_copy(update={"name": ""})
    update_board(board.id, lambda current: current.with_variants([*current.variants, new]))
    board_session().edit(new.id)


def variant_dialog(board: Board) -> None:
    """Draw the settings of the variant that is edited, if there is one. Each change applies at once."""
    state = board_session()
    place = next((n for n, variant in enumerate(board.variants) if variant.id == state.edited), None)
    if place is None:
        return
    dialog = st.dialog(
        f"Settings of variant {ascii_uppercase[place]}",
        width="medium",
        position="right",
        on_dismiss=lambda: state.edit(None),
    )
    dialog(_settings)(board.id, board.variants[place])


def _settings(board_id: str, variant: Variant) -> None:
    state = board_session()
    form = VariantForm(f"board.settings.{state.edits}", has_prompt=True)
    variant_form(form, variant)
    _replace(board_id, variant.id, form.apply)
    prompt_library(
        form.apply(variant), lambda loaded: _replace(board_id, variant.id, lambda _current: loaded)
    )
    if st.button("Done", type="primary", key=form.key("done")):
        state.edit(None)
        st.rerun()
