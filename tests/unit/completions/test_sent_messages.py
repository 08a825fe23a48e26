"""The messages of a request reach the server as they are, though the SDK does not inspect them."""

from typing import Any

from openai import AsyncOpenAI

from core.calls import execute
from core.client.retry import RetryPolicy
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.runs.log import RunLog
from core.runs.run import Run
from tests.servers import chunk, event_stream, stub_server


async def test_sends_the_messages_as_they_are() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, image]},
        {"role": "assistant", "content": "Yes"},
    ]
    params = {**ChatSettings(model="gpt-4o-mini").request_params(messages), "extra_body": {"top_k": 5}}
    log = RunLog(Run("chat", ChatCompletionCall.endpoint, params))
    async with (
        stub_server(event_stream(chunk("Hi"), "[DONE]")) as server,
        AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as client,
    ):
        await execute(client, ChatCompletionCall(), params, log, RetryPolicy(0))

    body = server.requests[0].json()
    assert body["messages"] == messages
    assert body["top_k"] == 5
    assert "extra_body" not in body
    assert log.snapshot().params["messages"] == messages
