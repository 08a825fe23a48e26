"""Processes that run one job at the same time, on one database."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from core.runner.repository import JobRepository
from core.storage.store import Store
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
from tests.unit.runner.test_queue import JOB, prepare

ITEMS = 200
# What the server answers to the process that is killed.
ANSWERED = 10

# Prints when the results of so many items are saved, and at the end.
RUN_JOB = """
import asyncio, sys
from core.calls import CallService
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.storage.store import Store
from tests.processes import line_of, processes
from tests.unit.conftest import profile_for
from tests.unit.runner.conftest import prepare

async def main(database_url, job_id, key, saved):
    store = Store.open(database_url)
    calls = CallService(Jobs(), lambda: store, "local", "session", lambda run: None)
    job = JobRepository(store, "local").get(job_id)
    profile = profile_for(job.base_url, key)
    ended = []
    runner = await Runners().start(job, calls, profile, prepare, lambda item, run: ended.append(item))
    while len(ended) < int(saved) or runner.progress.saving:
        await asyncio.sleep(0.01)
    print("saved", flush=True)
    print(await runner.wait(), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_loses_nothing_and_pays_nothing_twice_when_one_of_two_is_killed(
    starter: JobStarter, database_url: str
) -> None:
    answered: dict[str, list[str]] = {"Bearer killed": [], "Bearer living": []}
    unanswered: set[str] = set()

    def handle(request: ReceivedRequest) -> StubResponse:
        replies = answered[request.headers["authorization"]]
        if replies is answered["Bearer killed"] and len(replies) == ANSWERED:
            unanswered.add(key_of(request))
            return (ConnectionFault.HANG,)
        replies.append(key_of(request))
        return http_response(COMPLETION)

    async with stub_server(handle) as server, processes() as start, asyncio.timeout(100):
        job = starter.create(server.url, items(ITEMS))
        killed = await start("-c", RUN_JOB, database_url, job.id, "killed", str(ANSWERED))
        assert await line_of(killed) == "saved"
        living = await start("-c", RUN_JOB, database_url, job.id, "living", "1")
        assert await line_of(living) == "saved"
        killed.kill()
        await killed.wait()
        assert await line_of(living) == "done"
        await living.wait()

    assert starter.queue(job).progress().done == ITEMS
    assert len(answered["Bearer killed"]) == ANSWERED
    assert unanswered
    assert unanswered <= set(answered["Bearer living"])
    replies = Counter(answered["Bearer killed"] + answered["Bearer living"])
    assert replies == Counter(map(str, range(ITEMS)))


def test_claims_an_item_once(open_store: Callable[[], Store]) -> None:
    queues = [JobRepository(open_store(), "local").queue(JOB.id) for _ in range(4)]
    JobRepository(open_store(), "local").create(JOB, items(ITEMS))

    def claim_all(number: int) -> list[list[str]]:
        claims = []
        while keys := [claim.item.key for claim in queues[number].claim(7, prepare)]:
            claims.append(keys)
        return claims

    with ThreadPoolExecutor(len(queues)) as pool:
        claims = [keys for each in pool.map(claim_all, range(len(queues))) for keys in each]

    assert sorted(key for keys in claims for key in keys) == sorted(map(str, range(ITEMS)))
    # A process that is given fewer takes it that none is left.
    assert sum(len(keys) < 7 for keys in claims) <= len(queues)
