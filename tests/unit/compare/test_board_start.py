"""Two people who start the same board in the same instant."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from core.calls import CallService
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.compare.boards.board import Board
from core.compare.boards.cells import CellState, cell_states
from core.compare.boards.repository import BoardRepository
from core.compare.running.runs import BoardRuns
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for

PEOPLE = 3
CASES = 8


class AwaitedProfiles(dict[str, Profile]):
    """Servers that nobody gets before everybody has read which cells are to be run."""

    def __init__(self, profiles: Mapping[str, Profile]) -> None:
        super().__init__(profiles)
        self._everybody = threading.Barrier(PEOPLE, timeout=60)
        self._arrived: set[int] = set()

    def get(self, key: str, default: Profile | None = None) -> Profile | None:  # type: ignore[override]
        # Once in each thread: who is too late reads again, and need not wait then.
        if (thread := threading.get_ident()) not in self._arrived:
            self._arrived.add(thread)
            self._everybody.wait()
        return super().get(key, default)


@pytest.fixture
async def people(open_store: Callable[[], Store]) -> AsyncIterator[list[CallService]]:
    """The call service of each person, with a connection to the database as in a process of their own."""
    stores = [open_store() for _ in range(PEOPLE)]
    jobs = Jobs()
    jobs.session_opened("session")
    yield [CallService(jobs, lambda s=s: s, "local", "session", lambda _run: None) for s in stores]  # type: ignore[misc]
    await jobs.stop_all()
    await close_http_clients()


async def test_creates_each_cell_once(people: list[CallService], sandbox: SandboxServer) -> None:
    board: Board = board_of(variant_of(id="a"), variant_of("Bye {{name}}", id="b"), cases=CASES)
    store = people[0].open_store()
    repository = BoardRepository(store)
    repository.save(board)
    profiles = AwaitedProfiles({"test": profile_for(sandbox.url, sandbox.key)})
    # One for all, because a process has one runner of a job.
    runners = Runners()
    boards = [BoardRuns(runners) for _ in people]

    await asyncio.gather(
        *(runs.start(board, calls, profiles) for runs, calls in zip(boards, people, strict=True))
    )
    await asyncio.gather(*(runs.wait(board.id, "local") for runs in boards))

    states = cell_states(board, repository.cells(board.id))
    assert list(states.values()) == [CellState.DONE] * (2 * CASES)
    assert len(RunRepository(store).list("compare", limit=100)) == 2 * CASES
