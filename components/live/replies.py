"""Begin a reply for a desk, and say how it ended."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from components.live import transcript
from components.live.views import View, message_view, standalone_message
from components.runtime import resources
from components.session.live_session import LiveSession, PendingSend
from core.chat import service as chat_service
from core.chat.completion import ENDPOINT
from core.client.client import connect
from core.client.profile import ServerKind
from core.client.retry import RetryPolicy
from core.conversations.messages import Content, Turn
from core.conversations.turn_service import ReplySaver, TurnService
from core.errors.types import PlaygroundError
from core.images.attachments import image_part
from core.pricing.prices import BillingTerms, Cost, cost_of
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Event, Run

CAPABILITY = "chat"


async def start_reply(desk: LiveSession, body: dict[str, Any]) -> tuple[Job, View]:
    """Keep the question, start the reply, and return what the browser is told first.

    *body* is what the composer sent. Raises PlaygroundError, before anything is kept, if it cannot be asked.
    """
    if desk.profile is None or desk.settings is None:
        raise PlaygroundError("The page is not ready yet", "Wait a moment and send again.")
    settings, profile, plan, conversation = desk.settings, desk.profile, desk.trim, desk.conversation
    client = await connect(profile)
    run = Run(CAPABILITY, ENDPOINT, settings.params([]), profile=profile.name, base_url=profile.base_url)
    turns, turn = await asyncio.to_thread(_begin_turn, desk, conversation, body, run)
    log = RunLog(run)
    job = Job(log, desk.owner, desk.token, turn.reply.text, turn.reply.id)
    price = partial(cost_of_run, kind=profile.kind)
    saver = ReplySaver(turns, turn.reply, price, desk.add_usage)
    keep = partial(_keep, desk, price)
    question = chat_service.ReplyOptions(
        settings, plan, RetryPolicy(profile.max_retries), desk.summaries, keep
    )
    resources.jobs.start(job, chat_service.create_reply(client, question, turn, log), saver)
    return job, _start_view(turn, log)


async def undo_send(desk: LiveSession, begun: PendingSend) -> None:
    """Undo a turn whose sender left before hearing that it had begun: the browser has the question back."""
    if job := resources.jobs.get(begun.run_id):
        job.stop()
        await job.saved.wait()
    await asyncio.to_thread(transcript.turn_service(desk).conversations.undo_send, begun.message_id)


def _keep(desk: LiveSession, price: Callable[[Run], Cost], run: Run, events: Sequence[Event]) -> None:
    """Keep and count a run that a reply makes besides its own."""
    priced = replace(run, cost=price(run))
    desk.add_usage(priced)
    runs = transcript.turn_service(desk).runs
    runs.save(priced)
    runs.append_events(run.id, events)


def _begin_turn(
    desk: LiveSession, conversation: str, body: dict[str, Any], run: Run
) -> tuple[TurnService, Turn]:
    """To be called off the loop: the first use of what is kept opens the database."""
    turns = transcript.turn_service(desk)
    return turns, _turn(turns, conversation, body, run)


def _turn(turns: TurnService, conversation: str, body: dict[str, Any], run: Run) -> Turn:
    text, message = str(body.get("text") or ""), str(body.get("message") or "")
    match body.get("action"):
        case "send":
            return turns.send(conversation, _content(text, body["images"]), run)
        case "edit":
            return turns.edit(message, text, run)
        case "regenerate":
            return turns.regenerate(message, run)
        case "continue":
            return turns.continue_reply(message, run)
    raise PlaygroundError("The page asked for something unknown", "Reload it.")


def _content(text: str, images: list[dict[str, Any]]) -> Content:
    if not images:
        if not text.strip():
            raise PlaygroundError("There is nothing to send", "Write a message first.")
        return text
    parts = [image_part(str(image.get("data") or "")) for image in images]
    return [*([{"type": "text", "text": text}] if text.strip() else []), *parts]


def cost_of_run(run: Run, kind: ServerKind) -> Cost:
    """Price *run* as the server behind it charges."""
    model = run.model or str(run.params.get("model", ""))
    return cost_of(run.usage, model, run.started_at, BillingTerms(kind, run.service_tier))


def _start_view(turn: Turn, log: RunLog) -> View:
    return {
        "t": "start",
        "run": log.id,
        "user": message_view(turn.question) if turn.question else None,
        "assistant": message_view(turn.reply, log.snapshot()),
    }


def ended_view(desk: LiveSession, job: Job) -> View:
    """The last thing the browser is told of a run, once it is saved."""
    run = job.log.snapshot()
    if run.capability != CAPABILITY:
        return standalone_ended_view(run)
    shown = transcript.transcript(desk)
    message = next((view for view in shown["messages"] if view["id"] == job.message_id), None)
    return {"t": "end", "message": message, "totals": shown["totals"], "notice": shown["notice"]}


def standalone_ended_view(run: Run) -> View:
    """How a run ended that belongs to no conversation."""
    return {"t": "end", "message": standalone_message(run)}
