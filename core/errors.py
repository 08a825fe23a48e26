"""Explain any failure to the person in front of the screen."""

from dataclasses import dataclass


class PlaygroundError(Exception):
    """A problem of ours; its message is shown to the user as it stands."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


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
