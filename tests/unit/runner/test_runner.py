"""Jobs against stub servers: results, overloads, budget, stop and resume, memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from weakref import WeakSet

import pytest

from core.runner.options import RunnerOptions
from core.runner.runner import MAX_CONSECUTIVE_FAILURES, MAX_OVERLOAD_RETRIES
from core.runner.work import Budget, ItemState, RunnerState, WorkItem
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.servers import (
    COMPLETION,
    ConnectionFault,
    ReceivedRequest,
    StubResponse,
    chunk,
    event_stream,
    http_response,
    in_sequence,
    stub_server,
)
from tests.unit.runner.conftest import JobStarter, items, key_of

REPLY = http_response(COMPLETION)
ERROR = {"error": {"message": "no", "type": "x", "param": None, "code": None}}


async def test_requests_every_item_once_and_saves_its_run(
    starter: JobStarter, store: Store, ended_runs: list[Run]
) -> None:
    async with stub_server(REPLY) as server:
        job = starter.create(server.url, items(30))
        runner = await starter.start(job)
        state = await runner.wait()

    assert (state, runner.progress.done, runner.progress.tokens) == (RunnerState.DONE, 30, 120)
    assert sorted(map(key_of, server.requests)) == sorted(map(str, range(30)))
    saved = starter.queue(job).items((ItemState.DONE,))
    runs = RunRepository(store).get_many([item.run_id for item in saved if item.run_id])
    assert [runs[item.run_id or ""].text for item in saved] == ["hi"] * 30
    assert {run.parent_id for run in runs.values()} == {job.id}
    assert len(ended_runs) == 30
    assert starter.queue(job).progress().done == 30


async def test_hands_each_ended_run_to_the_callback_and_requests_what_it_adds(starter: JobStarter) -> None:
    received: list[tuple[str, str]] = []

    def on_end(item: WorkItem, run: Run) -> Iterable[WorkItem]:
        received.append((item.key, run.text))
        return [] if "/" in item.key else [WorkItem(f"{item.key}/again")]

    async with stub_server(REPLY) as server:
        runner = await starter.start(starter.create(server.url, items(3)), on_end)
        await runner.wait()

    assert sorted(received) == [(key, "hi") for key in ("0", "0/again", "1", "1/again", "2", "2/again")]
    assert (runner.progress.done, runner.progress.is_complete) == (6, True)


async def test_fails_if_the_callback_fails_and_saves_the_runs(
    starter: JobStarter, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def on_end(item: WorkItem, _run: Run) -> None:
        if item.key == "1":
            raise RuntimeError("a bug")

    async with stub_server(REPLY) as server:
        job = starter.create(server.url, items(3))
        runner = await starter.start(job, on_end)
        await runner.wait()
    assert (runner.state, bool(runner.error)) == (RunnerState.FAILED, True)
    assert "a bug" in caplog.text
    assert [item.key for item in starter.queue(job).items((ItemState.FAILED,))] == ["1"]
    assert {run.state for run in RunRepository(store).list()} == {RunState.DONE}


async def test_waits_for_a_slot_that_another_job_uses(starter: JobStarter) -> None:
    def handle(request: ReceivedRequest) -> StubResponse:
        return (ConnectionFault.HANG,) if key_of(request).startswith("slow") else REPLY

    async with stub_server(handle) as server, asyncio.timeout(60):
        slow = await starter.start(
            starter.create(server.url, (WorkItem(f"slow-{number}") for number in range(9)))
        )
        while len(slow.logs) < 4:
            await asyncio.sleep(0)
        second = await starter.start(starter.create(server.url, items(2)))
        while second.progress.waiting < 2:
            await asyncio.sleep(0)
        assert second.state is RunnerState.RUNNING
        slow.stop()
        assert await second.wait() is RunnerState.DONE
    assert second.progress.done == 2


async def test_is_done_if_the_last_item_spends_the_budget(starter: JobStarter) -> None:
    async with stub_server(REPLY) as server:
        runner = await starter.start(starter.create(server.url, items(2), Budget(tokens=8)))
        assert await runner.wait() is RunnerState.DONE


async def test_waits_with_all_calls_as_long_as_the_server_asks(starter: JobStarter) -> None:
    arrivals: list[float] = []
    busy = http_response(ERROR, 429, retry_after_ms="400")

    def handle(_: ReceivedRequest) -> StubResponse:
        arrivals.append(asyncio.get_running_loop().time())
        return busy if len(arrivals) == 5 else REPLY

    async with stub_server(handle) as server:
        runner = await starter.start(starter.create(server.url, items(20)))
        await runner.wait()

    assert (runner.progress.done, len(arrivals)) == (20, 21)
    # Only calls that were under way at the overload arrive during the pause.
    assert sum(arrivals[4] < at < arrivals[4] + 0.4 for at in arrivals) <= 8


async def test_fails_an_item_whose_server_stays_overloaded(starter: JobStarter) -> None:
    async with stub_server(http_response(ERROR, 503, retry_after_ms="1")) as server:
        job = starter.create(server.url, items(1))
        runner = await starter.start(job)
        await runner.wait()

    assert (runner.progress.failed, len(server.requests)) == (1, 1 + MAX_OVERLOAD_RETRIES)


async def test_retries_other_errors_as_often_as_the_profile_says(starter: JobStarter) -> None:
    starter.max_retries = 1
    broken = http_response(ERROR, 500, retry_after_ms="1")
    async with stub_server(in_sequence(broken, REPLY)) as server:
        runner = await starter.start(starter.create(server.url, items(1)))
        await runner.wait()
    assert (runner.progress.done, len(server.requests)) == (1, 2)


async def test_continues_after_an_item_that_fails(starter: JobStarter) -> None:
    def handle(request: ReceivedRequest) -> StubResponse:
        return http_response(ERROR, 400) if key_of(request) == "2" else REPLY

    async with stub_server(handle) as server:
        job = starter.create(server.url, items(5))
        runner = await starter.start(job)
        assert await runner.wait() is RunnerState.DONE
        assert (runner.progress.done, runner.progress.failed) == (4, 1)
        assert [item.key for item in starter.queue(job).items((ItemState.FAILED,))] == ["2"]


async def test_stops_on_the_first_failure_if_asked(starter: JobStarter) -> None:
    async with stub_server(http_response(ERROR, 400)) as server:
        options = RunnerOptions(max_concurrency=1, stop_on_failure=True)
        runner = await starter.start(starter.create(server.url, items(5)), options=options)
        assert await runner.wait() is RunnerState.FAILED
    assert (runner.progress.failed, runner.progress.waiting, len(server.requests)) == (1, 4, 1)


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_keeps_all_items_if_no_request_can_succeed(starter: JobStarter, status: int) -> None:
    async with stub_server(http_response(ERROR, status)) as server:
        job = starter.create(server.url, items(30))
        runner = await starter.start(job)
        assert await runner.wait() is RunnerState.FAILED
    assert runner.error
    assert (runner.error.status, runner.progress.waiting) == (status, 30)
    assert starter.queue(job).progress().waiting == 30
    assert len(server.requests) <= 8


async def test_ends_after_many_failures_in_a_row(starter: JobStarter) -> None:
    async with stub_server(http_response(ERROR, 400)) as server:
        runner = await starter.start(starter.create(server.url, items(40)))
        assert await runner.wait() is RunnerState.FAILED
    assert MAX_CONSECUTIVE_FAILURES <= runner.progress.failed < 40


async def test_ends_when_the_budget_is_spent_and_resumes_with_a_higher_one(starter: JobStarter) -> None:
    async with stub_server(REPLY) as server:
        job = starter.create(server.url, items(30), Budget(tokens=40))
        runner = await starter.start(job)
        assert await runner.wait() is RunnerState.OVER_BUDGET
        assert 40 <= runner.progress.tokens <= 40 + 4 * 4

        starter.jobs.set_budget(job.id, Budget())
        runner = await starter.start(starter.jobs.get(job.id))
        assert await runner.wait() is RunnerState.DONE
    assert Counter(map(key_of, server.requests)) == Counter(map(str, range(30)))


async def test_stops_the_calls_and_saves_what_arrived(starter: JobStarter, store: Store) -> None:
    half = (*event_stream(chunk("half"), done=False), ConnectionFault.HANG)
    work = [WorkItem(str(number), {"stream": True}) for number in range(5)]
    async with stub_server(half) as server, asyncio.timeout(60):
        job = starter.create(server.url, work)
        runner = await starter.start(job, options=RunnerOptions(max_concurrency=2))
        while [log.text for log in runner.logs] != ["half", "half"]:
            await asyncio.sleep(0)
        runner.stop()
        assert await runner.wait() is RunnerState.STOPPED

    assert (runner.progress.waiting, runner.progress.running) == (5, 0)
    assert starter.queue(job).progress().waiting == 5
    saved = RunRepository(store).list()
    assert [(run.state, run.text) for run in saved] == [(RunState.STOPPED, "half")] * 2


async def test_stops_when_its_waiter_is_cancelled(starter: JobStarter) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        job = starter.create(server.url, items(5))
        runner = await starter.start(job)
        task = asyncio.create_task(runner.wait())
        await server.request_received.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (runner.state, starter.queue(job).progress().waiting) == (RunnerState.STOPPED, 5)


async def test_stops_during_a_pause(starter: JobStarter) -> None:
    busy = http_response(ERROR, 429, retry_after="100")
    async with stub_server(busy) as server, asyncio.timeout(60):
        job = starter.create(server.url, items(9))
        runner = await starter.start(job)
        await server.request_received.wait()
        runner.stop()
        assert await runner.wait() is RunnerState.STOPPED
    assert starter.queue(job).progress().waiting == 9


async def test_pauses_when_its_calls_are_interrupted(starter: JobStarter) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        job = starter.create(server.url, items(9))
        runner = await starter.start(job)
        await server.request_received.wait()
        await starter.calls.jobs.stop_all()
        assert await runner.wait() is RunnerState.STOPPED
    assert starter.queue(job).progress().waiting == 9


async def test_stops_all_runners_of_the_process(starter: JobStarter) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        runners = [await starter.start(starter.create(server.url, items(9))) for _ in range(2)]
        await server.request_received.wait()
        await starter.runners.stop_all()
    assert [runner.state for runner in runners] == [RunnerState.STOPPED] * 2


async def test_is_found_again_while_it_runs(starter: JobStarter) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        job = starter.create(server.url, items(9))
        runner = await starter.start(job)
        assert starter.runners.get(job.id, "local") is runner
        assert starter.runners.get(job.id, "somebody else") is None
        assert await starter.start(job) is runner
        runner.stop()
        await runner.wait()
    assert starter.runners.get(job.id, "local") is None


async def test_adds_items_to_a_running_job(starter: JobStarter) -> None:
    async with stub_server(REPLY) as server:
        runner = await starter.start(starter.create(server.url, items(3)))
        await runner.enqueue([WorkItem("more")])
        await runner.wait()
    assert (runner.progress.done, runner.progress.total) == (4, 4)


async def test_holds_only_the_calls_under_way(starter: JobStarter) -> None:
    logs: WeakSet[RunLog] = WeakSet()
    alive: list[int] = []

    def on_end(_item: WorkItem, _run: Run) -> None:
        alive.append(len(logs))

    async with stub_server(REPLY) as server:
        options = RunnerOptions(max_concurrency=5, on_start=logs.add)
        runner = await starter.start(starter.create(server.url, items(300)), on_end, options)
        await runner.wait()
    assert (len(alive), max(alive) <= 14 * 5) == (300, True)


async def test_fails_if_a_request_cannot_be_prepared(
    starter: JobStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_item: WorkItem) -> None:
        raise RuntimeError("a bug")

    job = starter.create("http://127.0.0.1:9/v1", items(3))
    monkeypatch.setattr("tests.unit.runner.conftest.prepare", fail)
    runner = await starter.start(job)
    assert await runner.wait() is RunnerState.FAILED
    assert (bool(runner.error), starter.queue(job).progress().waiting) == (True, 3)
