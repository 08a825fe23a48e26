"""Jobs: calls that run independently of the page that started them, saved as they grow."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import InitVar, dataclass, field
from typing import Any

from core.errors.explain import explain
from core.runs.log import RunLog
from core.runs.run import RunState

# Seconds between two saves of a growing reply, which is what kill -9 can lose. With five replies at 80 tokens
# a second, saving takes 4 % of a core.
SAVE_INTERVAL = 0.25
# Seconds from the first token to the first save, in which the token reaches the browser.
_FIRST_SAVE_DELAY = 0.03
# A save writes the whole text (20 ms for a million characters), so those of a reply above half a million are
# further apart, to take 4 % of a core as well; but kill -9 never loses more than two seconds.
_SAVED_CHARACTERS_PER_SECOND = 2_000_000
MAX_SAVE_INTERVAL = 2.0
# Seconds between two saves while nothing arrives: they renew the lease, and save the events.
_IDLE_SAVE_INTERVAL = 1.0

# Seconds that a job without readers continues after its tab was closed, and longer while a page is loading,
# because that may be a reload of the tab.
ORPHAN_TIMEOUT = 1.5
RELOAD_GRACE = 20.0
_CHECK_INTERVAL = 0.25

_logger = logging.getLogger(__name__)

Save = Callable[[RunLog], Coroutine[Any, Any, None]]


@dataclass(slots=True, eq=False)
class Job:
    """A call of *owner* that is under way. A reply continues the text *prefix* of the message *message_id*.

    `session_tokens` are the browser sessions that started or followed it, `readers` counts the open
    connections that show it.
    """

    log: RunLog
    owner: str
    session_token: InitVar[str]
    prefix: str = ""
    message_id: str = ""
    readers: int = 0
    stop_state: RunState = RunState.INTERRUPTED
    task: "asyncio.Task[None] | None" = None
    is_stopping: bool = False
    unread_since: float | None = None
    saved: asyncio.Event = field(default_factory=asyncio.Event)
    session_tokens: set[str] = field(default_factory=set)

    def __post_init__(self, session_token: str) -> None:
        self.session_tokens.add(session_token)

    def stop(self, state: RunState = RunState.STOPPED) -> None:
        """Cancel the call, which closes its HTTP stream. What has arrived is saved."""
        if self.is_stopping:  # a second cancellation would interrupt the save
            return
        self.stop_state = state
        if self.task and not self.log.ended:
            self.is_stopping = True
            # A task that is cancelled before its first step never reaches its `finally`, so cancel it later.
            self.task.get_loop().call_soon(self.task.cancel)


class Jobs:
    """The jobs of this process. All methods run on the event loop."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._jobs: dict[str, Job] = {}
        self._open_sessions: set[str] = set()
        self._clock = clock
        self._sleep = sleep
        self._page_requested_at = float("-inf")
        self._reaper: asyncio.Task[None] | None = None

    def get(self, run_id: str) -> Job | None:
        return self._jobs.get(run_id)

    def start(self, job: Job, call: Awaitable[object], save: Save, *, saves_growth: bool = True) -> Job:
        """Await *call*, which writes the job's log, and *save* the log at the end.

        With *saves_growth*, the log is saved as it grows, too, which renews the lease of its run.
        """
        self._jobs[job.log.id] = job
        run = self._run(job, call, save, saves_growth=saves_growth)
        job.task = asyncio.create_task(run, name=f"run-{job.log.id}")
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.create_task(self._stop_orphans())
        return job

    def session_opened(self, session_token: str) -> None:
        self._open_sessions.add(session_token)

    def session_closed(self, session_token: str) -> None:
        """Note that a tab was closed: its jobs without readers are stopped soon."""
        self._open_sessions.discard(session_token)

    def page_requested(self) -> None:
        """Note that a browser requested a page: it may be a reload, so orphaned jobs wait for it."""
        self._page_requested_at = self._clock()

    async def stop_all(self) -> None:
        """Stop and save all jobs as interrupted, because the process is about to exit."""
        tasks = [job.task for job in self._jobs.values() if job.task]
        for job in list(self._jobs.values()):
            job.stop(RunState.INTERRUPTED)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job, call: Awaitable[object], save: Save, *, saves_growth: bool) -> None:
        saver = asyncio.create_task(self._save_periodically(job.log, save)) if saves_growth else None
        try:
            await call
        except asyncio.CancelledError:
            job.log.end(job.stop_state)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task, and followers of a log that never ends wait forever
            job.log.end(RunState.FAILED, explain(error))
        finally:
            if saver:
                saver.cancel()
            await self._finalise(job, save)

    async def _finalise(self, job: Job, save: Save) -> None:
        try:
            await save(job.log)
        finally:
            job.saved.set()
            self._jobs.pop(job.log.id, None)

    async def _stop_orphans(self) -> None:
        while self._jobs:
            await self._sleep(_CHECK_INTERVAL)
            for job in list(self._jobs.values()):
                if self._is_orphaned(job):
                    job.stop(RunState.INTERRUPTED)

    def _is_orphaned(self, job: Job) -> bool:
        if job.readers or job.session_tokens & self._open_sessions:
            job.unread_since = None
            return False
        now = self._clock()
        job.unread_since = job.unread_since or now
        reloading = self._page_requested_at > job.unread_since - ORPHAN_TIMEOUT
        return now - job.unread_since > (RELOAD_GRACE if reloading else ORPHAN_TIMEOUT)

    async def _save_periodically(self, log: RunLog, save: Save) -> None:
        saved_characters = 0
        while True:
            await log.wait_for_text(saved_characters, _IDLE_SAVE_INTERVAL)
            if log.characters_written and not saved_characters:
                await self._sleep(_FIRST_SAVE_DELAY)
            if log.ended:
                return
            saved_characters = log.characters_written
            await asyncio.shield(save(log))  # so that it is over before the final save starts
            if saved_characters:
                pause = max(SAVE_INTERVAL, saved_characters / _SAVED_CHARACTERS_PER_SECOND)
                await self._sleep(min(pause, MAX_SAVE_INTERVAL))
