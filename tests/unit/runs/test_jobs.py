"""A job runs without its page, is saved as it grows, and is stopped when it can have no readers any more."""

import asyncio
from collections.abc import Callable

import pytest

from core.errors.types import Explanation, PlaygroundError
from core.runs.jobs import MAX_SAVE_INTERVAL, ORPHAN_TIMEOUT, RELOAD_GRACE, SAVE_INTERVAL, Job, Jobs
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from tests.unit.runs.conftest import FakeClock


class SaveRecorder:
    """Records the state and the text of a run each time it is saved."""

    def __init__(self) -> None:
        self.saved: list[tuple[RunState, str]] = []

    async def __call__(self, log: RunLog) -> None:
        run = log.snapshot()
        self.saved.append((run.state, run.text))


def new_job(session_token: str = "session") -> Job:
    return Job(RunLog(Run("chat", "chat.completions.create", {})), "owner", session_token)


async def write_and_hang(log: RunLog, text: str) -> None:
    log.write(text)
    await asyncio.Event().wait()


async def write_and_end(log: RunLog, text: str) -> None:
    log.write(text)
    log.end(RunState.DONE)


async def wait_for_text(job: Job) -> Job:
    await anext(job.log.follow())
    return job


async def wait_for_end(job: Job) -> RunState:
    await asyncio.wait_for(job.saved.wait(), 20)
    return job.log.snapshot().state


async def test_saves_and_removes_a_job_that_ends() -> None:
    jobs, job, save = Jobs(), new_job(), SaveRecorder()
    jobs.start(job, write_and_end(job.log, "hello"), save)

    assert await wait_for_end(job) is RunState.DONE
    assert save.saved == [(RunState.DONE, "hello")]
    assert jobs.get(job.log.id) is None


async def test_saves_a_job_in_progress() -> None:
    jobs, job, recorder = Jobs(), new_job(), SaveRecorder()
    saved = asyncio.Event()

    async def save(log: RunLog) -> None:
        await recorder(log)
        saved.set()

    jobs.start(job, write_and_hang(job.log, "half"), save)
    await asyncio.wait_for(saved.wait(), 20)

    assert recorder.saved[0] == (RunState.RUNNING, "half")
    job.stop()
    await wait_for_end(job)


async def test_saves_a_job_at_its_first_token() -> None:
    clock = FakeClock()
    jobs, job, save = Jobs(clock, clock.sleep), new_job(), SaveRecorder()
    jobs.session_opened("session")
    jobs.start(job, write_and_hang(job.log, "half"), save)

    while not save.saved:
        await clock.run_sleepers()

    assert save.saved[0] == (RunState.RUNNING, "half")
    await jobs.stop_all()


