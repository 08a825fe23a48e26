"""The HTTP requests of an experiment, as the HTTP client of its SDK client records them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from core.errors.response import ErrorResponse, parse_error
from core.http.limits import CompressedResponse, ResponseTooLarge
from core.json_values import JsonObject, json_object, parse_json
from core.runs.log import safe_headers

if TYPE_CHECKING:
    import httpx2

_MAX_BODY_BYTES = 4_000_000
# Of a body, to show it later. There may be hundreds of them.
_MAX_RECORDED_BYTES = 200_000
_MAX_REQUESTS = 40
_MAX_REQUEST_BYTES = 10_000
_END_OF_STREAM = b"[DONE]"


class Stopped(BaseException):
    """The user has stopped the experiment. Not an Exception, so that no policy retries after it."""


@dataclass(slots=True, eq=False)
class HttpAttempt:
    """One HTTP request. Times are seconds after the start of the experiment.

    *error* is the class of what the HTTP client raised, *problem* what the server sent with an error status.
    A body is *complete* if it was read to the end that its format prescribes; *pieces* are what arrived of it
    and when, unless it is long. *request* is the JSON that was sent, unless it is long.
    """

    started: float
    headers_at: float | None = None
    ended: float | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""
    problem: ErrorResponse | None = None
    complete: bool = False
    request: bytes = b"null"
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    size: int = 0
    tail: bytes = b""

    @property
    def succeeded(self) -> bool:
        """Whether the response arrived without an error status, whatever its body is."""
        return self.status is not None and self.status < 400 and not self.error

    @property
    def is_permanent(self) -> bool:
        """Whether the server's answer will be the same to the same request."""
        return self.problem is not None and not self.problem.retryable

    @property
    def is_stream(self) -> bool:
        return "event-stream" in self.headers.get("content-type", "")

    @property
    def is_cut(self) -> bool:
        """Whether a stream that began without an error lacks its end."""
        return self.is_stream and self.status == 200 and not self.complete

    @property
    def retry_after(self) -> float | None:
        return self.problem.retry_after if self.problem else None

    @property
    def body(self) -> bytes:
        """What was recorded of the body."""
        return b"".join(data for _, data in list(self.pieces))

    @property
    def completion(self) -> JsonObject:
        """The JSON object of a reply that was read to its end; an empty one for anything else."""
        if not (self.succeeded and self.complete and self.ended is not None):
            return {}
        try:
            return json_object(parse_json(self.body))
        except ValueError:
            return {}


class AttemptRecorder:
    """The requests of a policy or a strategy, in order. *clock* gives the seconds since its start."""

    def __init__(self, clock: Callable[[], float], max_requests: int = _MAX_REQUESTS) -> None:
        self.attempts: list[HttpAttempt] = []
        self.is_stopped = False
        self._clock = clock
        self._max_requests = max_requests

    def begin(self, request: "httpx2.Request") -> HttpAttempt:
        if self.is_stopped or len(self.attempts) >= self._max_requests:
            raise Stopped
        attempt = HttpAttempt(self._clock())
        is_json = request.headers.get("content-type") == "application/json"
        if is_json and len(request.content) <= _MAX_REQUEST_BYTES:
            attempt.request = request.content
        self.attempts.append(attempt)
        return attempt

    def record_headers(self, attempt: HttpAttempt, response: "httpx2.Response") -> None:
        """Record what has arrived before the body. Raises CompressedResponse."""
        attempt.headers_at = self._clock()
        attempt.status = response.status_code
        attempt.headers = safe_headers(response.headers)
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise CompressedResponse(encoding)

    def record_piece(self, attempt: HttpAttempt, data: bytes) -> None:
        """Record a piece of the body. Raises ResponseTooLarge, and Stopped if the experiment was stopped."""
        if self.is_stopped:
            raise Stopped
        attempt.size += len(data)
        if attempt.size > _MAX_BODY_BYTES:
            raise ResponseTooLarge(_MAX_BODY_BYTES)
        if attempt.size <= _MAX_RECORDED_BYTES:
            attempt.pieces.append((self._clock(), data))
        attempt.tail = (attempt.tail + data)[-100:]  # two pieces may share the mark
        if attempt.is_stream and _END_OF_STREAM in attempt.tail:
            attempt.complete = True

    def record_problem(self, attempt: HttpAttempt, response: "httpx2.Response") -> None:
        """Read what an error response says, whose body has been read."""
        try:
            body = json.loads(response.content)
        except ValueError:
            body = None
        error = SimpleNamespace(
            response=response,
            body=body.get("error", body) if isinstance(body, dict) else None,
            status_code=response.status_code,
        )
        attempt.problem = parse_error(cast(Any, error))

    def end(self, attempt: HttpAttempt, error: BaseException | None = None) -> None:
        attempt.ended = attempt.ended or self._clock()
        if error:
            attempt.error = attempt.error or type(error).__name__

    @contextmanager
    def reading(self, attempt: HttpAttempt) -> Iterator[None]:
        """Record the end of the body that is read within: its own, an error, or that it was closed before."""
        try:
            yield
        except GeneratorExit:  # closed after the last event: what follows is not read
            self.end(attempt)
            raise
        except BaseException as error:
            self.end(attempt, error)
            raise
        attempt.complete = attempt.complete or not attempt.is_stream
        self.end(attempt)
