"""The comparisons of this process by id: the page and its routes change them, a reload shows them again."""

from collections.abc import Callable
from threading import Lock

from components.session.drafts import Drafts
from core.compare.quick import Comparison
from core.errors.types import NotFound

_comparisons: Drafts[Comparison] = Drafts()
_lock = Lock()


def add_comparison(comparison: Comparison) -> str:
    """Save a new comparison, and return its id, which is not guessable."""
    with _lock:
        return _comparisons.save(comparison, None)


def find_comparison(comparison_id: str) -> Comparison | None:
    return _comparisons.get(comparison_id)


def get_comparison(comparison_id: str) -> Comparison:
    """Return a comparison. Raises NotFound."""
    if comparison := _comparisons.get(comparison_id):
        return comparison
    raise NotFound("This comparison is no longer open", "Reload the page to start another.")


def update_comparison(comparison_id: str, change: Callable[[Comparison], Comparison]) -> Comparison:
    """Replace a comparison by what *change* makes of it. Thread-safe. Raises NotFound."""
    with _lock:
        changed = change(get_comparison(comparison_id))
        _comparisons.save(changed, comparison_id)
        return changed