@pytest.mark.parametrize(
    ("length", "pause"), [(1, 0.25), (500_000, 0.25), (1_000_000, 0.5), (10_000_000, MAX_SAVE_INTERVAL)]
)
async def test_saves_a_growing_reply_every_quarter_of_a_second_and_a_huge_one_less_often(
    length: int, pause: float
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        job.log.write("x")
        await asyncio.sleep(0)

    jobs, job, save = Jobs(sleep=sleep), new_job(), SaveRecorder()
    jobs.session_opened("session")
    jobs.start(job, write_and_hang(job.log, "x" * length), save)

    await FakeClock().run_sleepers()

    assert max(pauses) == pytest.approx(pause, rel=0.01)
    assert len(save.saved) > 2
    assert (SAVE_INTERVAL, MAX_SAVE_INTERVAL) == (0.25, 2.0)
    await jobs.stop_all()


async def test_saves_the_text_of_a_stopped_job() -> None:
    jobs, job, save = Jobs(), new_job(), SaveRecorder()
    await wait_for_text(jobs.start(job, write_and_hang(job.log, "half"), save))

    job.stop()

    assert await wait_for_end(job) is RunState.STOPPED
    assert save.saved[-1] == (RunState.STOPPED, "half")


async def test_ends_all_jobs_as_interrupted_at_shutdown() -> None:
    jobs = Jobs()
    both = [new_job(), new_job()]
    for job in both:
        await wait_for_text(jobs.start(job, write_and_hang(job.log, "half"), SaveRecorder()))

    await jobs.stop_all()

    assert [await wait_for_end(job) for job in both] == [RunState.INTERRUPTED, RunState.INTERRUPTED]


async def test_removes_a_job_that_cannot_be_saved() -> None:
    async def fail(_log: RunLog) -> None:
        raise OSError("disk")

    jobs, job = Jobs(), new_job()
    jobs.start(job, write_and_end(job.log, "hello"), fail)
    assert job.task

    await asyncio.gather(job.task, return_exceptions=True)

    assert job.saved.is_set()
    assert jobs.get(job.log.id) is None


async def job_after(seconds: float, action: Callable[[Jobs, Job], None]) -> Job:
    """Start a job, do *action*, let *seconds* pass, and return the job."""
    clock = FakeClock()
    jobs, job = Jobs(clock, clock.sleep), new_job("session")
    jobs.session_opened("session")
    await wait_for_text(jobs.start(job, write_and_hang(job.log, "half"), SaveRecorder()))
    action(jobs, job)
    await clock.run_sleepers()
    clock.now += seconds
    await clock.run_sleepers()
    return job


def keep_tab_open(_jobs: Jobs, _job: Job) -> None:
    """Do nothing."""


def close_tab(jobs: Jobs, _job: Job) -> None:
    jobs.session_closed("session")


def reload(jobs: Jobs, _job: Job) -> None:
    jobs.session_closed("session")
    jobs.page_requested()


def read_in_another_tab(jobs: Jobs, job: Job) -> None:
    job.readers += 1
    jobs.session_closed("session")


@pytest.mark.parametrize(("action", "seconds"), [(close_tab, ORPHAN_TIMEOUT + 1), (reload, RELOAD_GRACE + 1)])
async def test_interrupts_a_job_without_readers(action: Callable[[Jobs, Job], None], seconds: float) -> None:
    assert await wait_for_end(await job_after(seconds, action)) is RunState.INTERRUPTED


@pytest.mark.parametrize(
    ("action", "seconds"),
    [(keep_tab_open, 1_000), (read_in_another_tab, 1_000), (close_tab, 1), (reload, ORPHAN_TIMEOUT + 1)],
)
async def test_continues_a_job_that_may_have_readers(
    action: Callable[[Jobs, Job], None], seconds: float
) -> None:
    job = await job_after(seconds, action)

    assert not job.log.ended
    job.stop()
    await wait_for_end(job)


async def test_ends_a_job_that_raises_as_failed() -> None:
    async def fail() -> None:
        raise PlaygroundError("There is no vocabulary", "Install it.")

    job, save = new_job(), SaveRecorder()
    Jobs().start(job, fail(), save)
    await job.saved.wait()

    assert job.log.snapshot().error == Explanation("There is no vocabulary", "Install it.")
    assert save.saved[-1][0] is RunState.FAILED


async def test_continues_a_job_while_a_tab_that_followed_it_is_open() -> None:
    clock = FakeClock()
    jobs = Jobs(clock, clock.sleep)
    job = jobs.start(new_job("first tab"), asyncio.Event().wait(), SaveRecorder())
    jobs.session_opened("second tab")
    job.session_tokens.add("second tab")
    jobs.session_closed("first tab")

    clock.now += 100
    await clock.run_sleepers()

    assert not job.log.ended
    await jobs.stop_all()


async def test_saves_a_job_that_is_stopped_before_its_first_step() -> None:
    job, save = new_job(), SaveRecorder()
    Jobs().start(job, asyncio.Event().wait(), save)

    job.stop()
    await job.saved.wait()

    assert [state for state, _ in save.saved] == [RunState.STOPPED]
