"""The comparisons of this process by id: the page and its routes change them, a reload shows them again."""

from collections.abc import Callable
from threading import Lock

from components.session.drafts import Drafts
from core.compare.quick.comparison import QuickComparison
from core.errors.types import NotFound

_comparisons: Drafts[QuickComparison] = Drafts()
_lock = Lock()


def add_comparison(comparison: QuickComparison) -> str:
    """Save a new comparison, and return its id, which is not guessable."""
    with _lock:
        return _comparisons.save(comparison, None)


def find_comparison(comparison_id: str) -> QuickComparison | None:
    return _comparisons.get(comparison_id)


def get_comparison(comparison_id: str) -> QuickComparison:
    """Return a comparison. Raises NotFound."""
    if comparison := _comparisons.get(comparison_id):
        return comparison
    raise NotFound("This comparison is no longer open", "Reload the page to start another.")


def update_comparison(
    comparison_id: str, change: Callable[[QuickComparison], QuickComparison]
) -> QuickComparison:
    """Replace a comparison by what *change* makes of it. Thread-safe. Raises NotFound."""
    with _lock:
        changed = change(get_comparison(comparison_id))
        _comparisons.save(changed, comparison_id)
        return changed
