"""The computed results of panels, which a rerun of the script draws again."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class PanelCache:
    """The results that panels have computed from one source; another source clears them."""

    _source: object = None
    _results: dict[Hashable, tuple[Hashable, Any]] = field(default_factory=dict)

    def get_or_compute(
        self, panel: Hashable, source: object, inputs: Hashable, compute: Callable[[], T]
    ) -> T:
        """Return what *compute* returned for *panel*, computed again only if *source* or *inputs* changed."""
        if source is not self._source:
            self._results.clear()
            self._source = source
        entry = self._results.get(panel)
        if entry is None or entry[0] != inputs:
            entry = self._results[panel] = (inputs, compute())
        result: T = entry[1]
        return result
