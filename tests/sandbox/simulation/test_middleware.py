"""Access control, limits, response headers and the request log."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from core.sandbox.server import SandboxServer
from tests.sandbox.client import CHAT_MODEL, ChatHelper

MESSAGES: Any = [{"role": "user", "content": "count to 30"}]
VALID_REQUEST = {"model": CHAT_MODEL, "messages": MESSAGES}


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait for *condition*, and return whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def request_log_entries(http_client: httpx2.Client) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = http_client.get("/sandbox/requests").json()["data"]
    return entries


@pytest.mark.parametrize("path", ["/v1/models", "/sandbox/settings", "/sandbox/requests", "/nothing"])
def test_rejects_a_wrong_key_for_every_path(http_client: httpx2.Client, path: str) -> None:
    response = http_client.get(path, headers={"authorization": "Bearer sk-wrong-key-1234"})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")
    assert "sk-wrong-key" not in response.text


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Token x"])
def test_rejects_a_request_without_a_key(http_client: httpx2.Client, header: str) -> None:
    response = http_client.get("/v1/models", headers={"authorization": header})
    assert response.status_code == 401
    assert response.json()["error"]["message"].startswith("You didn't provide an API key")


def test_makes_the_sdk_raise_an_authentication_error(client: OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-wrong").models.list()


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "", "0.0.0.0", "localhost:80:80"]
)
def test_rejects_other_host_names_than_loopback(http_client: httpx2.Client, host: str) -> None:
    response = http_client.get("/v1/models", headers={"host": host})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "host_refused")


@pytest.mark.parametrize("host", ["localhost", "localhost:8123", "127.0.0.1:1", "[::1]:80"])
def test_accepts_every_loopback_host_name(http_client: httpx2.Client, host: str) -> None:
    assert http_client.get("/v1/models", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:8501"])
def test_rejects_requests_from_web_pages(http_client: httpx2.Client, origin: str) -> None:
    response = http_client.get("/v1/models", headers={"origin": origin})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data", ""])
def test_rejects_other_content_types_than_json(http_client: httpx2.Client, content_type: str) -> None:
    response = http_client.post("/v1/chat/completions", content=b"{}", headers={"content-type": content_type})
    assert response.status_code == 415


def test_rejects_a_body_that_is_too_large(http_client: httpx2.Client) -> None:
    body = b'{"model": "' + b"x" * (64 * 2**20) + b'"}'
    response = http_client.post(
        "/v1/chat/completions", content=body, headers={"content-type": "application/json"}
    )
    assert (response.status_code, response.json()["error"]["code"]) == (413, "request_too_large")


def test_rejects_a_large_body_without_a_content_length(http_client: httpx2.Client) -> None:
    response = http_client.post(
        "/v1/chat/completions",
        content=(b"x" * 2**20 for _ in range(66)),
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 413


API_HEADERS = [
    "x-sandbox",
    "x-request-id",
    "openai-processing-ms",
    "openai-version",
]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/sandbox/settings"])
def test_sends_the_headers_of_the_api_with_every_response(http_client: httpx2.Client, path: str) -> None:
    assert set(API_HEADERS) <= set(http_client.get(path).headers)


def test_sends_the_headers_of_the_api_with_streams_and_errors(
    client: OpenAI, http_client: httpx2.Client
) -> None:
    raw = client.chat.completions.with_raw_response.create(**VALID_REQUEST, stream=True)
    error = http_client.get("/v1/models", headers={"authorization": "Bearer no"})
    assert all(set(API_HEADERS) <= set(headers) for headers in (raw.headers, error.headers))
    assert list(raw.parse())


async def test_limits_concurrent_requests() -> None:
    with SandboxServer() as server:
        url, headers = server.url.removesuffix("/v1"), {"authorization": f"Bearer {server.key}"}
        limits = httpx2.Limits(max_connections=200)
        async with httpx2.AsyncClient(
            base_url=url, headers=headers, limits=limits, trust_env=False, timeout=60
        ) as client:

            async def post(latency: str) -> int:
                headers = {"x-sandbox-latency": latency}
                response = await client.post("/v1/chat/completions", json=VALID_REQUEST, headers=headers)
                return response.status_code

            waiting = [asyncio.create_task(post("ttft=600")) for _ in range(100)]
            while len((await client.get("/sandbox/requests")).json()["data"]) < 100:
                await asyncio.sleep(0.01)
            assert await post("instant") == 503

            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            while await post("instant") != 200:
                await asyncio.sleep(0.01)


def test_logs_a_request_without_its_prompt_or_key(
    http_client: httpx2.Client, server: SandboxServer, chat: ChatHelper
) -> None:
    chat("my secret plan")
    # The client has its response a moment before the server is at the end of the request.
    assert wait_until(lambda: request_log_entries(http_client)[0]["ended"] is not None)
    (entry,) = request_log_entries(http_client)
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/v1/chat/completions", 200)
    assert entry["ended"] >= entry["started"]
    assert "secret" not in str(entry)
    assert server.key not in str(entry)


def test_stops_and_logs_it_when_the_client_disconnects(client: OpenAI, http_client: httpx2.Client) -> None:
    stream = client.chat.completions.create(
        **VALID_REQUEST, stream=True, extra_headers={"x-sandbox-fault": "stall"}
    )
    next(iter(stream))
    stream.close()
    assert wait_until(lambda: request_log_entries(http_client)[-1]["ended"] is not None)
    assert request_log_entries(http_client)[-1]["disconnected"]


async def test_stops_when_a_task_is_cancelled_before_the_first_token(
    async_client: AsyncOpenAI, http_client: httpx2.Client
) -> None:
    task = asyncio.ensure_future(
        async_client.chat.completions.create(**VALID_REQUEST, extra_headers={"x-sandbox-latency": "ttft=60"})
    )
    assert await asyncio.to_thread(wait_until, lambda: len(request_log_entries(http_client)) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(
        wait_until, lambda: bool(request_log_entries(http_client)[-1]["disconnected"])
    )


def test_does_not_log_a_complete_reply_as_disconnected(chat: ChatHelper, http_client: httpx2.Client) -> None:
    chat.stream("count to 300")
    assert wait_until(lambda: request_log_entries(http_client)[-1]["ended"] is not None)
    assert request_log_entries(http_client)[-1]["disconnected"] is False


def test_writes_no_keys_or_paths_to_the_logs(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), SandboxServer() as server:
        root = server.url.removesuffix("/v1")
        headers = {"authorization": f"Bearer {server.key}"}
        httpx2.get(f"{root}/v1/very-private-path", headers=headers, trust_env=False)
    messages = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    output = "\n".join([*messages, *capfd.readouterr()])
    assert server.key not in output
    assert "very-private-path" not in output
