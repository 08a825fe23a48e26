"""SDK clients whose requests are recorded.

Importing this module loads the SDK: import it where an experiment runs.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from openai import AsyncOpenAI, OpenAI, Timeout

from core.client.client import CONNECT_TIMEOUT, client_options, ssl_context
from core.client.profile import Profile, is_loopback
from core.resilience.attempts import AttemptRecorder, RecordingAsyncClient, RecordingClient


@contextmanager
def recorded_client(profile: Profile, recorder: AttemptRecorder, timeout: float) -> Iterator[OpenAI]:
    """Yield a sync client with the retries of the SDK, and a read timeout of *timeout* seconds."""
    with RecordingClient(recorder, **_http_options(profile)) as http_client:
        yield OpenAI(**client_options(profile), timeout=_timeout(timeout), http_client=http_client)


@asynccontextmanager
async def recorded_async_client(
    profile: Profile, recorder: AttemptRecorder, timeout: float
) -> AsyncIterator[AsyncOpenAI]:
    """Yield an async client with the retries of the SDK, and a read timeout of *timeout* seconds."""
    async with RecordingAsyncClient(recorder, **_http_options(profile)) as http_client:
        yield AsyncOpenAI(**client_options(profile), timeout=_timeout(timeout), http_client=http_client)


def _timeout(seconds: float) -> Timeout:
    return Timeout(seconds, connect=CONNECT_TIMEOUT)


def _http_options(profile: Profile) -> dict[str, Any]:
    return {
        "verify": ssl_context(),
        "trust_env": not is_loopback(profile.base_url),
        "follow_redirects": False,
    }
