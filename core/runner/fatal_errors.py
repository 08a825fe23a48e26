"""Errors after which a runner stops, because all further requests would fail alike."""

from core.errors.types import Explanation

# A key, a permission, a model or an address is wrong.
_FATAL_STATUSES = frozenset({401, 403, 404})
_FATAL_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


def is_fatal_error(error: Explanation) -> bool:
    """Whether all further requests would fail alike. It ends the runner, and the item is waiting again."""
    return error.status in _FATAL_STATUSES or error.code in _FATAL_CODES
