"""However a server answers, the log says what came, how it ended, and why."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client, Timeout

from core.calls import execute
from core.chat.completion import MAX_REPLY_CHARACTERS, ChatCompletionCall
from core.chat.request import ChatSettings
from core.client.retry import RetryPolicy
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
WHOLE = ChatSettings(model="gpt-4o-mini", stream=False).request_params([{"role": "user", "content": "Hello"}])


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
async def client(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    server.reset()
    async with connected(server.url, server.key) as found:
        yield found


def connected(url: str, key: str = "k", timeout: float = 5) -> AsyncOpenAI:
    """A client as `core.client.client` builds it, with a pool of its own."""
    pool = DefaultAsyncHttpx2Client(trust_env=False)
    return AsyncOpenAI(
        base_url=url, api_key=key, max_retries=0, timeout=Timeout(timeout, connect=5), http_client=pool
    )


async def run_of(client: AsyncOpenAI, params: dict[str, Any] = PARAMS, fault: str = "") -> Run:
    """The run of one call, in which the sandbox does *fault*."""
    log = RunLog(Run("chat", ChatCompletionCall.endpoint, params))
    headers = {"extra_headers": {"x-sandbox-fault": fault}} if fault else {}
    await execute(client, ChatCompletionCall(), {**params, **headers}, log, RetryPolicy(2, lambda: 1.0))
    return log.snapshot()


async def quirky(script: RequestHandler | StubResponse, timeout: float = 5) -> Run:
    """The run of one call that is answered to the byte."""
    async with stub_server(script) as server, connected(server.url, timeout=timeout) as client:
        return await run_of(client)


async def test_streams_a_reply_to_its_end(client: AsyncOpenAI) -> None:
    run = await run_of(client)

    assert run.state is RunState.DONE
    assert run.finish_reason == "stop"
    assert run.usage
    assert run.usage.output_tokens > 10
    assert run.first_token is not None
    assert (run.status, run.model) == (200, "gpt-4o-mini")
    assert run.request_id
    assert run.request_id.startswith("req_")


async def test_takes_a_whole_reply(client: AsyncOpenAI) -> None:
    run = await run_of(client, WHOLE)

    assert run.state is RunState.DONE
    assert run.response
    assert run.text == run.response["choices"][0]["message"]["content"]


async def test_gets_the_same_reply_streamed_and_whole(client: AsyncOpenAI) -> None:
    whole = await run_of(client, {**WHOLE, "seed": 3})
    streamed = await run_of(client, {**WHOLE, "seed": 3, "stream": True})

    assert streamed.text == whole.text
    assert streamed.response
    assert whole.response
    assert streamed.response["choices"][0]["message"]["content"] == whole.text


async def test_records_every_event_to_the_letter(client: AsyncOpenAI) -> None:
    log = RunLog(Run("chat", ChatCompletionCall.endpoint, PARAMS))
    await execute(client, ChatCompletionCall(), PARAMS, log, RetryPolicy(0))

    chunks = [json.loads(event.data) for event in log.events if event.kind == "chunk"]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    assert [event.kind for event in log.events][-2:] == ["done", "end"]


async def test_says_that_it_ended_at_the_token_limit(client: AsyncOpenAI) -> None:
    run = await run_of(client, {**PARAMS, "max_completion_tokens": 5})

    assert (run.state, run.finish_reason) == (RunState.DONE, "length")


async def test_keeps_the_other_answers_beside_the_first(client: AsyncOpenAI) -> None:
    run = await run_of(client, {**PARAMS, "n": 3})

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
async def test_keeps_what_arrived_before_a_fault(client: AsyncOpenAI, fault: str, state: RunState) -> None:
    run = await run_of(client, fault=f"{fault}=8")

    assert run.state is state
    assert run.text
    assert run.finish_reason is None
    assert (run.error is None) == (state is RunState.CUT_OFF)
    assert run.attempts == ()


@pytest.mark.parametrize("fault", ["null-choices", "content-type"])
async def test_takes_no_harm_from(client: AsyncOpenAI, fault: str) -> None:
    assert (await run_of(client, fault=fault)).state is RunState.DONE


async def test_takes_a_token_of_three_megabytes(client: AsyncOpenAI) -> None:
    run = await run_of(client, fault="huge-token")

    assert run.state is RunState.DONE
    assert len(run.text) > 3_000_000


@pytest.mark.parametrize("stream", [True, False])
async def test_explains_a_web_page(client: AsyncOpenAI, stream: bool) -> None:
    run = await run_of(client, PARAMS if stream else WHOLE, fault="html-200")

    assert run.state is RunState.FAILED
    assert run.error
    assert "page, not with JSON" in run.error.title
    assert "127.0.0.1" in run.error.hint


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("400", "context_length_exceeded"),
        ("401", "invalid_api_key"),
        ("404", "model_not_found"),
        ("insufficient_quota", "insufficient_quota"),
    ],
)
async def test_fails_at_once_where_waiting_is_no_use(client: AsyncOpenAI, fault: str, code: str) -> None:
    run = await run_of(client, fault=fault)

    assert (run.state, run.attempts) == (RunState.FAILED, ())
    assert run.error
    assert (run.error.code, run.error.request_id is not None) == (code, True)


async def test_tells_of_every_failed_attempt(client: AsyncOpenAI, server: SandboxServer) -> None:
    server.settings.update({"faults": ["429=0.05*2"]})

    run = await run_of(client)

    assert run.state is RunState.DONE
    assert [(attempt.number, attempt.wait, attempt.retry_after) for attempt in run.attempts] == [
        (1, 0.05, True),
        (2, 0.05, True),
    ]


async def test_gives_up_after_the_last_attempt(client: AsyncOpenAI, server: SandboxServer) -> None:
    server.settings.update({"faults": ["429=0.05*5"]})

    run = await run_of(client)

    assert (run.state, len(run.attempts)) == (RunState.FAILED, 2)
    assert run.error
    assert run.error.status == 429


async def test_gives_up_on_a_server_that_falls_silent(server: SandboxServer) -> None:
    async with connected(server.url, server.key, timeout=0.3) as client:
        run = await run_of(client, fault="stall=60")

    assert run.state is RunState.INTERRUPTED
    assert run.text
    assert run.error
    assert run.error.retryable


async def test_closes_the_stream_when_it_is_cancelled() -> None:
    script = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    async with stub_server(script) as server, connected(server.url) as client:
        log = RunLog(Run("chat", ChatCompletionCall.endpoint, PARAMS))
        asking = asyncio.create_task(execute(client, ChatCompletionCall(), PARAMS, log, RetryPolicy(0)))
        await anext(log.follow())

        asking.cancel()

        await asyncio.wait_for(server.closed_by_client.wait(), 2)
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert log.snapshot().text == "half"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (event_stream(done=False), "without a single chunk"),
        (event_stream(), "without a single chunk"),
        (http_response([]), "not a chat completion"),
        (http_response({}), "not a chat completion"),
        (http_response({"object": "list", "data": []}), "not a chat completion"),
        (http_response({"choices": []}), "no choices"),
        (http_response(b""), "page, not with JSON"),
    ],
    ids=["no events", "done only", "a list", "nothing", "another object", "no choices", "an empty body"],
)
async def test_explains_what_is_no_completion(body: StubResponse, words: str) -> None:
    run = await quirky(body)

    assert run.state is RunState.FAILED
    assert run.error
    assert words in run.error.title


async def test_takes_a_whole_reply_to_a_request_for_a_stream() -> None:
    message = {"role": "assistant", "content": "all at once"}
    run = await quirky(
        http_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    )

    assert (run.state, run.text) == (RunState.DONE, "all at once")


async def test_ends_a_reply_that_never_does() -> None:
    run = await quirky(event_stream(*(chunk("x" * 500_000) for _ in range(20))))

    assert run.error
    assert run.error.title == "The reply exceeds the size limit"
    assert MAX_REPLY_CHARACTERS < len(run.text) <= MAX_REPLY_CHARACTERS + 500_000
