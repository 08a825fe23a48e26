"""The draft of the Extractor: the schema as it is edited, and the values of the widgets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.extractor.session import (
    API_KEY,
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
from components.session.drafts import Drafts, OpenDraft

_KEYS = (
    API_KEY,
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


drafts: Drafts[Draft] = Drafts()


@dataclass(slots=True, eq=False)
class OpenExtractorDraft(OpenDraft[Draft]):
    """The draft of this session."""

    drafts: Drafts[Draft] = field(default_factory=lambda: drafts)


def read_draft(state: ExtractorSession) -> Draft:
    """Return what is edited in this session."""
    values = {key: session.widget_value(key) for key in _KEYS}
    # A widget that has not been drawn has no value yet.
    return Draft(state.edited(), {key: value for key, value in values.items() if value is not None})


def restore_draft(state: ExtractorSession, draft: Draft) -> None:
    """Edit *draft* in this session, which must not have drawn its widgets yet."""
    state.restore(draft.schema)
    for key, value in draft.values.items():
        session.set_widget_value(key, value)
