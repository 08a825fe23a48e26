"""The chosen tools, their modes, the settings, the CSV file and the check, as they were before a reload."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from components.session import session
from components.session.drafts import Drafts, OpenDraft
from components.session.repositories import saved_drafts
from components.tools.session import tools_session
from core.tools.loop.modes import ToolMode

_QUERY_PARAMETER = "draft"
# A larger file is not saved for the next start of the app.
_MAX_SAVED_CSV = 1_000_000  # characters
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
_json = TypeAdapter(ToolsDraft)


@dataclass(slots=True, eq=False)
class _OpenToolsDraft(OpenDraft[ToolsDraft]):
    """The draft of this session."""

    drafts: Drafts[ToolsDraft] = field(default_factory=lambda: _drafts)


def restore_draft() -> None:
    """Edit the draft in the URL in a new session. Call it before the widgets are drawn."""
    if not session.session_object(_OpenToolsDraft).is_opened:
        open_draft(str(st.query_params.get(_QUERY_PARAMETER, "")))


def open_draft(draft_id: str) -> None:
    """Show a draft of this or of an earlier process, if there is one with this id."""
    if not _drafts.get(draft_id) and (text := saved_drafts("tools").load(draft_id)):
        with suppress(ValidationError):  # of another version of the app
            _drafts.save(_json.validate_json(text), draft_id)
    draft = session.session_object(_OpenToolsDraft)
    saved, draft.is_own = draft.open(draft_id), False
    if saved is None:
        return
    state = tools_session()
    state.chosen = None if saved.chosen is None else [*saved.chosen]
    if saved.csv_text:
        state.open_csv(saved.csv_name, saved.csv_text)
    for key, value in saved.values.items():
        # A link could come from anyone: a tool of a server runs unasked only where its user chose that.
        if not (key.endswith(".mode") and value == ToolMode.RUN):
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
    if present != draft.saved:
        draft.save(present)
        is_large = len(present.csv_text) > _MAX_SAVED_CSV
        text = _json.dump_json(replace(present, csv_name="", csv_text="") if is_large else present)
        saved_drafts("tools").save(draft.id, text.decode())
    # Each change is an entry in the browser's history.
    if draft.id and st.query_params.get(_QUERY_PARAMETER) != draft.id:
        st.query_params[_QUERY_PARAMETER] = draft.id
