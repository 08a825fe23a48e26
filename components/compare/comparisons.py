"""The comparisons by id: the page and its routes change them, a reload or a restart shows them again."""

from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from components.session.drafts import Drafts
from components.session.repositories import saved_drafts
from core.compare.quick.comparison import QuickComparison
from core.errors.types import NotFound

_comparisons: Drafts[QuickComparison] = Drafts()
_json = TypeAdapter(QuickComparison)
_lock = Lock()


def add_comparison(comparison: QuickComparison) -> str:
    """Open a new comparison, and return its id, which is not guessable. Its first change saves it."""
    with _lock:
        return _comparisons.save(comparison, None)


def save_comparison(comparison_id: str) -> None:
    """Save a comparison that nothing has changed yet, so that a restart shows it again. Raises NotFound."""
    update_comparison(comparison_id, lambda current: current)


def find_comparison(comparison_id: str) -> QuickComparison | None:
    """Return a comparison of this process or of an earlier one. Call it off the event loop."""
    if comparison := _comparisons.get(comparison_id):
        return comparison
    if text := saved_drafts("compare").load(comparison_id):
        with suppress(ValidationError), _lock:  # of another version of the app
            # Another tab may have opened, and changed it meanwhile.
            if _comparisons.get(comparison_id) is None:
                _comparisons.save(_json.validate_json(text), comparison_id)
    return _comparisons.get(comparison_id)


def get_comparison(comparison_id: str) -> QuickComparison:
    """Return a comparison that the page has opened. Raises NotFound."""
    if comparison := _comparisons.get(comparison_id):
        return comparison
    raise NotFound("This comparison is no longer open", "Reload the page to start another.")


def update_comparison(
    comparison_id: str, change: Callable[[QuickComparison], QuickComparison]
) -> QuickComparison:
    """Replace a comparison by what *change* makes of it, and save it. Thread-safe. Raises NotFound.

    Writes to the database: call it off the event loop.
    """
    with _lock:
        changed = change(get_comparison(comparison_id))
        _comparisons.save(changed, comparison_id)
        saved_drafts("compare").save(comparison_id, _json.dump_json(changed).decode())
        return changed
