"""Begin a reply for a desk, and say how it ended."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from components.live import transcript
from components.live.views import View, message_view, run_message
from components.runtime import resources
from components.session.live_session import Begun, Desk
from core.chat import service as chat_service
from core.chat.completion import ENDPOINT
from core.client.client import connect
from core.client.profile import Kind
from core.client.retry import RetryPolicy
from core.conversations.messages import Content, Turn
from core.conversations.turn_service import ReplySaver, Turns
from core.errors.types import PlaygroundError
from core.images.attachments import image_part
from core.pricing.prices import Cost, Terms, cost_of
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Event, Run

CAPABILITY = "chat"


async def begin(desk: Desk, body: dict[str, Any]) -> tuple[Job, View]:
    """Keep the question, start the reply, and return what the browser is told first.

    *body* is what the composer sent. Raises PlaygroundError, before anything is kept, if it cannot be asked.
    """
    if desk.profile is None or desk.settings is None:
        raise PlaygroundError("The page is not ready yet", "Wait a moment and send again.")
    settings, profile, plan, conversation = desk.settings, desk.profile, desk.plan, desk.conversation
    client = await connect(profile)
    run = Run(CAPABILITY, ENDPOINT, settings.params([]), profile=profile.name, base_url=profile.base_url)
    turns, turn = await asyncio.to_thread(_begin_turn, desk, conversation, body, run)
    log = RunLog(run)
    job = Job(log, desk.owner, desk.token, turn.reply.text, turn.reply.id)
    price = partial(cost, kind=profile.kind)
    saver = ReplySaver(turns, turn.reply, price, desk.count)
    keep = partial(_keep, desk, price)
    question = chat_service.Question(settings, plan, RetryPolicy(profile.max_retries), desk.summaries, keep)
    resources.jobs.start(job, chat_service.ask(client, question, turn, log), saver)
    return job, _start(turn, log)


async def take_back(desk: Desk, begun: Begun) -> None:
    """Undo a turn whose sender left before hearing that it had begun: the browser has the question back."""
    if job := resources.jobs.get(begun.run):
        job.stop()
        await job.saved.wait()
    await asyncio.to_thread(transcript.turns(desk).conversations.withdraw, begun.message)


def _keep(desk: Desk, price: Callable[[Run], Cost], run: Run, events: Sequence[Event]) -> None:
    """Keep and count a run that a reply makes besides its own."""
    priced = replace(run, cost=price(run))
    desk.count(priced)
    runs = transcript.turns(desk).runs
    runs.save(priced)
    runs.append_events(run.id, events)


def _begin_turn(desk: Desk, conversation: str, body: dict[str, Any], run: Run) -> tuple[Turns, Turn]:
    """To be called off the loop: the first use of what is kept opens the database."""
    turns = transcript.turns(desk)
    return turns, _turn(turns, conversation, body, run)


def _turn(turns: Turns, conversation: str, body: dict[str, Any], run: Run) -> Turn:
    text, message = str(body.get("text") or ""), str(body.get("message") or "")
    match body.get("action"):
        case "send":
            return turns.send(conversation, _content(text, body["images"]), run)
        case "edit":
            return turns.edit(message, text, run)
        case "regenerate":
            return turns.regenerate(message, run)
        case "continue":
            return turns.proceed(message, run)
    raise PlaygroundError("The page asked for something unknown", "Reload it.")


def _content(text: str, images: list[dict[str, Any]]) -> Content:
    if not images:
        if not text.strip():
            raise PlaygroundError("There is nothing to send", "Write a message first.")
        return text
    parts = [image_part(str(image.get("data") or "")) for image in images]
    return [*([{"type": "text", "text": text}] if text.strip() else []), *parts]


def cost(run: Run, kind: Kind) -> Cost:
    """Price *run* as the server behind it charges."""
    model = run.model or str(run.params.get("model", ""))
    return cost_of(run.usage, model, run.started_at, Terms(kind, run.service_tier))


def _start(turn: Turn, log: RunLog) -> View:
    return {
        "t": "start",
        "run": log.id,
        "user": message_view(turn.question) if turn.question else None,
        "assistant": message_view(turn.reply, log.snapshot()),
    }


def ended(desk: Desk, job: Job) -> View:
    """The last thing the browser is told of a run, once it is saved."""
    run = job.log.snapshot()
    if run.capability != CAPABILITY:
        return alone(run)
    shown = transcript.transcript(desk)
    message = next((view for view in shown["messages"] if view["id"] == job.message_id), None)
    return {"t": "end", "message": message, "totals": shown["totals"], "notice": shown["notice"]}


def alone(run: Run) -> View:
    """How a run ended that belongs to no conversation."""
    return {"t": "end", "message": run_message(run)}
