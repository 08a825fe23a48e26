"""The HTTP requests of an experiment, recorded by the HTTP client that its SDK client uses.

Importing this module loads httpx2: import it where an experiment runs.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import httpx2

from core.errors.response import ErrorResponse, parse_error
from core.http.limits import CompressedResponse, ResponseTooLarge
from core.json_values import json_object
from core.pricing.usage import Usage
from core.runs.log import safe_headers

_MAX_BODY_BYTES = 4_000_000
_MAX_REQUESTS = 40
_MAX_REQUEST_BYTES = 10_000
_END_OF_STREAM = b"[DONE]"


class Stopped(BaseException):
    """The user has stopped the experiment. Not an Exception, so that no policy retries after it."""


@dataclass(slots=True, eq=False)
class HttpAttempt:
    """One HTTP request. Times are seconds after the start of the experiment.

    *error* is the class of what the HTTP client raised, *problem* what the server sent with an error status,
    *usage* that of a reply that is not streamed. A body is *complete* if it was read to the end that its
    format prescribes. *request* is the JSON that was sent, unless it is long.
    """

    started: float
    headers_at: float | None = None
    ended: float | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""
    problem: ErrorResponse | None = None
    usage: Usage | None = None
    complete: bool = False
    request: bytes = b"null"

    @property
    def succeeded(self) -> bool:
        """Whether the response arrived without an error status, whatever its body is."""
        return self.status is not None and self.status < 400 and not self.error

    @property
    def is_permanent(self) -> bool:
        """Whether the server's answer will be the same to the same request."""
        return self.problem is not None and not self.problem.retryable

    @property
    def is_cut(self) -> bool:
        """Whether a stream that began without an error lacks its end."""
        is_stream = "event-stream" in self.headers.get("content-type", "")
        return is_stream and self.status == 200 and not self.complete

    @property
    def retry_after(self) -> float | None:
        return self.problem.retry_after if self.problem else None


class AttemptRecorder:
    """The requests of a policy or a strategy, in order. *clock* gives the seconds since its start."""

    def __init__(self, clock: Callable[[], float], max_requests: int = _MAX_REQUESTS) -> None:
        self.attempts: list[HttpAttempt] = []
        self.is_stopped = False
        self._clock = clock
        self._max_requests = max_requests

    def begin(self, request: httpx2.Request) -> HttpAttempt:
        if self.is_stopped or len(self.attempts) >= self._max_requests:
            raise Stopped
        attempt = HttpAttempt(self._clock())
        is_json = request.headers.get("content-type") == "application/json"
        if is_json and len(request.content) <= _MAX_REQUEST_BYTES:
            attempt.request = request.content
        self.attempts.append(attempt)
        return attempt

    def record_headers(self, attempt: HttpAttempt, response: httpx2.Response) -> None:
        attempt.headers_at = self._clock()
        attempt.status = response.status_code
        attempt.headers = safe_headers(response.headers)

    def record_body(self, attempt: HttpAttempt, response: httpx2.Response) -> None:
        """Read what a response that has arrived says: its error, or its usage."""
        try:
            body = json.loads(response.content)
        except ValueError:
            body = None
        if not response.is_error:
            attempt.usage = Usage.of(json_object(body).get("usage"))
            return
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

    def body(self, response: httpx2.Response, attempt: HttpAttempt) -> "_Body":
        """Return the body of *response* to read it through. Raises CompressedResponse."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise CompressedResponse(encoding)
        is_stream = "event-stream" in response.headers.get("content-type", "")
        return _Body(response.stream, self, attempt, is_stream)

    def check(self) -> None:
        """Raise Stopped if the experiment was stopped."""
        if self.is_stopped:
            raise Stopped


class _Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that records its end, and breaks off if it is too long."""

    def __init__(self, stream: Any, recorder: AttemptRecorder, attempt: HttpAttempt, is_stream: bool) -> None:
        self._stream = stream
        self._recorder = recorder
        self._attempt = attempt
        self._is_stream = is_stream
        self._size = 0
        self._tail = b""

    def __iter__(self) -> Iterator[bytes]:
        try:
            for data in self._stream:
                self._count(data)
                yield data
        except GeneratorExit:  # closed after the last event: what follows is not read
            self._recorder.end(self._attempt)
            raise
        except BaseException as error:
            self._recorder.end(self._attempt, error)
            raise
        self._at_end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._stream:
                self._count(data)
                yield data
        except GeneratorExit:  # closed after the last event: what follows is not read
            self._recorder.end(self._attempt)
            raise
        except BaseException as error:
            self._recorder.end(self._attempt, error)
            raise
        self._at_end()

    def close(self) -> None:
        self._recorder.end(self._attempt)
        self._stream.close()

    async def aclose(self) -> None:
        self._recorder.end(self._attempt)
        await self._stream.aclose()

    def _count(self, data: bytes) -> None:
        self._recorder.check()
        self._size += len(data)
        if self._size > _MAX_BODY_BYTES:
            raise ResponseTooLarge(_MAX_BODY_BYTES)
        self._tail = (self._tail + data)[-100:]
        if self._is_stream and _END_OF_STREAM in self._tail:
            self._attempt.complete = True

    def _at_end(self) -> None:
        self._attempt.complete = self._attempt.complete or not self._is_stream
        self._recorder.end(self._attempt)


class RecordingClient(httpx2.Client):
    """The HTTP client of a sync SDK client."""

    def __init__(self, recorder: AttemptRecorder, **options: Any) -> None:
        super().__init__(**options)
        self._recorder = recorder

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        attempt = self._recorder.begin(request)
        try:
            response = super().send(request, stream=True, **options)
            self._recorder.record_headers(attempt, response)
            response.stream = self._recorder.body(response, attempt)
            if not stream or response.is_error:
                response.read()
        except BaseException as error:
            self._recorder.end(attempt, error)
            raise
        if not stream or response.is_error:
            self._recorder.record_body(attempt, response)
        return response


class RecordingAsyncClient(httpx2.AsyncClient):
    """The HTTP client of an async SDK client."""

    def __init__(self, recorder: AttemptRecorder, **options: Any) -> None:
        super().__init__(**options)
        self._recorder = recorder

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        attempt = self._recorder.begin(request)
        try:
            response = await super().send(request, stream=True, **options)
            self._recorder.record_headers(attempt, response)
            response.stream = self._recorder.body(response, attempt)
            if not stream or response.is_error:
                await response.aread()
        except BaseException as error:
            self._recorder.end(attempt, error)
            raise
        if not stream or response.is_error:
            self._recorder.record_body(attempt, response)
        return response
