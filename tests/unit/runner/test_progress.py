"""How the progress of a job counts its items."""

import asyncio
from threading import Event

from core.runner.options import RunnerOptions
from core.runner.progress import ProgressCounter
from core.runner.work import WorkItem, WorkProgress
from core.runs.run import Run
from tests.servers import COMPLETION, http_response, stub_server
from tests.unit.runner.conftest import JobStarter, items

REPLY = http_response(COMPLETION)


async def test_counts_no_call_as_running_that_only_waits_to_be_saved(starter: JobStarter) -> None:
    is_released = Event()

    def on_end(_item: WorkItem, _run: Run) -> None:
        is_released.wait(60)

    async with stub_server(REPLY) as server, asyncio.timeout(60):
        options = RunnerOptions(max_concurrency=2)
        runner = await starter.start(starter.create(server.url, items(10)), on_end, options)
        while runner.progress.saving < 10:
            assert runner.progress.running <= 2
            await asyncio.sleep(0)
        blocked = runner.progress
        is_released.set()
        await runner.wait()

    assert (blocked.running, blocked.done, blocked.total) == (0, 0, 10)
    assert (runner.progress.saving, runner.progress.done) == (0, 10)


def test_counts_what_other_processes_have_ended() -> None:
    counter = ProgressCounter()
    counter.reset(WorkProgress(waiting=10))
    counter.add(waiting=-3, running=3)
    counter.item_ended()

    counter.include_others(WorkProgress(waiting=4, running=4, done=2, tokens=9))

    progress = counter.snapshot()
    assert (progress.waiting, progress.running, progress.saving, progress.done) == (5, 2, 1, 2)
    assert (progress.total, progress.tokens) == (10, 9)


def test_counts_nothing_twice_that_it_is_saving() -> None:
    counter = ProgressCounter()
    counter.reset(WorkProgress(waiting=10))
    counter.add(waiting=-1, running=1)
    counter.item_ended()
    before = counter.snapshot()

    counter.include_others(WorkProgress(waiting=9, done=1, tokens=5))

    assert counter.snapshot() == before
