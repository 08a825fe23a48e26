"""Runs that belong to no conversation: a page begins them, and the component's job mode draws them."""

import asyncio
from typing import TYPE_CHECKING, Any

from components.live.replies import CAPABILITY, cost_of_run, standalone_ended_view
from components.live.views import View
from components.runtime import resources
from components.session.live_session import LiveSession
from core.chat.completion import ENDPOINT, run_completion
from core.client.client import connect
from core.client.retry import RetryPolicy
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.run_saver import RunSaver

if TYPE_CHECKING:
    from core.client.profile import Profile


async def start_standalone(
    desk: LiveSession, profile: "Profile", capability: str, params: dict[str, Any]
) -> str:
    """Start the chat call with *params* as a run of *capability*, and return the run's id."""
    client = await connect(profile)
    run = Run(capability, ENDPOINT, params, profile=profile.name, base_url=profile.base_url)
    runs, log = RunRepository(await asyncio.to_thread(resources.store), desk.owner), RunLog(run)
    log.mark_sent(params)
    await asyncio.to_thread(runs.start, run)
    saver = RunSaver(runs, lambda ended: cost_of_run(ended, profile.kind), desk.add_usage)
    work = run_completion(client, params, log, RetryPolicy(profile.max_retries))
    resources.jobs.start(Job(log, desk.owner, desk.token), work, saver)
    return run.id


async def stop_run(desk: LiveSession, run_id: str) -> None:
    """Stop a run of *desk*'s owner; what has arrived is kept."""
    job = resources.jobs.get(run_id)
    if job and job.owner == desk.owner:
        job.stop()
        await job.saved.wait()


def standalone_end(desk: LiveSession, run_id: str) -> View | None:
    """How a run ended that is over, for a page that draws it again; None for any other."""
    found = RunRepository(resources.store(), desk.owner).get_many([run_id]).get(run_id)
    if found is None or found.capability == CAPABILITY or found.state is RunState.RUNNING:
        return None
    return standalone_ended_view(found)
