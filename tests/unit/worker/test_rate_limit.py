"""Two workers, each a process with the same key, share the rate limit of a model."""

import asyncio
import time
from collections import Counter

import aiohttp
import psycopg
import pytest
from sqlalchemy import distinct, func, select

from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import new_job
from core.runner.queue import DatabaseQueue
from core.runner.repository import JobRepository
from core.runner.work import WorkJob
from core.sandbox.server import SandboxServer
from core.storage.schema import runs
from core.storage.store import Store
from core.worker.offers import JobOffers, connection_string, create_tables
from tests.postgresql import PostgresServer
from tests.processes import processes
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for

# A minute's worth is there at the beginning; so many more are refilled while the workers wait for them.
PER_MINUTE, REFILLED = 90, 10
# The workers learn of each other every second, and may use the same refill until then.
MAX_REFUSED = 4
TIMEOUT = 90


def waiting_workers(url: str) -> int:
    with psycopg.connect(connection_string(url)) as connection:
        row = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
    return int(row[0]) if row else 0


async def statuses_of(sandbox: SandboxServer) -> Counter[int]:
    """Return how often the sandbox has answered a call with each status."""
    url, headers = sandbox.url.replace("/v1", "/sandbox/requests"), {"Authorization": f"Bearer {sandbox.key}"}
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as response:
        entries = (await response.json())["data"]
    return Counter(entry["status"] for entry in entries if entry["path"] == "/v1/chat/completions")


async def run_on_workers(url: str, sandbox: SandboxServer, queue: DatabaseQueue, job: WorkJob) -> float:
    """Offer *job* to two workers once both wait for one, and return the seconds until it is complete."""
    create_tables(url)
    environ = {"DATABASE_URL": url, "OPENAI_BASE_URL": sandbox.url, "OPENAI_API_KEY": sandbox.key}
    async with processes() as start, asyncio.timeout(TIMEOUT):
        for _ in range(2):
            await start("-m", "core.worker", **environ)
        while await asyncio.to_thread(waiting_workers, url) < 2:
            await asyncio.sleep(0.05)
        started = time.monotonic()
        await JobOffers(url).offer(job, "local")
        while not queue.progress().is_complete:
            await asyncio.sleep(0.05)
        return time.monotonic() - started


@pytest.mark.timeout(TIMEOUT + 20)
async def test_stay_within_a_limit_together(postgresql: PostgresServer) -> None:
    with SandboxServer() as sandbox, postgresql.new_database("limits") as url:
        sandbox.settings.update({"requests_per_minute": PER_MINUTE})
        store = Store.open(url)
        board = board_of(variant_of(id="a", stream=False), cases=PER_MINUTE + REFILLED)
        profile = profile_for(sandbox.url, sandbox.key)
        job, items = new_job(board, board.variants[0], [*board.cell_keys()], profile)
        BoardRepository(store, "local").save(board)
        queue = JobRepository(store, "local").create(job, items)

        seconds = await run_on_workers(url, sandbox, queue, job)

        holders = store.read(lambda c: c.scalar(select(func.count(distinct(runs.c.holder)))))
        statuses = await statuses_of(sandbox)
        store.close()
    assert holders == 2
    assert statuses[200] == PER_MINUTE + REFILLED
    assert statuses[429] <= MAX_REFUSED
    assert statuses.keys() <= {200, 429}
    assert seconds * PER_MINUTE / 60 > REFILLED - 1
