"""Put a question: fit the history into the model's window, then make the call."""

import asyncio
import hashlib
import json
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.chat.completion import ENDPOINT, ChatSettings, answer
from core.client.retry import RetryPolicy
from core.conversations.messages import Message, Turn, spoken, wire_messages
from core.images.image import outline
from core.models.catalog import find
from core.runs.log import RunLog
from core.runs.run import Event, Run, RunState
from core.tokens.context_window import Budget, Fit, Plan, budget_for, fit, summary_request, with_summary
from core.tokens.estimate import estimate, message_counter

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """How to ask: settings, plan, retries; *summaries* remembers those made, *keep* gets their runs."""

    settings: ChatSettings
    plan: Plan
    policy: RetryPolicy
    summaries: MutableMapping[str, str] = field(default_factory=dict)
    keep: Callable[[Run, Sequence[Event]], None] = lambda _run, _events: None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The next request as it would be sent: its fit, the messages left out, and what it must fit into."""

    fit: Fit
    dropped: tuple[Message, ...]
    budget: Budget


async def ask(client: "AsyncOpenAI", question: Question, turn: Turn, log: RunLog) -> None:
    """Bring *log* to its end with the model's answer to *turn*."""
    messages = await _messages(client, question, turn, log)
    params = {**question.settings.params([]), "messages": messages}
    log.sent(params)
    await answer(client, params, log, question.policy)


def prepare(
    settings: ChatSettings, plan: Plan, history: Sequence[Message], appended: Sequence[Wire] = ()
) -> Prepared:
    """Fit *history* with *appended* after it. Loads the model's vocabulary: call it off the loop."""
    shown = spoken(history)
    messages = settings.params([*wire_messages(shown), *appended])["messages"]
    ahead = len(messages) - len(shown) - len(appended)
    pinned = {ahead + place for place, message in enumerate(shown) if message.pinned}
    budget = _budget(settings, plan)
    found = fit(messages, budget, plan.strategy, message_counter(settings.model), pinned)
    gone = [place - ahead for place in found.dropped_at]
    return Prepared(found, tuple(shown[place] for place in gone if place < len(shown)), budget)


def surely_fits(settings: ChatSettings, plan: Plan, messages: Sequence[Wire]) -> bool:
    """Whether *messages* fit even if every byte were a token, which spares counting in the common case."""
    model = find(settings.model)
    limit = plan.limit or budget_for(model, settings.max_completion_tokens).limit
    return limit is None or len(json.dumps(messages, ensure_ascii=False).encode(errors="replace")) < limit


def _budget(settings: ChatSettings, plan: Plan) -> Budget:
    blank = {"role": "user", "content": ""}
    alone = estimate({**settings.params([]), "messages": [blank]}).tokens
    overhead = alone - message_counter(settings.model)(blank)
    if plan.limit:
        return Budget(None, plan.limit, overhead=overhead)
    return budget_for(find(settings.model), settings.max_completion_tokens, overhead)


async def _messages(client: "AsyncOpenAI", question: Question, turn: Turn, log: RunLog) -> list[Any]:
    settings, plan = question.settings, question.plan
    everything: list[Any] = settings.params(turn.wire())["messages"]
    if plan.strategy == "none" or surely_fits(settings, plan, everything):
        return everything
    prepared = await asyncio.to_thread(prepare, settings, plan, turn.history, turn.appended)
    kept = list(prepared.fit.kept)
    if not prepared.dropped or plan.strategy != "summarise_oldest":
        return kept
    summary = await _summary(client, question, prepared.fit, log)
    return with_summary(kept, summary) if summary else kept


async def _summary(client: "AsyncOpenAI", question: Question, found: Fit, log: RunLog) -> str:
    """Have the model summarise what was dropped, once; empty if it fails, which the reply then says."""
    dropped = json.dumps([question.settings.model, found.dropped], ensure_ascii=False)
    key = hashlib.sha256(dropped.encode(errors="replace")).hexdigest()
    if key not in question.summaries:
        log.note(f"Summarising {len(found.dropped)} older messages…")
        run = await _summarise(client, question, found)
        if run.state is not RunState.DONE:
            log.learn(note="Older messages were left out: their summary failed.")
            return ""
        question.summaries[key] = run.text
    return question.summaries[key]


async def _summarise(client: "AsyncOpenAI", question: Question, found: Fit) -> Run:
    """Make the call for a summary, a run of its own that is kept even when it is stopped."""
    bare = ChatSettings(model=question.settings.model, stream=False)
    params = bare.params(summary_request(found.dropped))
    log = RunLog(Run("summary", ENDPOINT, params, base_url=str(client.base_url)))
    log.sent(params)
    try:
        await answer(client, params, log, question.policy)
    except asyncio.CancelledError:
        log.end(RunState.STOPPED)
        raise
    finally:
        await asyncio.shield(asyncio.to_thread(question.keep, log.snapshot(), log.events))
    return log.snapshot()


@dataclass(frozen=True, slots=True)
class Gauge:
    """How full the window would be: estimated *tokens* of the next request against *limit*, if known."""

    tokens: int
    limit: int | None
    budget: Budget
    fit: Fit | None = None

    @property
    def share(self) -> float:
        return min(self.tokens / self.limit, 1.0) if self.limit else 0.0


def gauge(
    settings: ChatSettings,
    plan: Plan,
    history: Sequence[Message],
    draft: str = "",
    images: Sequence[tuple[int, int]] = (),
) -> Gauge:
    """Estimate the next request with *draft* and *images* of so many pixels; nothing loads no vocabulary."""
    pictures = [{"type": "image_url", "image_url": {"url": outline(*size)}} for size in images]
    content = [{"type": "text", "text": draft}, *pictures] if pictures else draft
    appended = [{"role": "user", "content": content}] if content else []
    if not history and not appended and not settings.instructions:
        budget = budget_for(find(settings.model), settings.max_completion_tokens)
        return Gauge(0, plan.limit or budget.limit, budget)
    prepared = prepare(settings, replace(plan, strategy="none"), history, appended)
    kept = prepare(settings, plan, history, appended).fit
    return Gauge(prepared.fit.tokens, prepared.budget.limit, prepared.budget, kept)
