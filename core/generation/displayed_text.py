"""The text of a reply as it can be stored and displayed while it arrives."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.json_values import storable_text
from core.runs.log import DeltaKind, StreamDelta


@dataclass(slots=True)
class DisplayedText:
    """Joins the surrogate pairs of a text that arrives in pieces."""

    _unpaired: dict[DeltaKind, str] = field(default_factory=dict)

    def deltas(self, kind: DeltaKind, text: str) -> Iterator[StreamDelta]:
        """Yield *text* as it can be stored; half a surrogate pair at its end waits for the other half."""
        if self._unpaired:
            text = self._unpaired.pop(kind, "") + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._unpaired[kind] = text[:-1], text[-1]
        if text:
            yield StreamDelta(kind, storable_text(text))
