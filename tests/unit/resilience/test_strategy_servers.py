"""Ways to send many requests to servers that are not quite the API."""

import json

import pytest

from core.calls import CallService
from core.resilience.concurrency.experiment import ConcurrencyExperiment
from core.resilience.concurrency.snippets import example_prompts
from core.resilience.concurrency.strategy import STRATEGIES
from core.runner.runners import Runners
from core.runs.run import Run, RunState
from tests.servers import http_response, stub_server
from tests.unit.conftest import profile_for

ODD_COMPLETIONS = [
    {},
    {"choices": None},
    {"choices": []},
    {"choices": [{"message": None}]},
    {"choices": [{"message": {"content": 1}, "finish_reason": "stop"}], "model": None, "usage": "none"},
]


@pytest.mark.parametrize("body", ODD_COMPLETIONS, ids=json.dumps)
async def test_ends_whatever_a_server_sends(
    calls: CallService, ended_runs: list[Run], body: dict[str, object]
) -> None:
    ways = tuple(way for way in STRATEGIES if way.id in ("gather", "threads", "batch"))
    async with stub_server(
        http_response(json.dumps(body).encode(), content_type="application/json")
    ) as server:
        profile = profile_for(server.url)
        experiment = ConcurrencyExperiment(
            example_prompts(2), "m", 2, ways, lambda: profile, calls, Runners()
        )
        await experiment.run()

    assert not experiment.is_running
    assert [run.ended is None for run in experiment.runs] == [False] * 3
    assert len(ended_runs) == 4
    assert {run.state for run in ended_runs} <= {RunState.DONE, RunState.FAILED}
