"""Pages of a list, with the cursor of the API."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.sandbox.api.errors import ApiError, invalid_type
from core.sandbox.api.parameters import Number, OneOf


def page_of(
    query: Mapping[str, str],
    items: Sequence[Mapping[str, Any]],
    default_order: str = "asc",
    default_limit: int = 20,
    max_limit: int = 100,
) -> dict[str, Any]:
    """Return the page of *items*, oldest first, that `limit`, `order` and `after` of *query* ask for.

    Raises ApiError for an invalid value, and for an `after` that is not in the list.
    """
    limit, order, after = (
        query.get("limit", str(default_limit)),
        query.get("order", default_order),
        query.get("after"),
    )
    if not limit.isdecimal():
        raise invalid_type("limit", "an integer", limit)
    Number(1, max_limit, integer=True)("limit", int(limit[:9]))
    OneOf(("asc", "desc"))("order", order)
    items = items if order == "asc" else items[::-1]
    if after is not None:
        ids = [item["id"] for item in items]
        if after not in ids:
            raise ApiError(404, f"Object with id '{after[:100]}' not found.", code="not_found")
        items = items[ids.index(after) + 1 :]
    page = items[: int(limit)]
    return {
        "object": "list",
        "data": list(page),
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(items) > len(page),
    }
