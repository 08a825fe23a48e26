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
from tests.unit.completions.test_call import new_client

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
