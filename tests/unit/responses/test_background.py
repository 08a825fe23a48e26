"""A response in the background is requested again until it ends, and cancelled when the call is stopped."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI

from core.calls import execute
from core.client.retry import RetryPolicy
from core.responses import call
from core.responses.call import ResponseCall
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from tests.servers import ReceivedRequest, StubResponse, event_stream, http_response, in_sequence, stub_server
from tests.unit.completions.test_call import new_client
from tests.unit.responses.test_call import ADDED, DELTAS, message, snapshot

PARAMS: dict[str, Any] = {"model": "gpt-6-luna", "input": "What is 6 times 7?", "background": True}


@pytest.fixture(scope="module")
def server() -> Any:
    with SandboxServer() as server:
        yield server


@pytest.fixture
async def client(server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncOpenAI]:
    monkeypatch.setattr(call, "POLL_INTERVAL", 0.01)
    server.reset()
    async with new_client(server.url) as client:
        yield client.with_options(api_key=server.key)


async def test_polls_until_the_response_has_ended(server: SandboxServer, client: AsyncOpenAI) -> None:
    server.settings.update({"latency": "ttft=0.3,tps=1000"})
    log = RunLog(Run("chat", ResponseCall.endpoint, PARAMS))
    await execute(client, ResponseCall(), PARAMS, log, RetryPolicy(0))
    run = log.snapshot()

    assert (run.state, run.finish_reason) == (RunState.DONE, "stop")
    assert "42" in run.text
    assert run.usage
    assert len([event for event in log.events if event.kind == "body"]) > 1


async def test_cancels_the_response_when_it_is_stopped(server: SandboxServer, client: AsyncOpenAI) -> None:
    server.settings.update({"latency": "ttft=60"})
    log = RunLog(Run("chat", ResponseCall.endpoint, PARAMS))
    stopped = ResponseCall()
    task = asyncio.create_task(execute(client, stopped, PARAMS, log, RetryPolicy(0)))
    while not (response_id := stopped.result_fields().get("response", {}).get("id")):
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (await client.responses.retrieve(response_id)).status == "cancelled"


COMPLETED = http_response(snapshot("completed", [message("Hello!")]))
UNAVAILABLE = http_response({"error": {"message": "Broken"}}, 500, retry_after_ms="1")


async def poll(
    monkeypatch: pytest.MonkeyPatch, params: dict[str, Any], *responses: StubResponse
) -> tuple[Run, list[ReceivedRequest]]:
    """Make a call to a stub server that sends *responses*, and return its run and the requests."""
    monkeypatch.setattr(call, "POLL_INTERVAL", 0.01)
    log = RunLog(Run("chat", ResponseCall.endpoint, params))
    async with stub_server(in_sequence(*responses)) as server, new_client(server.url) as client:
        await execute(client, ResponseCall(), params, log, RetryPolicy(2, lambda: 1.0))
    return log.snapshot(), server.requests


@pytest.mark.parametrize("failure", [UNAVAILABLE, ()], ids=["server error", "closed connection"])
async def test_polls_again_after_a_failed_poll(
    monkeypatch: pytest.MonkeyPatch, failure: StubResponse
) -> None:
    run, requests = await poll(monkeypatch, PARAMS, http_response(snapshot("queued")), failure, COMPLETED)

    assert (run.state, run.text, len(run.attempts)) == (RunState.DONE, "Hello!", 1)
    assert [request.method for request in requests] == ["POST", "GET", "GET"]


async def test_polls_on_after_more_failures_than_a_call_has_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    queued = http_response(snapshot("queued"))
    failures_far_apart = (UNAVAILABLE, queued) * 4

    run, requests = await poll(monkeypatch, PARAMS, queued, *failures_far_apart, COMPLETED)

    assert (run.state, run.text, len(run.attempts)) == (RunState.DONE, "Hello!", 4)
    assert [request.method for request in requests].count("POST") == 1


async def test_polls_after_the_stream_has_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    created = {"type": "response.created", "response": snapshot("in_progress")}
    head, body = event_stream(created, ADDED, *DELTAS[:2], done=False)
    assert isinstance(head, bytes)
    assert isinstance(body, bytes)
    # The connection closes before the length is reached.
    broken = (head.replace(b"connection:", b"content-length: 999999\r\nconnection:"), body)
    run, requests = await poll(monkeypatch, {**PARAMS, "stream": True}, broken, COMPLETED)

    assert (run.state, run.text) == (RunState.DONE, "Hello!")
    assert [request.method for request in requests] == ["POST", "GET"]


async def test_requests_the_additional_output_of_the_response_again(monkeypatch: pytest.MonkeyPatch) -> None:
    params = {**PARAMS, "include": ["reasoning.encrypted_content"]}
    _, requests = await poll(monkeypatch, params, http_response(snapshot("queued")), COMPLETED)

    assert "reasoning.encrypted_content" in requests[1].path


async def test_cancels_a_response_that_ignores_the_previous_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "POLL_INTERVAL", 0.01)
    params = {**PARAMS, "previous_response_id": "resp_0"}
    ignoring = http_response(snapshot("queued", id="resp_9"))
    cancelled = http_response(snapshot("cancelled", id="resp_9"))
    log = RunLog(Run("chat", ResponseCall.endpoint, params))
    responses = in_sequence(ignoring, cancelled, http_response(snapshot("queued")), COMPLETED)
    async with stub_server(responses) as server, new_client(server.url) as client:
        await execute(client, ResponseCall(PARAMS["input"]), params, log, RetryPolicy(0))

    paths = [(request.method, request.path.partition("/responses")[2]) for request in server.requests]
    assert paths[:3] == [("POST", ""), ("POST", "/resp_9/cancel"), ("POST", "")]
    assert log.snapshot().text == "Hello!"
