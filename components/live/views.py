"""Conversations and runs as the JSON that the live component draws, with all values formatted."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from components.ui.formatting import format_dollars, format_seconds
from core.conversations.messages import Message
from core.models.catalog import get_model
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Attempt, Run, RunState, ServerSpeed
from core.runs.sandbox_reply import describe_sandbox_reply
from core.tokens.estimate import estimate_output_tokens

if TYPE_CHECKING:
    from core.chat.context import ContextUsage
    from core.chat.transcript import Transcript
    from core.completions.request import ChatSettings
    from core.conversations.messages import Turn
    from core.storage.store import Store

View = dict[str, Any]

_WARNING_THRESHOLD = 0.8  # of the context window

_STATE_NOTES = {
    RunState.STOPPED: "Stopped by you",
    RunState.INTERRUPTED: "Interrupted: the connection was lost or the app stopped",
    RunState.CUT_OFF: "Incomplete: the stream ended without a finish reason",
    RunState.FAILED: "Failed before the reply was complete",
}
_FINISH_NOTES = {
    "length": "Stopped at the token limit",
    "content_filter": "Stopped by the content filter",
    "tool_calls": "Requested a tool call, which this page does not support",
}
_CONTINUABLE_STATES = {RunState.STOPPED, RunState.INTERRUPTED, RunState.CUT_OFF, RunState.FAILED}


def transcript_view(transcript: "Transcript", store: "Store") -> View:
    """The conversation with its totals, and a notice if the database has a problem."""
    return {
        "conversation": {"id": transcript.conversation_id, "title": transcript.title},
        "messages": [
            message_view(entry.message, entry.run, entry.siblings, entry.is_dropped)
            for entry in transcript.messages
        ],
        "running": transcript.running,
        "totals": totals(transcript.runs),
        "notice": store.problem or store.notice,
    }


def start_event(turn: "Turn", run: Run) -> View:
    """The first line of a reply's stream: the new message, if any, and the empty reply."""
    return {
        "t": "start",
        "run": run.id,
        "user": message_view(turn.question) if turn.question else None,
        "assistant": message_view(turn.reply, run),
    }


def end_event(transcript: "Transcript", store: "Store", message_id: str) -> View:
    """The last line of a reply's stream, once it is saved."""
    view = transcript_view(transcript, store)
    message = next((message for message in view["messages"] if message["id"] == message_id), None)
    return {"t": "end", "message": message, "totals": view["totals"], "notice": view["notice"]}


def standalone_end_event(run: Run) -> View:
    """The last line of the stream of a run that belongs to no conversation."""
    return {"t": "end", "message": standalone_message(run)}


def message_view(
    message: Message, run: Run | None = None, siblings: Sequence[str] = (), dropped: bool = False
) -> View:
    """One message. While its run is in progress, the text is that before the run."""
    return {
        "id": message.id,
        "role": message.role,
        "text": message.text,
        "images": [
            {"src": part["image_url"]["url"], "alt": "attached image"}
            for part in message.content
            if isinstance(part, dict) and part.get("type") == "image_url"
        ],
        "pinned": message.pinned,
        "siblings": list(siblings or [message.id]),
        "created": message.created_at.isoformat(),
        "run": run_json(run) if run else None,
        "dropped": dropped,
    }


def standalone_message(run: Run) -> View:
    """The message of a run that belongs to no conversation."""
    view = {"id": run.id, "role": "assistant", "text": run.text, "images": [], "pinned": False}
    return {**view, "siblings": [run.id], "run": run_json(run), "dropped": False}


def run_json(run: Run) -> View:
    """What is drawn around a reply: how it ended, its metrics and its error."""
    continuable = run.state in _CONTINUABLE_STATES or run.finish_reason == "length"
    return {
        "id": run.id,
        "state": run.state.value,
        "model": run.model or str(run.params.get("model", "")),
        "reasoning": run.reasoning,
        "metrics": metrics(run),
        "note": " ".join(filter(None, (_end_note(run), run.note))),
        "error": asdict(run.error) if run.error else None,
        "can_continue": bool(run.text) and continuable,
    }


