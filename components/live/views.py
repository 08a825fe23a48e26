"""Conversations and runs as the JSON that the live component draws, with all values formatted."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from components.live.metrics import metrics, totals
from core.conversations.messages import Message
from core.models.catalog import get_model
from core.responses.request import ENCRYPTED_REASONING
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.chat.context import ContextUsage
    from core.chat.transcript import Transcript
    from core.completions.request import ChatSettings
    from core.conversations.messages import Turn
    from core.storage.store import Store

View = dict[str, Any]

_WARNING_THRESHOLD = 0.8  # of the context window

_STORED_NOTE = (
    "Only the new message is sent; the server adds the messages that it stores, and counts all of them."
)

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


def context_usage_view(usage: "ContextUsage", settings: "ChatSettings") -> View:
    """The context usage at the composer, which is an estimate."""
    model = get_model(settings.model)
    level = "near" if usage.fraction > _WARNING_THRESHOLD else "ok"
    # A server that truncates accepts every length, so only what it leaves out is to be known.
    if usage.is_over and not (usage.continues_response and settings.truncation == "auto"):
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
        stored_context_note(settings, is_over=usage.is_over) if usage.continues_response else "",
        "" if usage.continues_response else _encrypted_reasoning_note(settings),
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


def _encrypted_reasoning_note(settings: "ChatSettings") -> str:
    """Say that the estimate lacks the reasoning that is sent back, whose tokens only the server knows."""
    is_sent = settings.api == "responses" and ENCRYPTED_REASONING in settings.supported_include
    return "The encrypted reasoning that is sent back is not counted." if is_sent else ""


def stored_context_note(settings: "ChatSettings", *, is_over: bool) -> str:
    """Say what of a stored conversation counts, and what the server does with one that is too long."""
    truncates = settings.truncation == "auto"
    if not is_over:
        then = "leaves out the oldest messages" if truncates else "refuses the request"
        return f"{_STORED_NOTE} If they exceed the context window, it {then}."
    if truncates:
        return f"{_STORED_NOTE} They exceed the limit, so it leaves out the oldest messages."
    return (
        f"{_STORED_NOTE} They exceed the limit, so it may refuse the request: set Truncation to auto, or "
        "Conversation state to Send all messages, which trims here."
    )


def _short_number(tokens: int) -> str:
    if tokens < 10_000:
        return f"{tokens:,}"
    return f"{tokens / 1000:,.0f}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.2f}M"
