"""Conversations and runs as the live component draws them: plain JSON, formatted here."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from components.ui.formatting import format_dollars, format_seconds
from core.conversations.messages import Message
from core.models.catalog import Model, get_model
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.chat.context import ContextUsage
    from core.chat.request import ChatSettings
    from core.chat.transcript import Transcript
    from core.conversations.messages import Turn
    from core.storage.store import Store

View = dict[str, Any]

_WARNING_THRESHOLD = 0.8  # of the window: time to think of trimming

_STATE_NOTES = {
    RunState.STOPPED: "Stopped by you",
    RunState.INTERRUPTED: "Interrupted: the connection or the app went away",
    RunState.CUT_OFF: "Cut off: the server ended the stream without a finish reason",
    RunState.FAILED: "Failed before the reply was complete",
}
_FINISH_NOTES = {
    "length": "Ended at the token limit",
    "content_filter": "Ended by the content filter",
    "tool_calls": "Asked for tools, which this page does not run",
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


def start_view(turn: "Turn", run: Run) -> View:
    """The first line of a reply's stream: the new message, if any, and the empty reply."""
    return {
        "t": "start",
        "run": run.id,
        "user": message_view(turn.question) if turn.question else None,
        "assistant": message_view(turn.reply, run),
    }


def ended_view(transcript: "Transcript", store: "Store", message_id: str) -> View:
    """The last line of a reply's stream, once it is saved."""
    view = transcript_view(transcript, store)
    message = next((message for message in view["messages"] if message["id"] == message_id), None)
    return {"t": "end", "message": message, "totals": view["totals"], "notice": view["notice"]}


def standalone_ended_view(run: Run) -> View:
    """The last line of the stream of a run that belongs to no conversation."""
    return {"t": "end", "message": standalone_message(run)}


def message_view(
    message: Message, run: Run | None = None, siblings: Sequence[str] = (), dropped: bool = False
) -> View:
    """One bubble; of a run that is still going, the text that was there before it."""
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
        "run": run_view(run) if run else None,
        "dropped": dropped,
    }


def standalone_message(run: Run) -> View:
    """The bubble of a run that belongs to no conversation."""
    view = {"id": run.id, "role": "assistant", "text": run.text, "images": [], "pinned": False}
    return {**view, "siblings": [run.id], "run": run_view(run), "dropped": False}


def run_view(run: Run) -> View:
    """What stands under a reply: how it ended, what it took, what went wrong."""
    continuable = run.state in _CONTINUABLE_STATES or run.finish_reason == "length"
    return {
        "id": run.id,
        "state": run.state.value,
        "model": run.model or str(run.params.get("model", "")),
        "reasoning": run.reasoning,
        "metrics": metrics(run),
        "note": _note(run),
        "error": asdict(run.error) if run.error else None,
        "can_continue": bool(run.text) and continuable,
    }


def _note(run: Run) -> str:
    return " ".join(filter(None, (_end_note(run), run.note)))


def _end_note(run: Run) -> str:
    if run.state in _STATE_NOTES:
        kept = f" · {len(run.text):,} characters kept" if run.text else ""
        return f"{_STATE_NOTES[run.state]}{kept}."
    if run.refusal:
        return "The model refused."
    if run.state is RunState.DONE and not run.text:
        return "The reply is empty."
    return _FINISH_NOTES.get(run.finish_reason or "", "")


def metrics(run: Run) -> list[View]:
    """The line under a reply; a figure that is not known is left out, save the cost, which says why."""
    if run.state is RunState.RUNNING:
        return []
    found = [*_time_metrics(run), *_token_metrics(run.usage), *_cost_metric(run.cost), *_detail_metrics(run)]
    return [{"label": label, "value": value, "hint": hint} for label, value, hint in found]


def _time_metrics(run: Run) -> list[tuple[str, str, str]]:
    shown = []
    if run.stream and run.first_token is not None:
        shown.append(
            ("first token", format_seconds(run.first_token), "From sending to the first piece of the reply")
        )
    if run.total is not None:
        shown.append(("total", format_seconds(run.total), "From sending to the end of the reply"))
    if run.tokens_per_second:
        hint = "Output tokens by the time from the first token to the end"
        shown.append(("speed", f"{run.tokens_per_second:,.0f} tok/s", hint))
    return shown


