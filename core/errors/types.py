"""The errors that this app raises, and the explanation that it makes of any error."""

from dataclasses import dataclass


class PlaygroundError(Exception):
    """An error of this app; its message is shown to the user unchanged. *detail* quotes what was received."""

    def __init__(self, message: str, hint: str = "", *, code: str | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code
        self.detail = detail


class NotFound(PlaygroundError):
    """No such object of this owner. Does not reveal whether the id exists."""


class Unreadable(PlaygroundError):
    """A saved object is not valid: another version of the app has saved it, or it is damaged."""


class NotOpenAICompatible(PlaygroundError):
    """The reply is not that of an OpenAI-compatible API: a web page, a stream without chunks, other JSON."""


class MalformedEvent(PlaygroundError):
    """An event of a stream could not be parsed; the events before it remain valid."""


class StreamError(PlaygroundError):
    """The server reported an error in the middle of a stream; *code* is the server's."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What went wrong, what to do about it, and what to quote to support. Already redacted.

    It is *simulated* if the user asked the sandbox for this error.
    """

    title: str
    hint: str
    detail: str = ""
    code: str | None = None
    status: int | None = None
    request_id: str | None = None
    retryable: bool = False
    retry_after: float | None = None
    simulated: bool = False