def _end_note(run: Run) -> str:
    if run.state in _STATE_NOTES:
        received = f" · {len(run.text):,} characters received" if run.text else ""
        is_simulated = run.state is RunState.CUT_OFF and run.has_simulated_fault
        return f"{_STATE_NOTES[run.state]}{received}.{' Simulated fault.' if is_simulated else ''}"
    if run.refusal:
        return "The model refused to answer."
    is_empty = run.state is RunState.DONE and not run.text
    if is_empty and run.finish_reason == "length":
        return "Reached the token limit before the first word of the reply. Raise Max completion tokens."
    return _FINISH_NOTES.get(run.finish_reason or "", "The reply is empty." if is_empty else "")


def metrics(run: Run) -> list[View]:
    """The line below a reply. Unknown metrics are left out, except tokens and cost, whose hint says why."""
    if run.state is RunState.RUNNING:
        return []
    return [
        *_time_metrics(run),
        *_retry_metric(run.attempts),
        *_server_speed_metrics(run.server_speed),
        *(_token_metrics(run.usage) if run.usage else [_estimated_tokens(run)]),
        *_cost_metric(run.cost),
        *_detail_metrics(run),
    ]


def _metric(label: str, value: str, hint: str, *, label_first: bool = False, is_detail: bool = False) -> View:
    """A metric as "250 ms total" or, with the label first, as "Finished: stop".

    A detail is only shown on demand.
    """
    return {
        "label": label,
        "value": value,
        "hint": hint,
        "label_first": label_first,
        "is_detail": is_detail,
    }


def _time_metrics(run: Run) -> list[View]:
    views = []
    if run.stream and run.first_token is not None:
        hint = "Time from sending the request to the first token, of the reasoning or the reply"
        views.append(_metric("to first token", format_seconds(run.first_token), hint))
    if run.total is not None:
        hint = "Time from sending the request to the end of the reply"
        views.append(_metric("total", format_seconds(run.total), hint))
    if run.tokens_per_second:
        hint = "Output tokens, including reasoning, by total time without waits between attempts"
        views.append(_metric("tokens/s", f"{run.tokens_per_second:,.0f}", hint, is_detail=True))
    return views


def _server_speed_metrics(speed: ServerSpeed | None) -> list[View]:
    if speed is None:
        return []
    speeds = (
        ("tokens/s prefill", speed.prefill, "Speed of processing the prompt, measured by the server"),
        ("tokens/s decode", speed.decode, "Speed of generating the reply, measured by the server"),
    )
    return [_metric(label, f"{value:,.0f}", hint, is_detail=True) for label, value, hint in speeds if value]


def _retry_metric(failed: Sequence[Attempt]) -> list[View]:
    if not failed:
        return []
    waited = format_seconds(sum(attempt.wait for attempt in failed))
    label = f"{'retry' if len(failed) == 1 else 'retries'} · waited {waited}"
    return [_metric(label, str(len(failed)), "; ".join(attempt.reason for attempt in failed))]


def _estimated_tokens(run: Run) -> View:
    """The output tokens of a run without usage, counted from what has arrived."""
    tokens = estimate_output_tokens(run.reasoning + run.text, run.model or str(run.params.get("model", "")))
    if not tokens:
        return _metric("Tokens", "not available", "The server did not report the usage", label_first=True)
    hint = "Counted from the text that arrived: the server reports the usage only at the end of a reply"
    return _metric("output tokens (estimated)", f"≈ {tokens:,}", hint)


def _token_metrics(usage: Usage) -> list[View]:
    views = [_metric("input tokens", f"{usage.input_tokens:,}", "As billed")]
    if usage.cached_tokens:
        hint = "Input tokens read from the cache"
        views.append(_metric("cached", f"{usage.cached_tokens:,}", hint, is_detail=True))
    if usage.cache_write_tokens:
        hint = "Input tokens written to the cache"
        views.append(_metric("cache write", f"{usage.cache_write_tokens:,}", hint, is_detail=True))
    views.append(_metric("output tokens", f"{usage.output_tokens:,}", "As billed"))
    if usage.reasoning_tokens:
        hint = "Output tokens used for reasoning"
        views.append(_metric("reasoning", f"{usage.reasoning_tokens:,}", hint, is_detail=True))
    return views


