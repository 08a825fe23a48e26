"""Send a message of a conversation and generate the reply: one turn, stored before the request is sent."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from core.apis import APIS
from core.calls import CallService, cost_of_run, execute, new_run
from core.chat.context import fits_without_counting, prepare_request
from core.chat.faults import fault_headers
from core.chat.request import earlier_replies, reply_request
from core.client.retry import RetryPolicy
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.conversations.messages import Content, Turn
from core.conversations.reply_saver import ReplySaver
from core.conversations.turn_service import TurnService, turn_service
from core.errors.types import PlaygroundError
from core.images.attachments import image_part
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.tokens.context_window import TrimOptions, TrimResult, insert_summary, summary_request

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile
    from core.storage.store import Store

CAPABILITY = "chat"


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What the composer or a message's button sends: "send", "edit", "regenerate" or "continue".

    *images* are data URLs; *message_id* is the message that the action is about.
    """

    action: str
    text: str = ""
    images: Sequence[str] = ()
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """The server and the settings of a reply. *summaries* caches summaries of dropped messages by hash.

    *fault* is one of `SIMULATED_FAULTS`, which the sandbox is asked to apply to this reply only.
    """

    profile: "Profile"
    settings: ChatSettings
    trim: TrimOptions = field(default_factory=TrimOptions)
    summaries: MutableMapping[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ReplyService:
    """Generates the replies of one browser session, each as a job."""

    calls: CallService

    async def start(
        self, conversation_id: str, request: SendRequest, options: ReplyOptions
    ) -> tuple[Job, Turn]:
        """Store the turn that *request* asks for and start the reply to it.

        Raises PlaygroundError, with nothing stored, if the request cannot be sent.
        """
        api = APIS[options.settings.api]
        params = api.params(options.settings.request_params([]))
        run = new_run(CAPABILITY, api.endpoint, params, options.profile)
        loop = asyncio.get_running_loop()
        prepared: asyncio.Future[Turn] = loop.create_future()

        def prepare(turn: Turn) -> None:
            if not prepared.done():
                prepared.set_result(turn)

        def save_turn(store: "Store", job: Job) -> ReplySaver:
            service = turn_service(
                store, self.calls.owner, lambda turn: loop.call_soon_threadsafe(prepare, turn)
            )
            turn = _store_turn(service, conversation_id, request, run)
            job.prefix, job.message_id = turn.reply.text, turn.reply.id
            price = partial(
                cost_of_run, kind=options.profile.kind, estimate_usage=api.new_call().estimate_usage
            )
            return ReplySaver(service, turn.reply, price, self.calls.on_end)

        async def generate(client: "AsyncOpenAI", log: RunLog) -> None:
            turn = await prepared
            messages = await self._request_messages(options, turn, log)
            runs = await self._earlier_runs(options.settings, turn)
            request = reply_request(options.settings, turn, messages, runs, options.profile)
            log.update(note=" ".join(filter(None, (log.snapshot().note, request.note))))
            if options.fault:
                client = client.with_options(default_headers=fault_headers(options.fault, run.id))
            await execute(client, request.call, request.params, log, RetryPolicy(options.profile.max_retries))

        job = await self.calls.start_job(run, options.profile, save_turn, generate)
        return job, prepared.result()

    async def _earlier_runs(self, settings: ChatSettings, turn: Turn) -> Mapping[str, Run]:
        run_ids = earlier_replies(settings, turn)
        if not run_ids:
            return {}
        runs = turn_service(self.calls.open_store(), self.calls.owner).runs
        return await asyncio.to_thread(runs.get_many, run_ids)

    async def _request_messages(
        self, options: ReplyOptions, turn: Turn, log: RunLog
    ) -> list[Mapping[str, Any]]:
        settings, trim = options.settings, options.trim
        messages: list[Mapping[str, Any]] = [*settings.messages(turn.api_messages())]
        if trim.strategy == "none" or fits_without_counting(settings, trim, messages):
            return messages
        prepared = await asyncio.to_thread(prepare_request, settings, trim, turn.history, turn.extra_messages)
        messages = [*prepared.trimmed.messages]
        if not prepared.dropped or trim.strategy != "summarise_oldest":
            return messages
        summary = await self._summarise(options, prepared.trimmed, log)
        return insert_summary(messages, summary) if summary else messages

    async def _summarise(self, options: ReplyOptions, trimmed: TrimResult, log: RunLog) -> str:
        """Return the model's summary of the dropped messages, or "" with a note in *log* if that call fails.

        The call is a run of its own, also when it is stopped.
        """
        model = options.settings.model
        dropped = json.dumps([model, trimmed.dropped], ensure_ascii=False)
        key = hashlib.sha256(dropped.encode(errors="replace")).hexdigest()
        if key not in options.summaries:
            log.set_status(f"Summarising {len(trimmed.dropped)} older messages…")
            plain = ChatSettings(model=model, stream=False)
            params = plain.request_params(summary_request(trimmed.dropped))
            run = new_run("summary", ChatCompletionCall.endpoint, params, options.profile)
            run = await self.calls.run(run, ChatCompletionCall(), options.profile, self._keep_running)
            if run.state is not RunState.DONE:
                log.update(note="Older messages were left out: their summary failed.")
                return ""
            options.summaries[key] = run.text
        return options.summaries[key]

    def _keep_running(self, log: RunLog) -> None:
        # The reply reads the summary. Without a reader, it would be stopped when the sender's tab closes,
        # even if another tab follows the reply. Stopping the reply stops it anyway.
        if job := self.calls.job(log.id):
            job.readers += 1

    async def undo(self, run_id: str, message_id: str) -> None:
        """Remove a turn from *message_id* on, and stop its reply.

        The browser disconnected before the reply was confirmed.
        """
        await self.calls.stop(run_id)
        turns = turn_service(self.calls.open_store(), self.calls.owner)
        await asyncio.to_thread(turns.conversations.undo_send, message_id)


def _store_turn(turns: TurnService, conversation_id: str, request: SendRequest, run: Run) -> Turn:
    match request.action:
        case "send":
            text = request.text if request.text.strip() else ""
            if not text and not request.images:
                raise PlaygroundError("There is nothing to send", "Write a message first.")
            content: Content = text
            if request.images:
                text_parts = [{"type": "text", "text": text}] if text else []
                content = [*text_parts, *map(image_part, request.images)]
            return turns.send(conversation_id, content, run)
        case "edit":
            return turns.edit(request.message_id, request.text, run)
        case "regenerate":
            return turns.regenerate(request.message_id, run)
        case "continue":
            return turns.continue_reply(request.message_id, run)
    raise PlaygroundError("The page sent an unknown action", "Reload it.")
