"""The SDK clients of the experiments, which read from servers that are not trusted."""

import asyncio
import gzip
import time

import pytest
from pydantic import SecretStr

from core.client.profile import Profile
from core.http.limits import CompressedResponse
from core.resilience.attempts import AttemptRecorder
from core.resilience.recorded_clients import recorded_async_client, recorded_client
from tests.servers import http_response, stub_server

BOMB = gzip.compress(b" " * 50_000_000, 1)


def profile(base_url: str) -> Profile:
    key = SecretStr("sk-test")
    return Profile(id="test", name="Test", kind="custom", base_url=base_url, api_key=key, max_retries=0)


@pytest.mark.parametrize("status", [200, 500])
async def test_does_not_decompress_what_it_did_not_request(status: int) -> None:
    response = http_response(BOMB, status, content_encoding="gzip")
    recorder = AttemptRecorder(time.monotonic)
    async with stub_server(response) as server:
        async with recorded_async_client(profile(server.url), recorder, 10) as client:
            with pytest.raises(CompressedResponse):
                await client.models.list()

        def list_models() -> None:
            with recorded_client(profile(server.url), recorder, 10) as client:
                client.models.list()

        with pytest.raises(CompressedResponse):
            await asyncio.to_thread(list_models)
    assert {attempt.error for attempt in recorder.attempts} == {"CompressedResponse"}
