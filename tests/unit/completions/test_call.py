"""However a server responds, the log has what was received, how the reply ended, and why."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, Timeout

from core.calls import execute
from core.client.retry import RetryPolicy
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.generation.call import MAX_REPLY_CHARACTERS
from core.http.client import BoundedHttpClient
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from tests.servers import (
    ConnectionFault,
    RequestHandler,
    StubResponse,
    chunk,
    event_stream,
    http_response,
    stub_server,
)

PARAMS = ChatSettings(model="gpt-4o-mini").request_params([{"role": "user", "content": "Tell me something."}])
PARAMS_WITHOUT_STREAM = ChatSettings(model="gpt-4o-mini", stream=False).request_params(
    [{"role": "user", "content": "Hello"}]
)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
async def client(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    server.reset()
    async with new_client(server.url, server.key) as client:
        yield client


def new_client(url: str, key: str = "k", timeout: float = 20) -> AsyncOpenAI:
    """Create a client like `core.client.client` does, but with a connection pool of its own."""
    pool = BoundedHttpClient(trust_env=False)
    return AsyncOpenAI(
        base_url=url, api_key=key, max_retries=0, timeout=Timeout(timeout, connect=20), http_client=pool
    )


async def run_call(client: AsyncOpenAI, params: dict[str, Any] = PARAMS, fault: str = "") -> Run:
    """Make one call, in which the sandbox produces *fault*, and return its run."""
    log = RunLog(Run("chat", ChatCompletionCall.endpoint, params))
    headers = {"extra_headers": {"x-sandbox-fault": fault}} if fault else {}
    await execute(client, ChatCompletionCall(), {**params, **headers}, log, RetryPolicy(2, lambda: 1.0))
    return log.snapshot()


async def run_stub_call(response: RequestHandler | StubResponse, timeout: float = 20) -> Run:
    """Make one call to a stub server that sends *response*, and return its run."""
    async with stub_server(response) as server, new_client(server.url, timeout=timeout) as client:
        return await run_call(client)


async def test_streams_a_reply_to_its_end(client: AsyncOpenAI) -> None:
    run = await run_call(client)

    assert run.state is RunState.DONE
    assert run.finish_reason == "stop"
    assert run.usage
    assert run.usage.output_tokens > 10
    assert run.first_token is not None
    assert (run.status, run.model) == (200, "gpt-4o-mini")
    assert run.request_id
    assert run.request_id.startswith("req_")


async def test_gets_a_reply_without_streaming(client: AsyncOpenAI) -> None:
    run = await run_call(client, PARAMS_WITHOUT_STREAM)

    assert run.state is RunState.DONE
    assert run.response
    assert run.text == run.response["choices"][0]["message"]["content"]


async def test_gets_the_same_reply_with_and_without_streaming(client: AsyncOpenAI) -> None:
    complete = await run_call(client, {**PARAMS_WITHOUT_STREAM, "seed": 3})
    streamed = await run_call(client, {**PARAMS_WITHOUT_STREAM, "seed": 3, "stream": True})

    assert streamed.text == complete.text
    assert streamed.response
    assert complete.response
    assert streamed.response["choices"][0]["message"]["content"] == complete.text


async def test_records_every_event_as_received(client: AsyncOpenAI) -> None:
    log = RunLog(Run("chat", ChatCompletionCall.endpoint, PARAMS))
    await execute(client, ChatCompletionCall(), PARAMS, log, RetryPolicy(0))

    chunks = [json.loads(event.data) for event in log.events if event.kind == "chunk"]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    assert [event.kind for event in log.events][-2:] == ["done", "end"]


async def test_has_the_finish_reason_length_at_the_token_limit(client: AsyncOpenAI) -> None:
    run = await run_call(client, {**PARAMS, "max_completion_tokens": 5})

    assert (run.state, run.finish_reason) == (RunState.DONE, "length")


async def test_stores_all_choices_and_shows_the_first(client: AsyncOpenAI) -> None:
    run = await run_call(client, {**PARAMS, "n": 3})

    assert run.response
    assert len(run.response["choices"]) == 3
    assert run.text == run.response["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("truncate", RunState.CUT_OFF),
        ("half-event", RunState.CUT_OFF),
        ("disconnect", RunState.INTERRUPTED),
        ("malformed", RunState.FAILED),
        ("empty-event", RunState.FAILED),
        ("error-event", RunState.FAILED),
        ("flat-error", RunState.FAILED),
    ],
)
async def test_keeps_the_text_received_before_a_fault(
    client: AsyncOpenAI, fault: str, state: RunState
) -> None:
    run = await run_call(client, fault=f"{fault}=8")

    assert run.state is state
    assert run.text
    assert run.finish_reason is None
    assert (run.error is None) == (state is RunState.CUT_OFF)
    assert run.attempts == ()


@pytest.mark.parametrize("fault", ["null-choices", "content-type"])
async def test_tolerates_a_harmless_fault(client: AsyncOpenAI, fault: str) -> None:
    assert (await run_call(client, fault=fault)).state is RunState.DONE


async def test_accepts_a_token_of_three_megabytes(client: AsyncOpenAI) -> None:
    run = await run_call(client, fault="huge-token")

    assert run.state is RunState.DONE
    assert len(run.text) > 3_000_000


@pytest.mark.parametrize("stream", [True, False])
async def test_explains_an_html_response(client: AsyncOpenAI, stream: bool) -> None:
    run = await run_call(client, PARAMS if stream else PARAMS_WITHOUT_STREAM, fault="html-200")

    assert run.state is RunState.FAILED
    assert run.error
    assert "instead of JSON" in run.error.title
    assert "127.0.0.1" in run.error.hint
    assert "/v1." in run.error.hint
    assert "ends in /v1" not in run.error.hint  # the base URL does already
    assert run.error.detail.startswith("A web page: ")
    assert run.error.retryable


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("400", "context_length_exceeded"),
        ("401", "invalid_api_key"),
        ("404", "model_not_found"),
        ("insufficient_quota", "insufficient_quota"),
    ],
)
async def test_does_not_retry_a_permanent_error(client: AsyncOpenAI, fault: str, code: str) -> None:
    run = await run_call(client, fault=fault)

    assert (run.state, run.attempts) == (RunState.FAILED, ())
    assert run.error
    assert (run.error.code, run.error.request_id is not None) == (code, True)


async def test_records_every_failed_attempt(client: AsyncOpenAI, server: SandboxServer) -> None:
    server.settings.update({"faults": ["429=0.05*2"]})

    run = await run_call(client)

    assert run.state is RunState.DONE
    assert [(attempt.number, attempt.wait, attempt.retry_after) for attempt in run.attempts] == [
        (1, 0.05, True),
        (2, 0.05, True),
    ]


@pytest.mark.parametrize("fault", ["500", "error-event", "disconnect", "html-200"])
async def test_marks_an_error_that_was_requested_as_simulated(client: AsyncOpenAI, fault: str) -> None:
    run = await run_call(client, fault=fault)

    assert run.error
    assert run.error.simulated


async def test_fails_after_the_last_attempt(client: AsyncOpenAI, server: SandboxServer) -> None:
    server.settings.update({"faults": ["429=0.05*5"]})

    run = await run_call(client)

    assert (run.state, len(run.attempts)) == (RunState.FAILED, 2)
    assert run.error
    assert (run.error.status, run.attempts[0].reason) == (429, "Too many requests, simulated")


async def test_interrupts_a_reply_at_the_read_timeout(server: SandboxServer) -> None:
    async with new_client(server.url, server.key, timeout=2) as client:
        run = await run_call(client, fault="stall=60")

    assert run.state is RunState.INTERRUPTED
    assert run.text
    assert run.error
    assert run.error.retryable


async def test_closes_the_stream_when_it_is_cancelled() -> None:
    response = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    async with stub_server(response) as server, new_client(server.url) as client:
        log = RunLog(Run("chat", ChatCompletionCall.endpoint, PARAMS))
        call = asyncio.create_task(execute(client, ChatCompletionCall(), PARAMS, log, RetryPolicy(0)))
        await anext(log.follow())

        call.cancel()

        await asyncio.wait_for(server.closed_by_client.wait(), 20)
        with pytest.raises(asyncio.CancelledError):
            await call
        assert log.snapshot().text == "half"


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (event_stream(done=False), "without a single chunk"),
        (event_stream(), "without a single chunk"),
        (http_response([]), "not a chat completion"),
        (http_response({}), "not a chat completion"),
        (http_response({"object": "list", "data": []}), "not a chat completion"),
        (http_response({"choices": []}), "no choices"),
        (http_response(b""), "instead of JSON"),
    ],
    ids=[
        "no events",
        "only [DONE]",
        "a list",
        "an empty object",
        "another object",
        "no choices",
        "an empty body",
    ],
)
async def test_explains_a_response_that_is_not_a_completion(response: StubResponse, message: str) -> None:
    run = await run_stub_call(response)

    assert run.state is RunState.FAILED
    assert run.error
    assert message in run.error.title


async def test_accepts_a_json_response_to_a_streaming_request() -> None:
    message = {"role": "assistant", "content": "not streamed"}
    run = await run_stub_call(
        http_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    )

    assert (run.state, run.text) == (RunState.DONE, "not streamed")


async def test_closes_a_reply_above_the_size_limit() -> None:
    run = await run_stub_call(event_stream(*(chunk("x" * 500_000) for _ in range(20))))

    assert run.error
    assert run.error.title == "The reply exceeds the size limit"
    assert MAX_REPLY_CHARACTERS < len(run.text) <= MAX_REPLY_CHARACTERS + 500_000
