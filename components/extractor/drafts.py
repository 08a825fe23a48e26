"""What is edited on the page and not yet sent, in the memory of this process: a reload shows it again."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from components.extractor.session import (
    INPUT_KEY,
    INSTRUCTIONS_KEY,
    LANGUAGE_KEY,
    MAX_TOKENS_KEY,
    METHOD_KEY,
    PASTE_KEY,
    PRESET_KEY,
    STRICT_KEY,
    TEXT_KEY,
    VIEW_KEY,
    EditedSchema,
    ExtractorSession,
)
from components.session import session

_KEYS = (
    INPUT_KEY,
    INSTRUCTIONS_KEY,
    LANGUAGE_KEY,
    MAX_TOKENS_KEY,
    METHOD_KEY,
    PASTE_KEY,
    PRESET_KEY,
    STRICT_KEY,
    TEXT_KEY,
    VIEW_KEY,
)
_MAX_DRAFTS = 200
_MAX_CHARACTERS = 20_000_000  # of all drafts together


@dataclass(frozen=True, slots=True)
class Draft:
    """The schema as it is edited, and the values of the widgets by key."""

    schema: EditedSchema
    values: Mapping[str, Any]

    @property
    def size(self) -> int:
        """The number of characters that were typed."""
        typed = [text for _, text in [*self.schema.typed.values(), *self.schema.rejected.values()]]
        return sum(len(text) for text in [*typed, *self.values.values()] if isinstance(text, str))


# By an id that is not guessable. The oldest are dropped.
_drafts: OrderedDict[str, Draft] = OrderedDict()


def read_draft(state: ExtractorSession) -> Draft:
    """Return what is edited in this session."""
    values = {key: session.widget_value(key) for key in _KEYS}
    # A widget that has not been drawn has no value yet.
    return Draft(state.edited(), {key: value for key, value in values.items() if value is not None})


def save_draft(draft: Draft, draft_id: str | None) -> str:
    """Replace the draft with *draft_id*, or save a new one, and return its id."""
    draft_id = draft_id or uuid4().hex
    _drafts[draft_id] = draft
    _drafts.move_to_end(draft_id)
    while len(_drafts) > _MAX_DRAFTS or (
        len(_drafts) > 1 and sum(saved.size for saved in _drafts.values()) > _MAX_CHARACTERS
    ):
        _drafts.popitem(last=False)
    return draft_id


def restore_draft(state: ExtractorSession, draft_id: str) -> Draft | None:
    """Edit the draft with *draft_id* in this session, which must not have drawn it yet; None without one."""
    draft = _drafts.get(draft_id)
    if draft:
        state.restore(draft.schema)
        for key, value in draft.values.items():
            session.set_widget_value(key, value)
    return draft
