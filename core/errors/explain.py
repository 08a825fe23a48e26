"""Turn an exception into an explanation, by the tables of `core.errors.messages`."""

import logging
import re
import secrets
from collections.abc import Iterable

import httpx2
import openai

from core.errors.messages import (
    BY_CAUSE,
    BY_CLASS,
    BY_CODE,
    BY_STATUS,
    REDIRECTED,
    VERSION_MISSING,
    ErrorText,
)
from core.errors.response import ErrorResponse, parse_error
from core.errors.types import (
    Explanation,
    MalformedEvent,
    NotOpenAICompatible,
    PlaygroundError,
    StreamError,
    StreamStalled,
)
from core.redaction import redact

_MAX_LENGTH = 300
_log = logging.getLogger(__name__)


def text_for_class(error: type[BaseException]) -> ErrorText | None:
    """Find the advice for the nearest ancestor of *error* that has any."""
    return next((BY_CLASS[cls] for cls in error.__mro__ if cls in BY_CLASS), None)


def build_explanation(exc: BaseException, base_url: str, keys: Iterable[str]) -> Explanation:
    """See `core.errors.explain`."""
    failure = parse_error(exc)
    advice = _advice(exc, failure, base_url)
    if advice is None:
        return _unexpected_error(exc)
    title, hint = (text.format_map(_Names(failure, base_url)) for text in advice)
    if isinstance(exc, PlaygroundError):
        title, hint = _prefer_own_message(exc, title, hint)

    def clean(text: str) -> str:
        return _truncate(redact(text, keys))

    return Explanation(
        title=clean(title),
        hint=clean(hint),
        detail=clean(failure.message or _detail(exc)),
        code=clean(failure.code) if failure.code else None,
        status=failure.status,
        request_id=clean(failure.request_id) if failure.request_id else None,
        retryable=failure.retryable if failure.status else _is_retryable(exc, failure),
        retry_after=failure.retry_after,
    )


def _prefer_own_message(exc: PlaygroundError, title: str, hint: str) -> ErrorText:
    """Prefer what was raised to the table, except that the text of a StreamError is the server's."""
    return (title if isinstance(exc, StreamError) else str(exc) or title), exc.hint or hint


class _Names(dict[str, str]):
    """What the texts of the tables may name."""

    def __init__(self, failure: ErrorResponse, base_url: str) -> None:
        super().__init__(
            param=failure.param or "a parameter",
            base_url=base_url or "in use",
            with_version=f"{base_url.rstrip('/')}/v1",
            target=failure.headers.get("location", "")[:120] or "another address",
        )


def _advice(exc: BaseException, failure: ErrorResponse, base_url: str) -> ErrorText | None:
    if failure.code == "rate_limit_exceeded" or (failure.status == 429 and failure.code not in BY_CODE):
        return _rate_limit(failure)
    if failure.code in BY_CODE:
        return BY_CODE[failure.code]
    if failure.status is not None and 300 <= failure.status < 400:
        return REDIRECTED
    if failure.status == 404 and base_url and not _has_version(base_url):
        return VERSION_MISSING
    return BY_STATUS.get(failure.status or 0) or _by_cause(exc) or text_for_class(type(exc))


def _has_version(base_url: str) -> bool:
    return re.search(r"/v\d+/?$", base_url) is not None


def _rate_limit(failure: ErrorResponse) -> ErrorText:
    """Name the limit that was met, from the error's type or from the header that counts down to nothing."""
    title, hint = BY_CLASS[openai.RateLimitError]
    spent = (kind for kind in ("tokens", "requests") if _is_spent(failure, kind))
    kind = failure.type if failure.type in ("tokens", "requests") else next(spent, None)
    if kind is None:
        return title, hint
    limit = failure.headers.get(f"x-ratelimit-limit-{kind}", "")
    amount = f"{limit} {kind}" if limit.isdigit() else kind
    return f"Too many {kind}", f"The limit of {amount} a minute is met. {hint}"


def _is_spent(failure: ErrorResponse, kind: str) -> bool:
    return failure.headers.get(f"x-ratelimit-remaining-{kind}") == "0"


def _by_cause(exc: BaseException) -> ErrorText | None:
    if not isinstance(exc, openai.APIConnectionError | httpx2.TransportError) or isinstance(
        exc, openai.APITimeoutError | httpx2.TimeoutException
    ):
        return None
    causes = _causes(exc)
    return next((advice for pattern, advice in BY_CAUSE if pattern.search(causes)), None)


def _causes(exc: BaseException) -> str:
    """Return the texts of *exc* and what caused it, with their class names, innermost last."""
    texts: list[str] = []
    cause: BaseException | None = exc
    while cause is not None and len(texts) < 8:
        texts.append(f"{type(cause).__name__}: {cause}")
        cause = cause.__cause__ or cause.__context__
    return "\n".join(texts)


def _detail(exc: BaseException) -> str:
    """Return the innermost reason of a failed connection; other exceptions speak for themselves."""
    if isinstance(exc, PlaygroundError | UnicodeEncodeError):
        return ""  # the title says it already; a UnicodeEncodeError would quote the key
    if isinstance(exc, openai.APIConnectionError | httpx2.TransportError):
        return _causes(exc).splitlines()[-1]
    return str(exc)


def _is_retryable(exc: BaseException, failure: ErrorResponse) -> bool:
    if failure.code in BY_CODE:
        return False  # none of these passes by itself
    lasting = (
        NotOpenAICompatible,
        httpx2.InvalidURL,
        httpx2.UnsupportedProtocol,
        UnicodeEncodeError,
        openai.APIStatusError,
    )
    passing = (
        openai.APIError,
        httpx2.HTTPError,
        ConnectionError,
        TimeoutError,
        MalformedEvent,
        StreamError,
        StreamStalled,
    )
    return isinstance(exc, passing) and not isinstance(exc, lasting)


def _unexpected_error(exc: BaseException) -> Explanation:
    number = secrets.token_hex(4)
    _log.error("unexpected failure %s", number, exc_info=exc)
    return Explanation(
        title="Something went wrong in the app",
        hint=f"This is a fault of the app, not of your request. Its log has the details under {number}.",
        detail=type(exc).__name__,
    )


def _truncate(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 1]}…"
