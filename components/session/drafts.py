"""What is edited on a page and not yet sent, in the memory of this process: a reload shows it again."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from uuid import uuid4

_MAX_DRAFTS = 200
_MAX_CHARACTERS = 20_000_000  # of all drafts of a page together


class SizedDraft(Protocol):
    """A draft that knows the number of characters that were typed."""

    @property
    def size(self) -> int: ...


T = TypeVar("T", bound=SizedDraft)


@dataclass(slots=True, eq=False)
class Drafts(Generic[T]):
    """The drafts of a page by an id that is not guessable. The oldest are dropped."""

    by_id: OrderedDict[str, T] = field(default_factory=OrderedDict)

    def get(self, draft_id: str) -> T | None:
        return self.by_id.get(draft_id)

    def save(self, draft: T, draft_id: str | None) -> str:
        """Replace the draft with *draft_id*, or save a new one, and return its id."""
        draft_id = draft_id or uuid4().hex
        self.by_id[draft_id] = draft
        self.by_id.move_to_end(draft_id)
        while len(self.by_id) > _MAX_DRAFTS or (
            len(self.by_id) > 1 and sum(saved.size for saved in self.by_id.values()) > _MAX_CHARACTERS
        ):
            self.by_id.popitem(last=False)
        return draft_id


@dataclass(slots=True, eq=False)
class OpenDraft(Generic[T]):
    """The draft of a session. One that a URL has opened, perhaps in two tabs, is not changed."""

    drafts: Drafts[T]
    is_opened: bool = False
    id: str = ""
    saved: T | None = None
    is_own: bool = False

    def open(self, draft_id: str) -> T | None:
        """Return the draft with *draft_id*, with which this session starts; None without one."""
        self.is_opened = True
        self.saved = self.drafts.get(draft_id)
        self.id = draft_id if self.saved else ""
        return self.saved

    def save(self, present: T) -> None:
        """Save *present* if it differs from what was saved."""
        if present != self.saved:
            self.id = self.drafts.save(present, self.id if self.is_own else None)
            self.saved, self.is_own = present, True
