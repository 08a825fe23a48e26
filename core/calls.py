"""The one way to make a recorded API call: it is a run, executed as a job, priced and saved however it ends.

A page makes a call in three lines, whatever the endpoint:

    run = new_run("vision", ChatCompletionCall.endpoint, params, profile)
    job = await calls.start(run, ChatCompletionCall(), profile)   # or: run = await calls.run(...), to wait
    ...follow job.log, or stop it with job.stop()
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from core.client.client import create_client_async
from core.client.retry import RetryPolicy, with_retries
from core.errors.explain import explain
from core.pricing.prices import BillingTerms, Cost, cost_of
from core.pricing.usage import Usage
from core.runs.jobs import Job, Jobs, Save
from core.runs.log import RunLog
from core.runs.run import Attempt, Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile
    from core.server_kind import ServerKind
    from core.storage.store import Store


class SentCall(Protocol):
    """Sends the request of a run and reads its response."""

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        """Make one attempt and record it in *log*. Raises what the SDK raises, or a PlaygroundError."""

    def result_fields(self) -> dict[str, Any]:
        """Return the fields of the run that the response has filled so far."""

    def end_state(self, error: Exception | None) -> RunState:
        """Return how the call ended, with *error* or without one."""


class ApiCall(SentCall, Protocol):
    """One call of an endpoint. Make a new one for every run."""

    endpoint: ClassVar[str]
    is_billed: ClassVar[bool]
    is_retried: ClassVar[bool]

    @staticmethod
    def estimate_usage(run: Run) -> Usage | None:
        """Estimate the tokens of *run*, which ended without a usage; None if nothing is known of them."""


async def execute(
    client: "AsyncOpenAI", call: SentCall, params: dict[str, Any], log: RunLog, retry_policy: RetryPolicy
) -> None:
    """Send *params*, retry as *retry_policy* says, and end *log* whatever happens.

    Raises nothing but cancellation, after which the job that runs this ends the log.
    """

    def record_retry(failed: Attempt) -> None:
        log.record_retry(failed, retry_policy.max_retries + 1)

    log.mark_sent(params)
    log.read_response_from(lambda: call.result_fields().get("response"))
    try:
        await with_retries(partial(call.send, client, params, log), retry_policy, record_retry)
    except asyncio.CancelledError:
        log.update(**call.result_fields())
        raise
    except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
        explanation = explain(error, base_url=str(client.base_url), has_text=log.characters_written > 0)
        log.end(call.end_state(error), explanation, **call.result_fields())
    else:
        log.end(call.end_state(None), **call.result_fields())


def new_run(
    capability: str, endpoint: str, params: dict[str, Any], profile: "Profile", parent_id: str = ""
) -> Run:
    """Create the record of a call that is about to be sent to *profile*."""
    return Run(
        capability,
        endpoint,
        params,
        profile=profile.name,
        base_url=profile.base_url,
        server_kind=profile.kind,
        parent_id=parent_id,
    )


def cost_of_run(
    run: Run, kind: "ServerKind", estimate_usage: Callable[[Run], Usage | None] | None = None
) -> Cost:
    """Price *run* as a server of *kind* charges; a run without usage has an estimated amount at most."""
    model = run.model or str(run.params.get("model", ""))
    estimate = estimate_usage(run) if estimate_usage and run.usage is None else None
    if estimate is None:
        return cost_of(run.usage, model, run.started_at, BillingTerms(kind, run.service_tier))
    cost = cost_of(estimate, model, run.started_at, BillingTerms(kind, run.service_tier, billed=False))
    if kind == "sandbox":  # free, whatever the usage
        return Cost(cost.amount, cost.basis)
    return Cost(None, cost.basis, estimated_amount=cost.amount)


@dataclass(frozen=True, slots=True)
class CallService:
    """Makes the calls of one browser session.

    *open_store* opens the database on first use, which takes long enough to happen off the event loop.
    *on_end* receives every run that has ended, with its cost.
    """

    jobs: Jobs
    open_store: "Callable[[], Store]"
    owner: str
    session_token: str
    on_end: Callable[[Run], None]

    async def start(self, run: Run, call: ApiCall, profile: "Profile") -> Job:
        """Save *run* and start its call.

        Raises PlaygroundError, with nothing saved, if no client can be made.
        """

        def save_run(store: "Store", _job: Job) -> Save:
            from core.storage.run_repository import RunRepository
            from core.storage.run_saver import RunSaver

            runs = RunRepository(store, self.owner)
            runs.save(run)
            price = (
                partial(cost_of_run, kind=profile.kind, estimate_usage=call.estimate_usage)
                if call.is_billed
                else None
            )
            return RunSaver(runs, price, self.on_end)

        def make_call(client: "AsyncOpenAI", log: RunLog) -> Coroutine[Any, Any, None]:
            retry_policy = RetryPolicy(profile.max_retries if call.is_retried else 0)
            return execute(client, call, run.params, log, retry_policy)

        return await self.start_job(run, profile, save_run, make_call)

    async def start_job(
        self,
        run: Run,
        profile: "Profile",
        save_run: "Callable[[Store, Job], Save]",
        make_call: "Callable[[AsyncOpenAI, RunLog], Coroutine[Any, Any, None]]",
    ) -> Job:
        """Do what `start` does for a call that saves more than its run, or prepares its request first.

        *save_run* saves the run and returns what saves it while it grows; it runs off the event loop.
        *make_call* makes the call and ends the log. Both run at the same time, so that the request does not
        wait for the database; if the run cannot be saved, the call is cancelled.
        """
        client = await create_client_async(profile)
        log = RunLog(run)
        job = Job(log, self.owner, self.session_token)
        saving = asyncio.ensure_future(asyncio.to_thread(lambda: save_run(self.open_store(), job)))
        calling = asyncio.create_task(make_call(client, log))
        try:
            save = await asyncio.shield(saving)
        except BaseException as error:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            if isinstance(error, asyncio.CancelledError):
                # The thread saves the run all the same, so end it here: no job will.
                save = await saving
                if not log.ended:
                    log.end(RunState.STOPPED)
                await save(log)
            raise
        return self.jobs.start(job, calling, save)

    def start_saved(
        self, client: "AsyncOpenAI", run: Run, call: SentCall, retry_policy: RetryPolicy, save: Save
    ) -> Job:
        """Start the call of a saved run, and *save* it at its end; until then the caller renews its lease.

        The growing reply is not saved: after a crash its item is requested again from the beginning, because
        no API continues a reply, and saving hundreds of them every second would take the time of the calls.
        """
        log = RunLog(run)
        job = Job(log, self.owner, self.session_token)
        sending = execute(client, call, run.params, log, retry_policy)
        return self.jobs.start(job, sending, save, saves_growth=False)

    async def run(
        self,
        run: Run,
        call: ApiCall,
        profile: "Profile",
        on_start: Callable[[RunLog], object] = lambda _log: None,
    ) -> Run:
        """Make the call and return the ended run, saved. Cancellation stops the call and saves what arrived.

        *on_start* receives the log of the run, to follow its progress.
        """
        job = await self.start(run, call, profile)
        on_start(job.log)
        try:
            await job.saved.wait()
        except asyncio.CancelledError:
            job.stop()
            await job.saved.wait()
            raise
        return job.log.snapshot()

    def job(self, run_id: str) -> Job | None:
        """Return the job of a run that is under way; None if it has ended or is another owner's."""
        job = self.jobs.get(run_id)
        return job if job and job.owner == self.owner else None

    async def stop(self, run_id: str) -> None:
        """Stop a running call and wait until what arrived is saved."""
        if job := self.job(run_id):
            job.stop()
            await job.saved.wait()

    def saved_runs(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return *run_ids* by id as last saved, with all they hold.

        Reads the database: call it off the event loop.
        """
        from core.storage.run_repository import RunRepository

        return RunRepository(self.open_store(), self.owner).get_many(run_ids)

    def current_runs(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return summaries of *run_ids* by id, running ones as they are now instead of as last saved.

        Summaries hold no messages, images or responses. Reads the database: call it off the event loop.
        """
        from core.storage.run_repository import RunRepository

        summaries = RunRepository(self.open_store(), self.owner).summaries(run_ids)
        return {
            run_id: job.log.snapshot() if (job := self.jobs.get(run_id)) else run
            for run_id, run in summaries.items()
        }
