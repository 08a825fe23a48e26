"""The chosen tools, their modes, the settings, the CSV file and the check: a reload shows them again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.session import session
from components.session.drafts import Drafts, OpenDraft
from components.tools.session import tools_session
from core.tools.modes import ToolMode

_QUERY_PARAMETER = "draft"
_CARDS, _SETTINGS = "tools.card.", "tools.settings."
_CARD_WIDGETS = frozenset({"mode", "mock", "keyed", "delay", "error"})
_CHECK = "tools.check."
_CHECK_WIDGETS = frozenset({"cases", "repetitions", "tokens", "dollars"})


@dataclass(frozen=True, slots=True)
class ToolsDraft:
    """The chosen tools, None for the default ones, the values of the widgets by key, and the CSV file."""

    chosen: tuple[str, ...] | None
    values: Mapping[str, Any]
    csv_name: str = ""
    csv_text: str = ""

    @property
    def size(self) -> int:
        """The number of characters that were typed or uploaded."""
        typed = sum(len(value) for value in self.values.values() if isinstance(value, str))
        return typed + len(self.csv_text)


_drafts: Drafts[ToolsDraft] = Drafts()


@dataclass(slots=True, eq=False)
class _OpenToolsDraft(OpenDraft[ToolsDraft]):
    """The draft of this session."""

    drafts: Drafts[ToolsDraft] = field(default_factory=lambda: _drafts)


def restore_draft() -> None:
    """Edit the draft in the URL in a new session. Call it before the widgets are drawn."""
    draft = session.session_object(_OpenToolsDraft)
    if draft.is_opened:
        return
    saved = draft.open(str(st.query_params.get(_QUERY_PARAMETER, "")))
    if saved is None:
        return
    state = tools_session()
    state.chosen = None if saved.chosen is None else [*saved.chosen]
    if saved.csv_text:
        state.open_csv(saved.csv_name, saved.csv_text)
    for key, value in saved.values.items():
        # A link could come from anyone: a tool of a server runs unasked only where its user chose that.
        if value is not ToolMode.RUN:
            session.set_widget_value(key, value)


def save_draft() -> None:
    """Save what has been edited in this session, and write its id into the URL."""
    state = tools_session()
    values = session.widget_values(_SETTINGS)
    for prefix, widgets in ((_CARDS, _CARD_WIDGETS), (_CHECK, _CHECK_WIDGETS)):
        values |= {
            key: value
            for key, value in session.widget_values(prefix).items()
            if key.rpartition(".")[2] in widgets
        }
    # A selection that is empty has no value.
    selected = {key: value for key, value in values.items() if value is not None}
    chosen = None if state.chosen is None else tuple(state.chosen)
    present = ToolsDraft(chosen, selected, state.csv_name, state.csv_text)
    draft = session.session_object(_OpenToolsDraft)
    if draft.saved is None:
        draft.saved = present  # nothing has been edited yet
    draft.save(present)
    # Each change is an entry in the browser's history.
    if draft.id and st.query_params.get(_QUERY_PARAMETER) != draft.id:
        st.query_params[_QUERY_PARAMETER] = draft.id
