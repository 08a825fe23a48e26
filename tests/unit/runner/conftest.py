"""A job of chat requests whose keys the server can read, and a runner for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from core.calls import CallService
from core.completions.call import ChatCompletionCall
from core.runner.options import DEFAULT_OPTIONS, OnEnd, RunnerOptions
from core.runner.queue import DatabaseQueue
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.runners import Runners
from core.runner.work import Budget, WorkItem, WorkJob, WorkRequest
from core.storage.store import Store
from tests.servers import ReceivedRequest
from tests.unit.conftest import profile_for


def prepare(item: WorkItem) -> WorkRequest:
    messages = [{"role": "user", "content": item.key}]
    return WorkRequest({"model": "m", "messages": messages, **item.data}, ChatCompletionCall())


def key_of(request: ReceivedRequest) -> str:
    """Return the key of the item that *request* belongs to."""
    return str(request.json()["messages"][0]["content"])


UNLIMITED = Budget()


def items(count: int) -> list[WorkItem]:
    return [WorkItem(str(number)) for number in range(count)]


@dataclass(slots=True)
class JobStarter:
    """Creates jobs, and runs them as the app does."""

    calls: CallService
    store: Store
    runners: Runners = field(default_factory=Runners)
    max_retries: int = 0

    def create(self, url: str, work: Iterable[WorkItem], budget: Budget = UNLIMITED) -> WorkJob:
        job = WorkJob("lab", "test", url, "m", budget=budget)
        self.jobs.create(job, work)
        return job

    async def start(
        self, job: WorkJob, on_end: OnEnd | None = None, options: RunnerOptions = DEFAULT_OPTIONS
    ) -> Runner:
        profile = profile_for(job.base_url, max_retries=self.max_retries)
        return await self.runners.start(job, self.calls, profile, prepare, on_end, options)

    @property
    def jobs(self) -> JobRepository:
        return JobRepository(self.store, self.calls.owner)

    def queue(self, job: WorkJob) -> DatabaseQueue:
        return self.jobs.queue(job.id)


@pytest.fixture
def starter(calls: CallService, store: Store) -> JobStarter:
    return JobStarter(calls, store)
