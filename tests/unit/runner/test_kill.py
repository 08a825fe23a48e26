"""A process that is killed in the middle of a job."""

import asyncio
from collections import Counter

from core.runner.work import RunnerState
from tests.processes import line_of, processes
from tests.servers import (
    COMPLETION,
    ConnectionFault,
    ReceivedRequest,
    StubResponse,
    http_response,
    stub_server,
)
from tests.unit.runner.conftest import JobStarter, items, key_of

ANSWERED = 6

RUN_JOB = """
import asyncio, sys
from core.calls import CallService
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.storage.store import Store
from tests.unit.conftest import profile_for
from tests.unit.runner.conftest import prepare

async def main(database_url, job_id):
    store = Store.open(database_url)
    calls = CallService(Jobs(), lambda: store, "local", "session", lambda run: None)
    job = JobRepository(store, "local").get(job_id)
    runner = await Runners().start(job, calls, profile_for(job.base_url), prepare)
    while runner.progress.done < int(sys.argv[3]):
        await asyncio.sleep(0)
    print("saved", flush=True)
    await runner.wait()

asyncio.run(main(*sys.argv[1:3]))
"""


async def test_requests_nothing_again_that_was_saved(starter: JobStarter, database_url: str) -> None:
    answered: set[str] = set()
    is_killed = False

    def handle(request: ReceivedRequest) -> StubResponse:
        if not is_killed and len(answered) == ANSWERED:
            return (ConnectionFault.HANG,)
        answered.add(key_of(request))
        return http_response(COMPLETION)

    async with stub_server(handle) as server, processes() as start, asyncio.timeout(100):
        job = starter.create(server.url, items(20))
        process = await start("-c", RUN_JOB, database_url, job.id, str(ANSWERED))
        assert await line_of(process) == "saved"
        saved = set(answered)
        process.kill()
        await process.wait()
        is_killed = True

        runner = await starter.start(job)
        assert await runner.wait() is RunnerState.DONE

    assert starter.queue(job).progress().done == 20
    requests = Counter(map(key_of, server.requests))
    assert {requests[key] for key in saved} == {1}
    assert set(requests) == set(map(str, range(20)))
    assert max(requests.values()) <= 2
