"""A run ends with the reply that a batch has returned for its request."""

from typing import Any

import pytest

from core.completions.call import run_of_reply
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from tests.servers import COMPLETION


@pytest.mark.parametrize(
    ("reply", "state", "text"),
    [
        (COMPLETION, RunState.DONE, "hi"),
        ({"choices": []}, RunState.CUT_OFF, ""),
        ({}, RunState.CUT_OFF, ""),
        ({"error": {"message": "no capacity"}}, RunState.FAILED, ""),
    ],
)
def test_ends_a_run_with_the_reply_of_a_batch(reply: dict[str, Any], state: RunState, text: str) -> None:
    run = run_of_reply(Run("extractor", "chat.completions.create", {"model": "m"}), reply)

    assert (run.state, run.text, run.total) == (state, text, None)
    assert bool(run.error) is (state is RunState.FAILED)
    assert run.usage == (Usage(3, 1) if text else None)
