"""Explain any failure to the person in front of the screen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class PlaygroundError(Exception):
    """A problem of ours; its message is shown to the user as it stands."""

    def __init__(self, message: str, hint: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


class NotOpenAICompatible(PlaygroundError):
    """Something answered, but not an OpenAI-compatible API: a web page, no chunks at all, other JSON."""


class MalformedEvent(PlaygroundError):
    """An event of a stream could not be read; what came before it stands."""


class StreamError(PlaygroundError):
    """The server reported an error in the middle of a stream; *code* is the server's."""


class StreamStalled(PlaygroundError):
    """The server stopped sending without closing the stream."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What went wrong, what to do about it, and what to quote to support. Already redacted."""

    title: str
    hint: str
    detail: str = ""
    code: str | None = None
    status: int | None = None
    request_id: str | None = None
    retryable: bool = False
    retry_after: float | None = None


def explain(exc: BaseException, *, base_url: str = "", keys: Iterable[str] = ()) -> Explanation:
    """Say what *exc* means; texts are redacted and at most 300 characters long.

    Anything can be given: what is in no table is a bug, logged with its traceback under the id that the hint
    names. *base_url* is named where it is the likely cause; *keys* are redacted beside the registered ones.
    """
    from core.errors.explain import (
        build_explanation,  # late: it loads the SDK, and who only raises need not wait for it
    )

    return build_explanation(exc, base_url, tuple(keys))


def is_transport_error(exc: BaseException) -> bool:
    """Whether the connection failed, rather than the server refusing or the app being wrong."""
    import httpx2
    import openai

    failures = (
        openai.APIConnectionError,
        httpx2.TransportError,
        StreamStalled,
        ConnectionError,
        TimeoutError,
    )
    return isinstance(exc, failures)


# What a page may catch and explain; everything else is a bug and keeps its traceback. Found at first use,
# because it names classes of the SDK.
EXPECTED_ERRORS: tuple[type[Exception], ...]


def __getattr__(name: str) -> Any:
    if name != "EXPECTED_ERRORS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from core.errors.messages import EXPECTED_ERRORS as found

    return found