def _cost_metric(cost: Cost | None) -> list[View]:
    if cost is None:
        return []
    saved = f" The cache saved {format_dollars(cost.cache_savings)}." if cost.cache_savings else ""
    if not cost.amount and cost.list_amount:
        return [_metric("at list price", f"≈ {format_dollars(cost.list_amount)}", f"{cost.basis}{saved}")]
    if cost.amount is not None:
        value = format_dollars(cost.amount)
    elif cost.estimated_amount is not None:
        value = f"≈ {format_dollars(cost.estimated_amount)} (estimated)"
    else:
        value = "not available"
    return [_metric("Cost", value, f"{cost.basis}{saved}", label_first=True)]


def _detail_metrics(run: Run) -> list[View]:
    details = (
        ("Sandbox", describe_sandbox_reply(run), "The sandbox has no language model"),
        ("Finished", run.finish_reason, "Finish reason"),
        ("Tier", run.service_tier, "Service tier that processed the request"),
        ("Model", run.model, "Model that generated the reply"),
        ("Request ID", run.request_id, "Include it in support requests"),
    )
    return [
        _metric(label, value, hint, label_first=True, is_detail=True)
        for label, value, hint in details
        if value
    ]


def totals(runs: Sequence[Run]) -> list[View]:
    """The usage and the cost of the conversation, including all its branches."""
    usages = [run.usage for run in runs if run.usage]
    if not usages:
        return []
    usage = sum(usages[1:], usages[0])
    views = [
        _metric("reply" if len(usages) == 1 else "replies", str(len(usages)), "Replies with known usage"),
        _metric("input tokens", f"{usage.input_tokens:,}", "As billed"),
        _metric("output tokens", f"{usage.output_tokens:,}", "As billed"),
    ]
    costs = [run.cost.amount for run in runs if run.cost and run.cost.amount is not None]
    listed = [run.cost.list_amount for run in runs if run.cost and run.cost.list_amount]
    if listed and not any(costs):
        value = f"≈ {format_dollars(sum(listed, Decimal(0)))}"
        views.append(_metric("at list price", value, "The sandbox charges nothing"))
    elif costs:
        hint = f"Sum of {len(costs)} of {len(usages)} replies"
        views.append(_metric("Cost", format_dollars(sum(costs, Decimal(0))), hint, label_first=True))
    return views


def context_usage_view(usage: "ContextUsage", settings: "ChatSettings") -> View:
    """The context usage at the composer, which is an estimate."""
    model = get_model(settings.model)
    level = "near" if usage.fraction > _WARNING_THRESHOLD else "ok"
    if usage.input_limit and usage.tokens > usage.input_limit:
        level = "over"
    limit = f" of {_short_number(usage.input_limit)}" if usage.input_limit else ""
    details = (
        f"Estimate: the next request has about {usage.tokens:,} tokens.",
        f"Input limit: {usage.input_limit:,}."
        if usage.input_limit
        else "The context window of this model is unknown.",
        f"Context window: {model.context_window:,}." if model.context_window else "",
        f"Maximum output: {model.max_output:,}." if model.max_output else "",
        usage.trimmed.reason if usage.trimmed else "",
    )
    return {
        "tokens": usage.tokens,
        "window": model.context_window,
        "max_output": model.max_output,
        "share": usage.fraction,
        "level": level,
        "text": f"≈ {_short_number(usage.tokens)}{limit} tokens",
        "detail": " ".join(filter(None, details)),
    }


def _short_number(tokens: int) -> str:
    if tokens < 10_000:
        return f"{tokens:,}"
    return f"{tokens / 1000:,.0f}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.2f}M"
