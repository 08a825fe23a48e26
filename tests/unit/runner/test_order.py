"""The order of the requests of one job, and of two jobs that share a limiter."""

import asyncio

from core.runner.options import RunnerOptions
from core.runner.work import WorkItem
from tests.servers import COMPLETION, ConnectionFault, http_response, stub_server
from tests.unit.runner.conftest import JobStarter, items, key_of

REPLY = http_response(COMPLETION)


async def test_requests_by_priority(starter: JobStarter) -> None:
    async with stub_server(REPLY) as server:
        work = [*items(3), WorkItem("urgent", priority=1)]
        runner = await starter.start(
            starter.create(server.url, work), options=RunnerOptions(max_concurrency=1)
        )
        await runner.wait()
    assert [key_of(request) for request in server.requests] == ["urgent", "0", "1", "2"]


async def test_lets_two_jobs_of_a_model_take_turns(starter: JobStarter) -> None:
    async with stub_server(REPLY) as server:
        long = await starter.start(starter.create(server.url, items(200)))
        short = await starter.start(starter.create(server.url, [WorkItem(f"short-{n}") for n in range(40)]))
        await long.wait()
        await short.wait()
    names = [key_of(request).split("-")[0] for request in server.requests]
    while_both_run = names[names.index("short") : len(names) - names[::-1].index("short")]
    assert 0.1 <= while_both_run.count("short") / len(while_both_run) <= 0.9


async def test_shares_a_limiter_with_the_running_jobs_of_its_model_but_not_with_ended_ones(
    starter: JobStarter,
) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        first = await starter.start(starter.create(server.url, items(1)))
        second = await starter.start(starter.create(server.url, items(1)))
        assert second.limiter is first.limiter

        for runner in (first, second):
            runner.stop()
            await runner.wait()
        third = await starter.start(starter.create(server.url, items(1)))
        third.stop()
        await third.wait()

    assert third.limiter is not first.limiter
