"""Many prompts in each way: what it takes, what a rate limit does, and the rows of the chart."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from core.calls import CallService
from core.client.client import create_client
from core.client.profile import Profile
from core.pricing.usage import Usage
from core.resilience.concurrency.experiment import ConcurrencyExperiment
from core.resilience.concurrency.report import ConcurrencyReport, StrategyResult
from core.resilience.concurrency.snippets import example_prompts, strategy_snippet
from core.resilience.concurrency.spans import Span, in_lanes
from core.resilience.concurrency.strategy import STRATEGIES, Strategy
from core.resilience.concurrency.summary import summary
from core.resilience.saved_experiments import SavedExperiments
from core.runner.runners import Runners
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.snippets import SnippetOptions
from core.storage.run_repository import RunRepository
from tests.scripts import run_snippet

PROMPTS = 12
AT_ONCE = 3
BY_ID = {strategy.id: strategy for strategy in STRATEGIES}


@pytest.fixture
def new_experiment(sandbox: SandboxServer, calls: CallService) -> Callable[..., ConcurrencyExperiment]:
    """Create an experiment on the sandbox, with 50 ms to a first token and a limit for each strategy."""

    def create(
        strategies: tuple[Strategy, ...], limit: int | None = None, prompts: int = PROMPTS, **settings: Any
    ) -> ConcurrencyExperiment:
        def profile_of() -> Profile:
            key = sandbox.create_client_key()
            values = {"latency": "ttft=0.05", "requests_per_minute": limit, "batch_speed": "100"}
            sandbox.settings.update(values | settings, key)
            return Profile(
                id="sandbox", name="Sandbox", kind="sandbox", base_url=sandbox.url, api_key=SecretStr(key)
            )

        return ConcurrencyExperiment(
            example_prompts(prompts), "gpt-4o-mini", AT_ONCE, strategies, profile_of, calls, Runners()
        )

    return create


async def test_sends_each_prompt_once_in_each_way(
    new_experiment: Callable[..., ConcurrencyExperiment],
) -> None:
    experiment = new_experiment(STRATEGIES, latency="ttft=0.2")

    await experiment.run()

    report = experiment.report()
    assert not report.is_running
    for result in report.results:
        assert (result.error, result.failures, result.errors) == (None, 0, {})
        assert len(result.reply_times) == PROMPTS
        assert len(result.spans) == PROMPTS or result.strategy.is_batch
    by_id = {result.strategy_id: result for result in report.results}
    assert [by_id[name].most_at_once for name in ("sequential", "batch")] == [1, None]
    # All of them, unless the processor is so busy that the first reply arrives before.
    assert AT_ONCE < (by_id["gather"].most_at_once or 0) <= PROMPTS
    assert (by_id["semaphore"].most_at_once or 0) <= AT_ONCE
    assert (by_id["threads"].most_at_once or 0) <= AT_ONCE
    assert by_id["sequential"].reply_times[-1] >= 0.2 * PROMPTS
    assert by_id["gather"].reply_times[-1] < by_id["sequential"].reply_times[-1]
    assert len({result.usage for result in report.results}) == 1
    assert report.results[0].usage.input_tokens > 0
    *live, batch = [report.cost(result).list_amount for result in report.results]
    assert len(set(live)) == 1
    assert batch is not None
    assert batch * 2 == live[0]
    assert "costs 50% less" in summary(report)


async def test_shows_the_states_of_the_batch_one_after_the_other(
    new_experiment: Callable[..., ConcurrencyExperiment],
) -> None:
    experiment = new_experiment((BY_ID["batch"],))

    await experiment.run()

    (run,) = experiment.report().results
    states = [span.status for span in run.spans]
    # Those that end between two requests are not seen.
    expected = ["upload", "validating", "in progress", "finalizing", "download"]
    assert states == [state for state in expected if state in states]
    assert states[0] == "upload"
    assert states[-1] == "download"
    assert all(first.end == second.start for first, second in pairwise(run.spans))
    assert run.reply_times == (run.seconds,) * PROMPTS


@pytest.mark.parametrize(
    ("outcome", "replies", "error"),
    [
        ("lines-fail", 10, "The request of this line is invalid."),
        ("all-fail", 0, "The server had an error while processing your request."),
        ("expire", 6, "This request could not be executed before the completion window expired."),
        ("fail-validation", 0, "Batch failed: This line is not parseable as valid JSON."),
    ],
)
async def test_counts_the_prompts_that_a_batch_lost(
    new_experiment: Callable[..., ConcurrencyExperiment], outcome: str, replies: int, error: str
) -> None:
    experiment = new_experiment((BY_ID["batch"],), batch_outcome=outcome)

    await experiment.run()

    (result,) = experiment.report().results
    assert len(result.reply_times) == replies
    assert result.errors[error] >= 1
    assert sum(result.errors.values()) == PROMPTS - replies
    assert summary(experiment.report()).startswith(f"Batch lost {PROMPTS - replies} of 12 prompts")


async def test_cancels_the_batch_when_it_is_cancelled(
    new_experiment: Callable[..., ConcurrencyExperiment],
) -> None:
    experiment = new_experiment((BY_ID["batch"],), batch_speed="0.01")
    task = asyncio.create_task(experiment.run())
    while not (experiment.runs and len(experiment.report().results[0].spans) > 1):
        await asyncio.sleep(0.005)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with create_client(experiment.runs[0].profile) as client:
        batches = await client.batches.list()
    assert [batch.status for batch in batches.data] == ["cancelling"]


async def test_saves_a_run_for_each_prompt_that_the_chart_shows(
    new_experiment: Callable[..., ConcurrencyExperiment], ended_runs: list[Run]
) -> None:
    ways = tuple(BY_ID[name] for name in ("gather", "threads", "batch"))
    # The first request of each way fails, and the SDK sends it again.
    experiment = new_experiment(ways, prompts=6, faults=["500"])

    await experiment.run()

    repository = RunRepository(experiment.calls.open_store())
    for run in experiment.report().results:
        records = [record for record in ended_runs if record.note == run.strategy.label]
        assert [str(record.params["messages"][0]["content"]) for record in records] == experiment.prompts
        assert {record.state for record in records} == {RunState.DONE}
        assert sum((record.usage or Usage() for record in records), Usage()) == run.usage
        if not run.strategy.is_batch:
            assert run.failures == sum(len(record.attempts) for record in records) == 1
            durations = {span.end - span.start for span in run.spans if span.end}
            assert {record.total for record in records if not record.attempts} < durations
            kinds = [[event.kind for event in repository.events(record.id)] for record in records]
            assert sorted(map(len, kinds))[:-1] == [4] * 5
            assert max(kinds, key=len) == [
                *("sent", "headers", "body", "retry"),
                *("sent", "headers", "body", "end"),
            ]
    saved = repository.list(limit=200)
    assert {run.id for run in saved} == {run.id for run in ended_runs}


async def test_loses_prompts_at_a_rate_limit_without_the_runner(
    new_experiment: Callable[..., ConcurrencyExperiment],
) -> None:
    # One every 2 seconds after the first 30, which 34 prompts exceed by four also on a slow machine.
    experiment = new_experiment((BY_ID["gather"], BY_ID["adaptive"]), limit=30, prompts=34)

    await experiment.run()

    report = experiment.report()
    lost = {result.strategy_id: 34 - len(result.reply_times) for result in report.results}
    assert lost["adaptive"] == 0
    assert lost["gather"] > 0
    assert f"asyncio.gather lost {lost['gather']} of 34 prompts" in summary(report)


async def test_stops_the_requests_when_it_is_cancelled(
    new_experiment: Callable[..., ConcurrencyExperiment],
) -> None:
    experiment = new_experiment(STRATEGIES)
    task = asyncio.create_task(experiment.run())
    while not (experiment.runs and experiment.report().results[0].reply_times):
        await asyncio.sleep(0.005)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not experiment.is_running
    assert summary(experiment.report()).startswith("Stopped")
    assert [run.strategy.id for run in experiment.runs] == ["sequential"]
    assert len(experiment.report().results[0].reply_times) < PROMPTS


async def test_saves_replies_before_all_have_arrived(
    new_experiment: Callable[..., ConcurrencyExperiment], ended_runs: list[Run]
) -> None:
    experiment = new_experiment((BY_ID["sequential"],), latency="ttft=0.2", prompts=200)
    task = asyncio.create_task(experiment.run())

    while not ended_runs:
        await asyncio.sleep(0.01)

    assert not task.done()
    assert {run.state for run in ended_runs} == {RunState.DONE}
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    prompts = [run.params["messages"][0]["content"] for run in ended_runs]
    assert len(prompts) == len(set(prompts))
    assert ended_runs[-1].state is RunState.STOPPED


async def test_saves_what_is_drawn_after_each_way(
    new_experiment: Callable[..., ConcurrencyExperiment], calls: CallService
) -> None:
    saved = SavedExperiments(calls.open_store(), calls.owner)
    experiment = new_experiment((BY_ID["gather"], BY_ID["batch"]), limit=50)
    experiment.on_change = partial(saved.save, "async")

    await experiment.run()

    assert saved.load("async", ConcurrencyReport) == experiment.report()


def test_shows_the_ways_that_ended_before_a_restart() -> None:
    ended = StrategyResult("gather", "sandbox", 2.0, True, (), (1.0, 2.0), Usage(), {})
    running = replace(ended, strategy_id="threads", has_ended=False)
    now = datetime.now(UTC)
    report = ConcurrencyReport("m", 2, 5, ("gather", "threads"), None, now, True, False, (ended, running))

    restored = report.interrupted()

    assert restored.results == (ended,)
    assert summary(restored) == (
        "Stopped before all prompts were sent in each way. "
        "asyncio.gather was the fastest to get all 2 replies: 2.0 s."
    )


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda each: each.id)
def test_shows_code_that_runs_unchanged(sandbox: SandboxServer, tmp_path: Path, strategy: Strategy) -> None:
    key = sandbox.create_client_key()
    sandbox.settings.update({"batch_speed": "100"}, key)
    options = SnippetOptions(sandbox.url, key)

    output = run_snippet(strategy_snippet(strategy, "gpt-4o-mini", 5, 2, options), tmp_path)

    assert len(output.splitlines()) >= 5
    assert "25" in output


times = st.floats(0, 10, allow_nan=False)


@given(st.lists(st.tuples(times, times)))
def test_puts_no_two_requests_that_overlap_into_one_row(bounds: list[tuple[float, float]]) -> None:
    spans = [Span(min(pair), max(pair), "200", "reply") for pair in bounds]

    placed = in_lanes(spans, now=10)

    assert len(placed) == len(spans)
    for _, row in groupby(sorted(placed, key=lambda span: (span.lane, span.start)), lambda span: span.lane):
        ends = 0.0
        for span in row:
            assert span.start >= ends
            ends = span.end or 10
