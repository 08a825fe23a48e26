"""What llama.cpp adds to a reply is shown, and its error for an image that it cannot read is explained."""

from typing import Any

import pytest

from core.calls import execute
from core.client.client import create_client
from core.client.profile import Profile
from core.client.retry import RetryPolicy
from core.completions.call import ChatCompletionCall
from core.runs.log import RunLog
from core.runs.run import Run, RunState, ServerSpeed, from_json, to_json
from tests.servers import COMPLETION, StubServer, chunk, event_stream, http_response, stub_server

PARAMS = {"model": "stub-model", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


async def run_call(server: StubServer) -> Run:
    client = create_client(Profile(id="t", name="t", kind="local", base_url=server.url))
    log = RunLog(Run("chat", ChatCompletionCall.endpoint, PARAMS))
    await execute(client, ChatCompletionCall(), PARAMS, log, RetryPolicy(2, lambda: 1.0))
    return log.snapshot()


@pytest.mark.parametrize(
    ("timings", "speed"),
    [
        ({"prompt_per_second": 412.5, "predicted_per_second": 31, "cache_n": 3}, ServerSpeed(412.5, 31.0)),
        ({"predicted_per_second": 31.0}, ServerSpeed(None, 31.0)),
        ({"prompt_per_second": -1, "predicted_per_second": 1e300}, None),
        ({"prompt_per_second": "fast", "predicted_per_second": True}, None),
        ([1, 2], None),
        (None, None),
    ],
    ids=str,
)
async def test_reads_the_speed_that_the_server_measured(timings: Any, speed: ServerSpeed | None) -> None:
    async with stub_server(event_stream(chunk("Hi"), chunk(None, "stop", timings=timings))) as server:
        run = await run_call(server)

    assert (run.state, run.server_speed) == (RunState.DONE, speed)
    assert from_json(to_json(run)).server_speed == speed


async def test_reads_the_speed_of_a_reply_without_streaming() -> None:
    timings = {"prompt_per_second": 412.5, "predicted_per_second": 31.0}
    async with stub_server(http_response({**COMPLETION, "timings": timings})) as server:
        assert (await run_call(server)).server_speed == ServerSpeed(412.5, 31.0)


async def test_does_not_retry_a_server_that_takes_no_images() -> None:
    message = "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"
    refusal = http_response({"error": {"code": 500, "message": message, "type": "server_error"}}, 500)
    async with stub_server(refusal) as server:
        run = await run_call(server)

    assert run.error
    assert (run.error.title, run.error.retryable) == ("This model does not support images", False)
    assert len(server.requests) == 1


def test_reads_a_run_that_was_saved_without_the_speed() -> None:
    saved = to_json(Run("chat", "chat.completions.create", {})).replace('"server_speed":null,', "")

    assert "server_speed" not in saved
    assert from_json(saved).server_speed is None
