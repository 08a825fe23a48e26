"""Turn any exception into an explanation for the user, by the tables of `core.errors.messages`.

The tables name classes of the SDK, which takes long to load. They are imported inside the functions, so that
a module that imports `explain` starts without the SDK.
"""

import logging
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.base_url import with_version
from core.errors.response import MAX_TEXT, ErrorResponse, parse_error
from core.errors.types import Explanation, PlaygroundError, StreamError
from core.json_values import storable_text
from core.redaction import redact

if TYPE_CHECKING:
    from core.errors.messages import ErrorText

_MAX_LENGTH = 300
_MAX_RAW_LENGTH = 64_000
_MAX_CAUSES = 8
_MAX_CAUSE_LENGTH = 1_000
_log = logging.getLogger(__name__)


def explain(
    exc: BaseException, *, base_url: str = "", keys: Iterable[str] = (), has_text: bool = False
) -> Explanation:
    """Build the explanation of *exc*; its texts are redacted and at most 300 characters long.

    Accepts any exception. One that no table covers is a bug: it is logged with its traceback under the id
    that the hint quotes. *base_url* is quoted where it is the likely cause; *keys* are redacted in addition
    to the registered ones. *has_text*: a part of the reply arrived before the error.
    """
    error, keys = parse_error(exc), tuple(keys)
    text = _find_text(exc, error, base_url)
    if text is None:
        return _unexpected_error(exc)
    title, hint = (part.format_map(_placeholders(error, base_url, has_text)) for part in text)
    if isinstance(exc, PlaygroundError):
        # The message of a StreamError is the server's own text, so it becomes the detail.
        title = title if isinstance(exc, StreamError) else str(exc).removesuffix(".") or title
        hint = exc.hint or hint

    def clean(value: str) -> str:
        # Shortened first: the patterns of `redact` are for texts of any origin, not of any length.
        value = " ".join(storable_text(value[:_MAX_RAW_LENGTH]).split())[:MAX_TEXT]
        value = " ".join(redact(value, keys).split())
        return value if len(value) <= _MAX_LENGTH else f"{value[: _MAX_LENGTH - 1]}…"

    return Explanation(
        title=clean(title),
        hint=clean(hint),
        detail=clean(error.message or _detail(exc)),
        code=clean(error.code) if error.code else None,
        status=error.status,
        request_id=clean(error.request_id) if error.request_id else None,
        retryable=error.retryable if error.status else _is_transient(exc, error),
        retry_after=error.retry_after,
        simulated=error.simulated,
    )


def _placeholders(error: ErrorResponse, base_url: str, has_text: bool) -> dict[str, str]:
    versioned_url = with_version(base_url)
    return {
        "param": error.param or "a parameter",
        "base_url": base_url.rstrip("/") or "in use",
        "with_version": versioned_url or base_url,
        "version_advice": ": on most servers it ends in /v1" if versioned_url else "",
        "kept": "The text received so far is kept. " if has_text else "",
        "target": error.headers.get("location", "")[:120] or "another address",
    }


def is_transport_error(exc: BaseException) -> bool:
    """Whether the connection failed, rather than the server rejecting the request or the app being wrong."""
    from core.errors import groups

    return isinstance(exc, groups.TRANSPORT_ERRORS)


def _find_text(exc: BaseException, error: ErrorResponse, base_url: str) -> "ErrorText | None":
    """Find the title and hint by code, then status, then cause, then class; None if no table has *exc*."""
    from core.errors import groups, messages

    if error.code == "rate_limit_exceeded" or (error.status == 429 and error.code not in messages.BY_CODE):
        return _rate_limit_text(error)
    if error.code in messages.BY_CODE:
        return messages.BY_CODE[error.code]
    if error.status is not None and 300 <= error.status < 400:
        return messages.REDIRECTED
    # A server that sends a code of its own knows the path.
    is_unknown_path = error.status == 404 and not error.has_own_code
    if is_unknown_path and base_url and with_version(base_url):
        return messages.VERSION_MISSING
    if is_unknown_path and _request_path(exc).endswith("/responses"):
        return messages.RESPONSES_MISSING
    text = messages.BY_STATUS.get(error.status or 0)
    failed_to_connect = isinstance(exc, groups.CONNECTION_ERRORS)
    if text is None and failed_to_connect and not isinstance(exc, groups.TIMEOUT_ERRORS):
        # All failed connections have the same class; the reason is only in the text of a cause.
        causes = _causes(exc)
        text = next((text for pattern, text in messages.BY_CAUSE if pattern.search(causes)), None)
    return text or messages.text_for_class(type(exc))


def _request_path(exc: BaseException) -> str:
    request = getattr(exc, "request", None)
    return str(request.url.path) if request is not None else ""


def _rate_limit_text(error: ErrorResponse) -> "ErrorText":
    """Name the limit, from the error's type or from the header whose remaining count is zero."""
    import openai

    from core.errors import messages

    title, hint = messages.BY_CLASS[openai.RateLimitError]
    kinds = ("tokens", "requests")
    exhausted = (kind for kind in kinds if error.headers.get(f"x-ratelimit-remaining-{kind}") == "0")
    kind = error.type if error.type in kinds else next(exhausted, None)
    if kind is None:
        return title, hint
    limit = error.headers.get(f"x-ratelimit-limit-{kind}", "")
    amount = f"{int(limit):,} {kind}" if limit.isdecimal() else kind
    return f"Too many {kind}", f"The limit of {amount} per minute is reached. {hint}"


def _causes(exc: BaseException) -> str:
    """Return the texts of *exc* and of its causes, with their class names, innermost last."""
    texts: list[str] = []
    cause: BaseException | None = exc
    while cause is not None and len(texts) < _MAX_CAUSES:
        texts.append(f"{type(cause).__name__}: {str(cause)[:_MAX_CAUSE_LENGTH]}")
        cause = cause.__cause__ or cause.__context__
    return "\n".join(texts)


def _detail(exc: BaseException) -> str:
    """Return the innermost reason of a failed connection, and the text of any other exception."""
    from core.errors import groups

    if isinstance(exc, PlaygroundError):
        return exc.detail  # its message is the title already
    if isinstance(exc, UnicodeEncodeError):
        return ""  # its text quotes the key
    if isinstance(exc, groups.CONNECTION_ERRORS):
        return _causes(exc).splitlines()[-1]
    return str(exc)


def _is_transient(exc: BaseException, error: ErrorResponse) -> bool:
    """Whether the same request may succeed later."""
    from core.errors import groups, messages

    # A known code needs a change by the user: a shorter request, another model, more credit.
    if error.code in messages.BY_CODE:
        return False
    return isinstance(exc, groups.TRANSIENT_ERRORS) and not isinstance(exc, groups.PERMANENT_ERRORS)


def _unexpected_error(exc: BaseException) -> Explanation:
    error_id = secrets.token_hex(4)
    _log.error("unexpected error %s", error_id, exc_info=exc)
    return Explanation(
        title="Something went wrong in the app",
        hint=f"This is an error of the app, not of your request. See the app's log under {error_id}.",
        detail=type(exc).__name__,
    )
