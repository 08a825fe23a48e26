"""A call is a run that is saved however it ends, also when it is cancelled before it has started."""

import asyncio
import threading
from dataclasses import replace

import pytest

from core.calls import CallService, cost_of_run, new_run
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.pricing.prices import cost_of, total_cost
from core.pricing.usage import Usage
from core.runs.jobs import Jobs
from core.runs.run import Run, RunState
from core.server_kind import ServerKind
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.servers import (
    ConnectionFault,
    ReceivedRequest,
    StubResponse,
    chunk,
    event_stream,
    http_response,
    stub_server,
)
from tests.unit.conftest import profile_for

PARAMS = ChatSettings(model="gpt-4o-mini").request_params([{"role": "user", "content": "Hi"}])


def run_for(url: str) -> Run:
    return new_run("chat", ChatCompletionCall.endpoint, PARAMS, profile_for(url))


async def test_returns_the_ended_run_after_saving_it(
    calls: CallService, store: Store, ended_runs: list[Run]
) -> None:
    async with stub_server(event_stream(chunk("hello", "stop"))) as server:
        run = await calls.run(run_for(server.url), ChatCompletionCall(), profile_for(server.url))

    assert (run.state, run.text) == (RunState.DONE, "hello")
    assert RunRepository(store).get(run.id).text == "hello"
    assert [ended.id for ended in ended_runs] == [run.id]


async def test_stops_the_call_when_its_caller_is_cancelled(calls: CallService, store: Store) -> None:
    script = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    async with stub_server(script) as server, asyncio.timeout(60):
        run = run_for(server.url)
        task = asyncio.create_task(calls.run(run, ChatCompletionCall(), profile_for(server.url)))
        while not ((job := calls.job(run.id)) and job.log.text):
            await asyncio.sleep(0)

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    saved = RunRepository(store).get(run.id)
    assert (saved.state, saved.text) == (RunState.STOPPED, "half")


@pytest.mark.parametrize("kind", ["openai", "custom", "sandbox"])
def test_estimates_the_cost_of_a_reply_without_usage(kind: ServerKind) -> None:
    run = replace(run_for("https://api.openai.com/v1"), state=RunState.STOPPED, text="half a reply")
    usage = ChatCompletionCall.estimate_usage(run)
    assert usage
    assert usage.input_tokens > usage.output_tokens > 0

    cost = cost_of_run(run, kind, ChatCompletionCall.estimate_usage)

    estimate = cost_of(usage, "gpt-4o-mini", run.started_at).amount
    assert cost.estimated_amount == (estimate if kind == "openai" else None)
    assert cost.amount == (0 if kind == "sandbox" else None)
    assert "Estimated usage x list price of gpt-4o-mini" in cost.basis
    # Nothing that could be added to what was billed.
    assert cost.list_amount is None
    total = total_cost([cost])
    assert total
    assert total.amount == cost.amount


def test_estimates_no_cost_if_nothing_arrived() -> None:
    run = replace(run_for("https://api.openai.com/v1"), state=RunState.FAILED)

    cost = cost_of_run(run, "openai", ChatCompletionCall.estimate_usage)

    assert (cost.amount, cost.estimated_amount) == (None, None)


def test_prefers_the_usage_of_the_server_to_an_estimate() -> None:
    run = replace(run_for("https://api.openai.com/v1"), text="Hello", usage=Usage(10, 20))

    cost = cost_of_run(run, "openai", ChatCompletionCall.estimate_usage)

    assert cost == cost_of(Usage(10, 20), "gpt-4o-mini", run.started_at)


async def test_leaves_no_running_run_when_it_is_cancelled_while_being_saved(
    store: Store,
) -> None:
    opening, release = threading.Event(), threading.Event()

    def slow_store() -> Store:
        opening.set()
        release.wait(10)
        return store

    calls = CallService(Jobs(), slow_store, "local", "session", lambda _run: None)
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        run = run_for(server.url)
        task = asyncio.create_task(calls.start(run, ChatCompletionCall(), profile_for(server.url)))
        await asyncio.to_thread(opening.wait, 10)

        task.cancel()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert RunRepository(store).get(run.id).state is RunState.STOPPED


async def test_sends_the_request_while_the_run_is_being_saved(store: Store) -> None:
    received = threading.Event()

    def reply(_request: ReceivedRequest) -> StubResponse:
        received.set()
        return event_stream(chunk("Hi"), chunk(finish_reason="stop"))

    def open_store_after_the_request() -> Store:
        assert received.wait(20)
        return store

    calls = CallService(Jobs(), open_store_after_the_request, "local", "session", lambda _run: None)
    async with stub_server(reply) as server:
        run = await calls.run(run_for(server.url), ChatCompletionCall(), profile_for(server.url))

    assert RunRepository(store).get(run.id).text == "Hi"


async def test_cancels_the_call_of_a_run_that_cannot_be_saved() -> None:
    received = threading.Event()

    def hang(_request: ReceivedRequest) -> StubResponse:
        received.set()
        return (ConnectionFault.HANG,)

    def fail() -> Store:
        received.wait(20)
        raise PlaygroundError("The conversation was deleted", "Start another one.")

    calls = CallService(Jobs(), fail, "local", "session", lambda _run: None)
    async with stub_server(hang) as server, asyncio.timeout(60):
        with pytest.raises(PlaygroundError):
            await calls.start(run_for(server.url), ChatCompletionCall(), profile_for(server.url))
        await server.closed_by_client.wait()


async def test_saves_a_job_that_is_stopped_twice(calls: CallService, store: Store) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        job = await calls.start(run_for(server.url), ChatCompletionCall(), profile_for(server.url))
        while not server.requests:
            await asyncio.sleep(0)
        job.stop()
        await asyncio.sleep(0)
        await calls.jobs.stop_all()

    assert RunRepository(store).get(job.log.id).state is RunState.STOPPED


async def test_gives_no_job_of_another_owner(calls: CallService) -> None:
    other = CallService(calls.jobs, calls.open_store, "other", "session", lambda _run: None)
    async with stub_server((ConnectionFault.HANG,)) as server:
        job = await calls.start(run_for(server.url), ChatCompletionCall(), profile_for(server.url))

        assert calls.job(job.log.id) is job
        assert other.job(job.log.id) is None


async def test_shows_a_running_run_as_it_is_now(calls: CallService) -> None:
    script = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    async with stub_server(script) as server, asyncio.timeout(60):
        job = await calls.start(run_for(server.url), ChatCompletionCall(), profile_for(server.url))
        await anext(job.log.follow())

        assert calls.current_runs([job.log.id])[job.log.id].text == "half"


async def test_retries_as_the_profile_says(calls: CallService) -> None:
    async with stub_server(http_response({"error": {"message": "busy"}}, 503)) as server:
        profile = profile_for(server.url, max_retries=1)
        run = await calls.run(run_for(server.url), ChatCompletionCall(), profile)

    assert run.state is RunState.FAILED
    assert len(run.attempts) == 1
    assert len(server.requests) == 2
