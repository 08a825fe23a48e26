"""Two apps and two workers, each a process, run one board on one PostgreSQL database."""

import asyncio
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from core.calls import CallService
from core.client.client import close_http_clients
from core.compare.boards.board import Board
from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import CAPABILITY
from core.compare.running.processes import running_work
from core.compare.running.runs import BoardRuns, shared_progress
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.runs.run import RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.worker.handlers import CAPABILITIES
from core.worker.offers import JobOffers
from tests.postgresql import PostgresServer
from tests.processes import Start, line_of, processes
from tests.servers import COMPLETION
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for

# More than all processes claim before they are answered.
CASES = 60
# What the server answers to the worker that is killed.
ANSWERED = 5
TIMEOUT = 100

APP = """
import asyncio, sys
from core.calls import CallService
from core.compare.boards.repository import BoardRepository
from core.compare.running.runs import BoardRuns
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.storage.store import Store
from core.worker.handlers import CAPABILITIES
from core.worker.offers import JobOffers
from tests.unit.conftest import profile_for

async def main(database_url, board_id, base_url, key):
    store = Store.open(database_url)
    calls = CallService(Jobs(), lambda: store, "local", "session", lambda run: None)
    runners = Runners(JobOffers(database_url), CAPABILITIES)
    runs = BoardRuns(runners)
    board = BoardRepository(store, "local").get(board_id)
    await runs.start(board, calls, {"test": profile_for(base_url, key)})
    print("started", flush=True)
    await runs.wait(board_id, "local")
    await runners.stop_all()
    print("done", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@dataclass(slots=True)
class Server:
    """Answers the worker "killed" *ANSWERED* times, and then the others, once "living" is one of them."""

    url: str = ""
    answered: dict[str, list[str]] = field(default_factory=dict)
    has_killed_pending: bool = False
    answers_others: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def reply(self, request: web.Request) -> web.Response:
        body = await request.json()
        key = request.headers["authorization"].removeprefix("Bearer ")
        replies = self.answered.setdefault(key, [])
        if key == "killed" and len(replies) == ANSWERED:
            self.has_killed_pending = True
        if self.has_killed_pending and "living" in self.answered:
            self.answers_others.set()
        if key != "killed":
            await self.answers_others.wait()
        elif len(replies) == ANSWERED:
            await self.ended.wait()
            raise web.HTTPServiceUnavailable
        replies.append(f"{body['model']} {body['messages'][0]['content']}")
        return web.json_response(COMPLETION | {"choices": [choice(key)]})


def choice(text: str) -> dict[str, Any]:
    return {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}


@asynccontextmanager
async def server() -> AsyncIterator[Server]:
    server = Server()
    application = web.Application()
    application.router.add_post("/v1/chat/completions", server.reply)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        server.ended.set()
        server.answers_others.set()
        await runner.cleanup()


@pytest.fixture
def url(postgresql: PostgresServer) -> Iterator[str]:
    with postgresql.new_database("team") as url:
        yield url


async def start_worker(start: Start, url: str, server: Server, key: str) -> Process:
    environ = {"DATABASE_URL": url, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": key}
    return await start("-m", "core.worker", **environ)


@pytest.mark.timeout(TIMEOUT + 20)
async def test_share_a_board_and_lose_nothing_when_a_worker_is_killed(url: str) -> None:
    store = Store.open(url)
    board = board_of(*(variant_of(model=model, stream=False) for model in ("m1", "m2")), cases=CASES)
    BoardRepository(store, "local").save(board)
    async with server() as api, processes() as start, asyncio.timeout(TIMEOUT):
        killed, living = [await start_worker(start, url, api, key) for key in ("killed", "living")]
        apps = []
        for key in ("app 1", "app 2"):
            apps.append(await start("-c", APP, url, board.id, api.url, key))
            assert await line_of(apps[-1]) == "started"
        while not api.has_killed_pending or saved_replies(store).count("killed") < ANSWERED:
            await asyncio.sleep(0.05)
        killed.kill()
        for app in apps:
            assert await line_of(app) == "done"
        living.terminate()
        assert [await process.wait() for process in (living, *apps)] == [0, 0, 0]

    assert len(BoardRepository(store, "local").cells(board.id)) == 2 * CASES
    answered = Counter(item for items in api.answered.values() for item in items)
    assert len(answered) == 2 * CASES
    assert set(answered.values()) == {1}
    assert len(api.answered["killed"]) == ANSWERED
    assert api.answered["living"]
    store.close()


def saved_replies(store: Store) -> list[str]:
    return [run.text for run in RunRepository(store).list("compare", RunState.DONE, limit=500)]


async def stop_in_another_app(url: str, board: Board) -> None:
    store = Store.open(url)
    runs, jobs = BoardRuns(Runners(JobOffers(url), CAPABILITIES)), JobRepository(store, "local")
    work = running_work(jobs, CAPABILITY)[board.id]
    progress = shared_progress(runs.progress(board.id, "local"), jobs, work)
    assert (progress.is_running, progress.work.total) == (True, CASES)
    await runs.stop(board.id, jobs)
    store.close()


@pytest.mark.timeout(TIMEOUT + 20)
async def test_are_seen_and_stopped_by_another_app(url: str) -> None:
    store = Store.open(url)
    board = board_of(variant_of(stream=False), cases=CASES)
    BoardRepository(store, "local").save(board)
    calls = CallService(Jobs(), lambda: store, "local", "session", lambda _run: None)
    runners = Runners(JobOffers(url), CAPABILITIES)
    runs = BoardRuns(runners)
    async with server() as api, processes() as start, asyncio.timeout(TIMEOUT):
        await start_worker(start, url, api, "killed")
        await runs.start(board, calls, {"test": profile_for(api.url, "app")})
        [job] = JobRepository(store, "local").list(CAPABILITY)
        queue = JobRepository(store, "local").queue(job.id)
        while not api.has_killed_pending or queue.progress().done < ANSWERED:
            await asyncio.sleep(0.05)

        await stop_in_another_app(url, board)

        await runs.wait(board.id, "local")
        while queue.progress().running:
            await asyncio.sleep(0.05)
    assert (queue.progress().done, queue.progress().waiting) == (ANSWERED, CASES - ANSWERED)
    await runners.stop_all()
    await close_http_clients()
    store.close()
