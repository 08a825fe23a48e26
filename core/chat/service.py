"""Put a question: fit the history into the model's window, then make the call."""

import asyncio
import hashlib
import json
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.chat.completion import ENDPOINT, ChatSettings, run_completion
from core.client.retry import RetryPolicy
from core.conversations.messages import Message, Turn, api_messages, non_empty
from core.images.image import placeholder_image
from core.models.catalog import get_model
from core.runs.log import RunLog
from core.runs.run import Event, Run, RunState
from core.tokens.context_window import (
    TokenBudget,
    TrimOptions,
    TrimResult,
    budget_for,
    insert_summary,
    summary_request,
    trim_messages,
)
from core.tokens.estimate import estimate_tokens, message_counter

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """How to ask: settings, plan, retries; *summaries* remembers those made, *keep* gets their runs."""

    settings: ChatSettings
    trim: TrimOptions
    retry_policy: RetryPolicy
    summaries: MutableMapping[str, str] = field(default_factory=dict)
    save_run: Callable[[Run, Sequence[Event]], None] = lambda _run, _events: None


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """The next request as it would be sent: its fit, the messages left out, and what it must fit into."""

    trimmed: TrimResult
    dropped: tuple[Message, ...]
    budget: TokenBudget


async def create_reply(client: "AsyncOpenAI", question: ReplyOptions, turn: Turn, log: RunLog) -> None:
    """Bring *log* to its end with the model's answer to *turn*."""
    messages = await _request_messages(client, question, turn, log)
    params = {**question.settings.params([]), "messages": messages}
    log.mark_sent(params)
    await run_completion(client, params, log, question.retry_policy)


def prepare_request(
    settings: ChatSettings, plan: TrimOptions, history: Sequence[Message], appended: Sequence[Wire] = ()
) -> PreparedRequest:
    """Fit *history* with *appended* after it. Loads the model's vocabulary: call it off the loop."""
    shown = non_empty(history)
    messages = settings.params([*api_messages(shown), *appended])["messages"]
    ahead = len(messages) - len(shown) - len(appended)
    pinned = {ahead + place for place, message in enumerate(shown) if message.pinned}
    budget = _token_budget(settings, plan)
    found = trim_messages(messages, budget, plan.strategy, message_counter(settings.model), pinned)
    gone = [place - ahead for place in found.dropped_indices]
    return PreparedRequest(found, tuple(shown[place] for place in gone if place < len(shown)), budget)


def fits_without_counting(settings: ChatSettings, plan: TrimOptions, messages: Sequence[Wire]) -> bool:
    """Whether *messages* fit even if every byte were a token, which spares counting in the common case."""
    model = get_model(settings.model)
    limit = plan.simulated_window or budget_for(model, settings.max_completion_tokens).input_limit
    return limit is None or len(json.dumps(messages, ensure_ascii=False).encode(errors="replace")) < limit


def _token_budget(settings: ChatSettings, plan: TrimOptions) -> TokenBudget:
    blank = {"role": "user", "content": ""}
    alone = estimate_tokens({**settings.params([]), "messages": [blank]}).tokens
    overhead = alone - message_counter(settings.model)(blank)
    if plan.simulated_window:
        return TokenBudget(None, plan.simulated_window, overhead=overhead)
    return budget_for(get_model(settings.model), settings.max_completion_tokens, overhead)


async def _request_messages(
    client: "AsyncOpenAI", question: ReplyOptions, turn: Turn, log: RunLog
) -> list[Any]:
    settings, plan = question.settings, question.trim
    everything: list[Any] = settings.params(turn.api_messages())["messages"]
    if plan.strategy == "none" or fits_without_counting(settings, plan, everything):
        return everything
    prepared = await asyncio.to_thread(prepare_request, settings, plan, turn.history, turn.extra_messages)
    kept = list(prepared.trimmed.messages)
    if not prepared.dropped or plan.strategy != "summarise_oldest":
        return kept
    summary = await _get_summary(client, question, prepared.trimmed, log)
    return insert_summary(kept, summary) if summary else kept


async def _get_summary(client: "AsyncOpenAI", question: ReplyOptions, found: TrimResult, log: RunLog) -> str:
    """Have the model summarise what was dropped, once; empty if it fails, which the reply then says."""
    dropped = json.dumps([question.settings.model, found.dropped], ensure_ascii=False)
    key = hashlib.sha256(dropped.encode(errors="replace")).hexdigest()
    if key not in question.summaries:
        log.set_status(f"Summarising {len(found.dropped)} older messages…")
        run = await _create_summary(client, question, found)
        if run.state is not RunState.DONE:
            log.update(note="Older messages were left out: their summary failed.")
            return ""
        question.summaries[key] = run.text
    return question.summaries[key]


async def _create_summary(client: "AsyncOpenAI", question: ReplyOptions, found: TrimResult) -> Run:
    """Make the call for a summary, a run of its own that is kept even when it is stopped."""
    bare = ChatSettings(model=question.settings.model, stream=False)
    params = bare.params(summary_request(found.dropped))
    log = RunLog(Run("summary", ENDPOINT, params, base_url=str(client.base_url)))
    log.mark_sent(params)
    try:
        await run_completion(client, params, log, question.retry_policy)
    except asyncio.CancelledError:
        log.end(RunState.STOPPED)
        raise
    finally:
        await asyncio.shield(asyncio.to_thread(question.save_run, log.snapshot(), log.events))
    return log.snapshot()


@dataclass(frozen=True, slots=True)
class ContextUsage:
    """How full the window would be: estimated *tokens* of the next request against *limit*, if known."""

    tokens: int
    input_limit: int | None
    budget: TokenBudget
    trimmed: TrimResult | None = None

    @property
    def fraction(self) -> float:
        return min(self.tokens / self.input_limit, 1.0) if self.input_limit else 0.0


def context_usage(
    settings: ChatSettings,
    plan: TrimOptions,
    history: Sequence[Message],
    draft: str = "",
    images: Sequence[tuple[int, int]] = (),
) -> ContextUsage:
    """Estimate the next request with *draft* and *images* of so many pixels; nothing loads no vocabulary."""
    pictures = [{"type": "image_url", "image_url": {"url": placeholder_image(*size)}} for size in images]
    content = [{"type": "text", "text": draft}, *pictures] if pictures else draft
    appended = [{"role": "user", "content": content}] if content else []
    if not history and not appended and not settings.instructions:
        budget = budget_for(get_model(settings.model), settings.max_completion_tokens)
        return ContextUsage(0, plan.simulated_window or budget.input_limit, budget)
    prepared = prepare_request(settings, replace(plan, strategy="none"), history, appended)
    kept = prepare_request(settings, plan, history, appended).trimmed
    return ContextUsage(prepared.trimmed.tokens, prepared.budget.input_limit, prepared.budget, kept)
