"""A run ends with the reply that a batch has returned for its request."""

from typing import Any

import pytest

from core.apis import run_of_reply
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from tests.servers import COMPLETION

CHAT, RESPONSES = "chat.completions.create", "responses.create"
MESSAGE = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}
RESPONSE = {
    "object": "response",
    "status": "completed",
    "output": [{"type": "reasoning", "summary": []}, MESSAGE],
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
NO_CAPACITY = {"message": "no capacity"}


@pytest.mark.parametrize(
    ("endpoint", "reply", "state", "text"),
    [
        (CHAT, COMPLETION, RunState.DONE, "hi"),
        (CHAT, {"choices": []}, RunState.CUT_OFF, ""),
        (CHAT, {}, RunState.CUT_OFF, ""),
        (CHAT, {"error": NO_CAPACITY}, RunState.FAILED, ""),
        (RESPONSES, RESPONSE, RunState.DONE, "hi"),
        ("responses.parse", RESPONSE, RunState.DONE, "hi"),
        (RESPONSES, {}, RunState.CUT_OFF, ""),
        (
            RESPONSES,
            {**RESPONSE, "output": [], "status": "failed", "error": NO_CAPACITY},
            RunState.FAILED,
            "",
        ),
    ],
)
def test_ends_a_run_with_the_reply_of_a_batch(
    endpoint: str, reply: dict[str, Any], state: RunState, text: str
) -> None:
    run = run_of_reply(Run("extractor", endpoint, {"model": "m"}), reply)

    assert (run.state, run.text, run.total) == (state, text, None)
    assert bool(run.error) is (state is RunState.FAILED)
    assert run.usage == (Usage(3, 1) if text else None)
