"""Who may ask the sandbox, and what it writes down about it."""

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
from core.sandbox.simulation.middleware import mask_key
from core.sandbox.simulation.rate_limits import RateLimitCounter
from tests.sandbox.client import CHAT_MODEL, ChatHelper

HI: Any = [{"role": "user", "content": "count to 30"}]
GOOD = {"model": CHAT_MODEL, "messages": HI}


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> bool:
    """Wait for *condition*, and tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def request_log_entries(http: httpx2.Client) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = http.get("/sandbox/journal").json()["data"]
    return entries


@pytest.mark.parametrize("path", ["/v1/models", "/sandbox/controls", "/sandbox/journal", "/nothing"])
def test_refuses_a_wrong_key_everywhere(http: httpx2.Client, path: str) -> None:
    reply = http.get(path, headers={"authorization": "Bearer sk-wrong-key-1234"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
    assert "sk-wrong-key" not in reply.text


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Token x"])
def test_asks_for_a_key(http: httpx2.Client, header: str) -> None:
    reply = http.get("/v1/models", headers={"authorization": header})
    assert reply.status_code == 401
    assert reply.json()["error"]["message"].startswith("You didn't provide an API key")


def test_raises_what_the_sdk_calls_an_authentication_error(sdk: OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        sdk.with_options(api_key="sk-wrong").models.list()


@pytest.mark.parametrize("key", ["", "a", "12345678", "sk-sandbox-secret"])
def test_never_shows_a_whole_key(key: str) -> None:
    assert key not in mask_key(key) or not key


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:80", "127.0.0.1.evil.test", "", "0.0.0.0", "localhost:80:80"]
)
def test_answers_to_loopback_names_only(http: httpx2.Client, host: str) -> None:
    reply = http.get("/v1/models", headers={"host": host})
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "host_refused")


@pytest.mark.parametrize("host", ["localhost", "localhost:8123", "127.0.0.1:1", "[::1]:80"])
def test_answers_to_every_loopback_name(http: httpx2.Client, host: str) -> None:
    assert http.get("/v1/models", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://127.0.0.1:8501"])
def test_answers_no_web_page(http: httpx2.Client, origin: str) -> None:
    reply = http.get("/v1/models", headers={"origin": origin})
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", ""])
def test_takes_json_only(http: httpx2.Client, kind: str) -> None:
    reply = http.post("/v1/chat/completions", content=b"{}", headers={"content-type": kind})
    assert reply.status_code == 415


def test_refuses_a_body_that_is_too_large(http: httpx2.Client) -> None:
    body = b'{"model": "' + b"x" * (64 * 2**20) + b'"}'
    reply = http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "request_too_large")


def test_refuses_a_large_body_of_unknown_length(http: httpx2.Client) -> None:
    reply = http.post(
        "/v1/chat/completions",
        content=(b"x" * 2**20 for _ in range(66)),
        headers={"content-type": "application/json"},
    )
    assert reply.status_code == 413


HEADERS = [
    "x-sandbox",
    "x-request-id",
    "openai-processing-ms",
    "openai-version",
    "x-ratelimit-remaining-requests",
]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/nothing", "/sandbox/controls"])
def test_carries_the_headers_of_the_api_on_every_answer(http: httpx2.Client, path: str) -> None:
    assert set(HEADERS) <= set(http.get(path).headers)


def test_carries_them_on_streams_and_refusals(sdk: OpenAI, http: httpx2.Client) -> None:
    raw = sdk.chat.completions.with_raw_response.create(**GOOD, stream=True)
    refused = http.get("/v1/models", headers={"authorization": "Bearer no"})
    assert all(set(HEADERS) <= set(headers) for headers in (raw.headers, refused.headers))
    assert list(raw.parse())


def test_bounds_how_many_requests_it_takes_at_a_time() -> None:
    async def flood(server: SandboxServer) -> list[int]:
        headers = {"authorization": f"Bearer {server.key}", "x-sandbox-pace": "ttft=2"}
        limits = httpx2.Limits(max_connections=200)
        async with httpx2.AsyncClient(headers=headers, limits=limits, trust_env=False, timeout=30) as client:
            posts = [client.post(f"{server.url}/chat/completions", json=GOOD) for _ in range(120)]
            return [reply.status_code for reply in await asyncio.gather(*posts)]

    with SandboxServer() as server:
        statuses = asyncio.run(flood(server))
    assert 503 in statuses
    assert 200 in statuses


def test_journals_a_request_without_prompt_or_key(
    http: httpx2.Client, server: SandboxServer, ask: ChatHelper
) -> None:
    ask("my secret plan")
    (entry,) = request_log_entries(http)
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/v1/chat/completions", 200)
    assert entry["ended"] >= entry["started"]
    assert "secret" not in str(entry)
    assert server.key not in str(entry)


def test_stops_and_says_so_when_the_client_leaves(sdk: OpenAI, http: httpx2.Client) -> None:
    stream = sdk.chat.completions.create(**GOOD, stream=True, extra_headers={"x-sandbox-fault": "stall"})
    next(iter(stream))
    stream.close()
    assert wait_until(lambda: bool(request_log_entries(http)[-1]["disconnected"]))
    assert request_log_entries(http)[-1]["ended"] is not None


async def test_stops_when_a_task_is_cancelled_before_the_first_token(
    aio: AsyncOpenAI, http: httpx2.Client
) -> None:
    task = asyncio.ensure_future(
        aio.chat.completions.create(**GOOD, extra_headers={"x-sandbox-pace": "ttft=60"})
    )
    assert await asyncio.to_thread(wait_until, lambda: len(request_log_entries(http)) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(wait_until, lambda: bool(request_log_entries(http)[-1]["disconnected"]))


def test_does_not_call_a_whole_reply_disconnected(ask: ChatHelper, http: httpx2.Client) -> None:
    ask.stream("count to 300")
    assert wait_until(lambda: request_log_entries(http)[-1]["ended"] is not None)
    assert request_log_entries(http)[-1]["disconnected"] is False


def test_logs_neither_keys_nor_paths(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), SandboxServer() as server:
        root = server.url.removesuffix("/v1")
        headers = {"authorization": f"Bearer {server.key}"}
        httpx2.get(f"{root}/v1/very-private-path", headers=headers, trust_env=False)
    ours = [
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    ]
    written = "\n".join([*ours, *capfd.readouterr()])
    assert server.key not in written
    assert "very-private-path" not in written


def test_reports_what_is_left_of_its_limits_and_gives_it_back_after_a_minute() -> None:
    now = 0.0
    meter = RateLimitCounter(lambda: now)
    meter.add_request()
    meter.add_tokens(500)
    assert meter.headers()["x-ratelimit-remaining-tokens"] == "1999500"
    now = 59.0
    assert meter.headers()["x-ratelimit-reset-requests"] == "1.000s"
    now = 60.0
    assert meter.headers()["x-ratelimit-remaining-requests"] == "10000"


def test_reports_the_tokens_of_a_reply(sdk: OpenAI) -> None:
    before, after = (sdk.chat.completions.with_raw_response.create(**GOOD).headers for _ in range(2))
    name = "x-ratelimit-remaining-tokens"
    assert int(after[name]) < int(before[name])
