"""SDK clients whose requests are recorded.

Importing this module loads the SDK: import it where an experiment runs.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
from openai import DEFAULT_CONNECTION_LIMITS, AsyncOpenAI, OpenAI, Timeout

from core.client.client import CONNECT_TIMEOUT, client_options, ssl_context
from core.client.profile import Profile, is_loopback
from core.resilience.attempts import AttemptRecorder, HttpAttempt


@contextmanager
def recorded_client(profile: Profile, recorder: AttemptRecorder, timeout: float) -> Iterator[OpenAI]:
    """Yield a sync client with the retries of the SDK, and a read timeout of *timeout* seconds."""
    with _HttpClient(recorder, **_http_options(profile)) as http_client:
        yield OpenAI(**client_options(profile), timeout=_timeout(timeout), http_client=http_client)


@asynccontextmanager
async def recorded_async_client(
    profile: Profile, recorder: AttemptRecorder, timeout: float
) -> AsyncIterator[AsyncOpenAI]:
    """Yield an async client with the retries of the SDK, and a read timeout of *timeout* seconds."""
    async with _AsyncHttpClient(recorder, **_http_options(profile)) as http_client:
        yield AsyncOpenAI(**client_options(profile), timeout=_timeout(timeout), http_client=http_client)


def _timeout(seconds: float) -> Timeout:
    return Timeout(seconds, connect=CONNECT_TIMEOUT)


def _http_options(profile: Profile) -> dict[str, Any]:
    return {
        "verify": ssl_context(),
        "trust_env": not is_loopback(profile.base_url),
        "follow_redirects": False,
        # Those of the SDK. The HTTP client's own would hold back what is sent at the same time.
        "limits": DEFAULT_CONNECTION_LIMITS,
    }


class _HttpClient(httpx2.Client):
    def __init__(self, recorder: AttemptRecorder, **options: Any) -> None:
        super().__init__(**options)
        self._recorder = recorder

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        attempt = self._recorder.begin(request)
        try:
            response = super().send(request, stream=True, **options)
            self._recorder.record_headers(attempt, response)
            response.stream = _Body(response.stream, self._recorder, attempt)
            if not stream or response.is_error:
                response.read()
        except BaseException as error:
            self._recorder.end(attempt, error)
            raise
        if response.is_error:
            self._recorder.record_problem(attempt, response)
        return response


class _AsyncHttpClient(httpx2.AsyncClient):
    def __init__(self, recorder: AttemptRecorder, **options: Any) -> None:
        super().__init__(**options)
        self._recorder = recorder

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        attempt = self._recorder.begin(request)
        try:
            response = await super().send(request, stream=True, **options)
            self._recorder.record_headers(attempt, response)
            response.stream = _Body(response.stream, self._recorder, attempt)
            if not stream or response.is_error:
                await response.aread()
        except BaseException as error:
            self._recorder.end(attempt, error)
            raise
        if response.is_error:
            self._recorder.record_problem(attempt, response)
        return response


class _Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that is recorded while it is read."""

    def __init__(self, stream: Any, recorder: AttemptRecorder, attempt: HttpAttempt) -> None:
        self._stream = stream
        self._recorder = recorder
        self._attempt = attempt

    def __iter__(self) -> Iterator[bytes]:
        with self._recorder.reading(self._attempt):
            for data in self._stream:
                self._recorder.record_piece(self._attempt, data)
                yield data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with self._recorder.reading(self._attempt):
            async for data in self._stream:
                self._recorder.record_piece(self._attempt, data)
                yield data

    def close(self) -> None:
        self._recorder.end(self._attempt)
        self._stream.close()

    async def aclose(self) -> None:
        self._recorder.end(self._attempt)
        await self._stream.aclose()
