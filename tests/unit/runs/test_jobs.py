"""A reply outlives its page, is saved as it grows, and ends when nobody is left to read it."""

import asyncio
from collections.abc import Callable

import pytest

from core.errors.types import Explanation, PlaygroundError
from core.runs.jobs import ORPHAN_TIMEOUT, RELOAD_GRACE, Job, Jobs
from core.runs.log import RunLog
from core.runs.run import Run, RunState


class Clock:
    """Seconds that pass when told; whoever sleeps by it wakes at once."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)

    async def let_others_wake(self) -> None:
        """Give everything that sleeps by this clock a few turns."""
        for _ in range(20):
            await asyncio.sleep(0)


class Saver:
    """Remembers in which state the run was each time it was saved."""

    def __init__(self) -> None:
        self.states: list[tuple[RunState, str]] = []

    async def __call__(self, log: RunLog) -> None:
        run = log.snapshot()
        self.states.append((run.state, run.text))


def new_job(desk: str = "desk") -> Job:
    return Job(RunLog(Run("chat", "chat.completions.create", {})), "owner", desk)


async def silent_after(log: RunLog, text: str) -> None:
    log.write(text)
    await asyncio.Event().wait()


async def finish(log: RunLog, text: str) -> None:
    log.write(text)
    log.end(RunState.DONE)


async def began(job: Job) -> Job:
    """Wait for the first words."""
    await anext(job.log.follow())
    return job


async def ended(job: Job) -> RunState:
    await asyncio.wait_for(job.saved.wait(), 5)
    return job.log.snapshot().state


async def test_saves_at_its_end_and_is_forgotten() -> None:
    jobs, job, saver = Jobs(), new_job(), Saver()
    jobs.start(job, finish(job.log, "hello"), saver)

    assert await ended(job) is RunState.DONE
    assert saver.states == [(RunState.DONE, "hello")]
    assert jobs.get(job.log.id) is None


async def test_is_saved_while_it_grows() -> None:
    jobs, job, saver = Jobs(), new_job(), Saver()
    saved = asyncio.Event()

    async def save(log: RunLog) -> None:
        await saver(log)
        saved.set()

    jobs.start(job, silent_after(job.log, "half"), save)
    await asyncio.wait_for(saved.wait(), 5)

    assert saver.states[0] == (RunState.RUNNING, "half")
    job.stop()
    await ended(job)


async def test_keeps_what_had_arrived_when_it_is_stopped() -> None:
    jobs, job, saver = Jobs(), new_job(), Saver()
    await began(jobs.start(job, silent_after(job.log, "half"), saver))

    job.stop()

    assert await ended(job) is RunState.STOPPED
    assert saver.states[-1] == (RunState.STOPPED, "half")


async def test_ends_all_as_interrupted_when_the_process_goes() -> None:
    jobs = Jobs()
    both = [new_job(), new_job()]
    for job in both:
        await began(jobs.start(job, silent_after(job.log, "half"), Saver()))

    await jobs.stop_all()

    assert [await ended(job) for job in both] == [RunState.INTERRUPTED, RunState.INTERRUPTED]


async def test_lets_go_of_a_reply_that_could_not_be_saved() -> None:
    async def fail(_log: RunLog) -> None:
        raise OSError("disk")

    jobs, job = Jobs(), new_job()
    jobs.start(job, finish(job.log, "hello"), fail)
    assert job.task

    await asyncio.gather(job.task, return_exceptions=True)

    assert job.saved.is_set()
    assert jobs.get(job.log.id) is None


async def after(seconds: float, arrange: Callable[[Jobs, Job], None]) -> Job:
    """A job for which *arrange* was done, and then *seconds* passed."""
    clock = Clock()
    jobs, job = Jobs(clock, clock.sleep), new_job()
    jobs.session_opened("desk")
    await began(jobs.start(job, silent_after(job.log, "half"), Saver()))
    arrange(jobs, job)
    await clock.let_others_wake()
    clock.now += seconds
    await clock.let_others_wake()
    return job


def leave_open(_jobs: Jobs, _job: Job) -> None:
    """The person just looks on."""


def close_tab(jobs: Jobs, _job: Job) -> None:
    jobs.session_closed("desk")


def reload(jobs: Jobs, _job: Job) -> None:
    jobs.session_closed("desk")
    jobs.page_requested()


def read_in_another_tab(jobs: Jobs, job: Job) -> None:
    job.readers += 1
    jobs.session_closed("desk")


@pytest.mark.parametrize(
    ("arrange", "seconds"), [(close_tab, ORPHAN_TIMEOUT + 1), (reload, RELOAD_GRACE + 1)]
)
async def test_ends_a_reply_that_nobody_reads(arrange: Callable[[Jobs, Job], None], seconds: float) -> None:
    assert await ended(await after(seconds, arrange)) is RunState.INTERRUPTED


@pytest.mark.parametrize(
    ("arrange", "seconds"),
    [(leave_open, 1_000), (read_in_another_tab, 1_000), (close_tab, 1), (reload, ORPHAN_TIMEOUT + 1)],
)
async def test_goes_on_while_somebody_may_read_it(
    arrange: Callable[[Jobs, Job], None], seconds: float
) -> None:
    job = await after(seconds, arrange)

    assert not job.log.ended
    job.stop()
    await ended(job)


async def test_ends_a_reply_whose_work_breaks() -> None:
    async def broken() -> None:
        raise PlaygroundError("There is no vocabulary", "Install it.")

    job, saver = new_job(), Saver()
    Jobs().start(job, broken(), saver)
    await job.saved.wait()

    assert job.log.snapshot().error == Explanation("There is no vocabulary", "Install it.")
    assert saver.states[-1][0] is RunState.FAILED


async def test_belongs_to_every_tab_that_has_followed_it() -> None:
    clock = Clock()
    jobs = Jobs(clock, clock.sleep)
    job = jobs.start(new_job("first tab"), asyncio.Event().wait(), Saver())  # type: ignore[arg-type]
    jobs.session_opened("second tab")
    job.session_tokens.add("second tab")
    jobs.session_closed("first tab")

    clock.now += 100
    await clock.let_others_wake()

    assert not job.log.ended
    await jobs.stop_all()


async def test_saves_what_is_stopped_before_it_began() -> None:
    saver = Saver()
    job = new_job()
    Jobs().start(job, asyncio.Event().wait(), saver)  # type: ignore[arg-type]

    job.stop()
    await job.saved.wait()

    assert [state for state, _ in saver.states] == [RunState.STOPPED]
