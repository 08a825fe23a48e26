"""Errors that a server sends as an event of a stream, or as a body with status 200."""

from typing import Any

from core.errors.types import StreamError

_MAX_ERROR_CHARACTERS = 8_000
_MAX_CODE_CHARACTERS = 200


def raise_error_event(event: dict[str, Any]) -> None:
    """Raise StreamError if *event* reports an error, under `error` or by its own fields; else do nothing."""
    error = event.get("error")
    if error is None and "error" in (event.get("object"), event.get("type")):
        error = event
    if error is None:
        return
    details = error if isinstance(error, dict) else {"message": str(error)}
    code = details.get("code") or details.get("type")
    # Longer texts are not shown, and would take long to search.
    message = str(details.get("message") or "The server reported an error")[:_MAX_ERROR_CHARACTERS]
    raise StreamError(message, code=str(code)[:_MAX_CODE_CHARACTERS] if code else None)