def _token_metrics(usage: Usage | None) -> list[tuple[str, str, str]]:
    if usage is None:
        return [("tokens", "n/a", "The server reported no usage")]
    shown = [("in", f"{usage.input_tokens:,}", "Input tokens, as billed")]
    if usage.cached_tokens:
        shown.append(("cached", f"{usage.cached_tokens:,}", "Part of the input that was read from the cache"))
    if usage.cache_write_tokens:
        shown.append(
            ("cache write", f"{usage.cache_write_tokens:,}", "Part of the input written to the cache")
        )
    shown.append(("out", f"{usage.output_tokens:,}", "Output tokens, as billed"))
    if usage.reasoning_tokens:
        hint = "Part of the output that the model spent on thinking"
        shown.append(("reasoning", f"{usage.reasoning_tokens:,}", hint))
    return shown


def _cost_metric(cost: Cost | None) -> list[tuple[str, str, str]]:
    if cost is None:
        return []
    saved = f" The cache saved {format_dollars(cost.cache_savings)}." if cost.cache_savings else ""
    value = "n/a" if cost.amount is None else format_dollars(cost.amount)
    return [("cost", value, f"{cost.basis}{saved}")]


def _detail_metrics(run: Run) -> list[tuple[str, str, str]]:
    named = (
        ("finish", run.finish_reason, "Why the model stopped"),
        ("tier", run.service_tier, "The service tier that answered"),
        ("model", run.model, "The model that answered"),
        ("request id", run.request_id, "Quote it to support"),
    )
    return [(label, value, hint) for label, value, hint in named if value]


def totals(runs: Sequence[Run]) -> list[View]:
    """What the conversation took, all its branches included."""
    used = [run.usage for run in runs if run.usage]
    if not used:
        return []
    usage = sum(used[1:], used[0])
    costs = [run.cost.amount for run in runs if run.cost and run.cost.amount is not None]
    shown = [
        {
            "label": "reply" if len(used) == 1 else "replies",
            "value": str(len(used)),
            "hint": "With known usage",
        },
        {"label": "in", "value": f"{usage.input_tokens:,}", "hint": "Input tokens"},
        {"label": "out", "value": f"{usage.output_tokens:,}", "hint": "Output tokens"},
    ]
    if costs:
        hint = f"Sum of {len(costs)} of {len(used)} replies"
        shown.append({"label": "cost", "value": format_dollars(sum(costs, Decimal(0))), "hint": hint})
    return shown


def context_usage_view(gauge: "ContextUsage", settings: "ChatSettings") -> View:
    """The meter at the composer: an estimate, and it says so."""
    model = get_model(settings.model)
    level = (
        "over"
        if gauge.input_limit and gauge.tokens > gauge.input_limit
        else "near"
        if gauge.fraction > _WARNING_THRESHOLD
        else "ok"
    )
    of = f" of {_short_number(gauge.input_limit)}" if gauge.input_limit else ""
    return {
        "tokens": gauge.tokens,
        "window": model.context_window,
        "max_output": model.max_output,
        "share": gauge.fraction,
        "level": level,
        "text": f"≈ {_short_number(gauge.tokens)}{of} tokens",
        "detail": _context_usage_detail(gauge, model),
    }


def _context_usage_detail(gauge: "ContextUsage", model: Model) -> str:
    known = (
        f"Estimated offline: the next request takes about {gauge.tokens:,} tokens.",
        f"{gauge.input_limit:,} fit." if gauge.input_limit else "This model's window is not known.",
        f"Window {model.context_window:,}." if model.context_window else "",
        f"Longest reply {model.max_output:,}." if model.max_output else "",
        gauge.trimmed.reason if gauge.trimmed else "",
    )
    return " ".join(filter(None, known))


def _short_number(tokens: int) -> str:
    if tokens < 10_000:
        return f"{tokens:,}"
    return f"{tokens / 1000:,.0f}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.2f}M"
