"""A comparison as the JSON that its component draws, with all values formatted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from components.compare.reply_markdown import tool_call_markdown
from components.live.views import standalone_message
from components.ui.formatting import format_count, format_dollars, format_seconds
from core.apis import APIS
from core.calls import CallService
from core.client.profile import Profile
from core.compare.quick.comparison import MAX_VARIANTS, MIN_VARIANTS, QuickComparison
from core.compare.statistics.highlights import Highlight, HighlightKind, find_highlights, identical_replies
from core.compare.text_diff import diff_words
from core.compare.variants.requested_tools import requested_tools
from core.compare.variants.variant import Variant
from core.pricing.prices import Cost
from core.runs.run import Run, RunState

View = dict[str, Any]

_HIGHLIGHT_LABELS: Mapping[HighlightKind, str] = {
    "first_token": "Fastest first token",
    "total": "Fastest reply",
    "cost": "Cheapest",
    "length": "Shortest",
}

# In the request details; the same for all replies of a variant.
_LEFT_OUT = {"Tier", "Model", "Request ID"}


def comparison_view(comparison: QuickComparison, calls: CallService, profiles: Mapping[str, Profile]) -> View:
    """The variants, and the turns with their replies. Reads the database: call it off the event loop."""
    runs = load_runs(calls, comparison.run_ids)
    return {
        "prompt": comparison.prompt,
        "variants": [_variant_view(variant, profiles) for variant in comparison.variants],
        "turns": [
            {
                "prompt": turn.prompt,
                "replies": {
                    variant.id: {
                        **_reply_view(runs[run_id], is_running=calls.job(run_id) is not None),
                        "is_stale": turn is comparison.turns[-1] and turn.is_stale(variant),
                    }
                    for variant in comparison.variants
                    if (run_id := turn.run_ids.get(variant.id, "")) in runs
                },
            }
            for turn in comparison.turns
        ],
        "summary": summary_view(comparison, runs),
        "can_add": len(comparison.variants) < MAX_VARIANTS,
        "can_remove": len(comparison.variants) > MIN_VARIANTS,
    }


def load_runs(calls: CallService, run_ids: Sequence[str]) -> dict[str, Run]:
    """Return the runs as they are now; those that ended with tool calls have their responses."""
    runs = calls.current_runs(run_ids)
    with_calls = [
        run_id for run_id, run in runs.items() if run.finish_reason == "tool_calls" and run.response is None
    ]
    if not with_calls:
        return runs
    from core.storage.run_repository import RunRepository

    repository = RunRepository(calls.open_store(), calls.owner)
    return {**runs, **{run_id: repository.get(run_id) for run_id in with_calls}}


def _variant_view(variant: Variant, profiles: Mapping[str, Profile]) -> View:
    profile = profiles.get(variant.profile_id)
    return {
        "id": variant.id,
        "name": variant.name,
        "model": variant.model,
        "server": variant.profile_id,
        "server_name": profile.name if profile else "removed server",
        "settings": describe_settings(variant),
    }


def describe_settings(variant: Variant) -> list[str]:
    """Return what is set besides the model, a text for each setting."""
    settings = variant.settings.model_dump(
        exclude={"model", "stream", "instructions", "logprobs", "api", "state"}, exclude_defaults=True
    )
    request = []
    if variant.api != "chat.completions":
        request.append(f"{APIS[variant.api].label} API")
    if not variant.settings.stream:
        request.append("not streaming")
    prompt = []
    if variant.settings.instructions.strip():
        prompt.append(f"System message: {' '.join(variant.settings.instructions.split())}")
    if variant.messages:
        prompt.append(format_count(len(variant.messages), "earlier message"))
    values = [f"{name.replace('_', ' ')} {_short(value)}" for name, value in settings.items()]
    tools = [format_count(len(variant.tools), "tool")] if variant.tools else []
    schema = ["JSON schema"] if variant.response_format else []
    return [*request, *prompt, *values, *tools, *schema]


def _short(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _reply_view(run: Run, *, is_running: bool) -> View:
    """The reply of a run; while it *is_running*, which includes its last save, the stream has its text."""
    return {"run": run.id, "message": None if is_running else reply_message(run)}


def reply_message(run: Run) -> View:
    """An ended reply, with the metrics in which variants differ."""
    message = standalone_message(run)
    if requested := requested_tools(run):
        text = "\n\n".join(filter(None, (run.text, *map(tool_call_markdown, requested))))
        note = "Tool calls are shown, not run."
        message = {**message, "text": text, "run": {**message["run"], "note": note}}
    metrics = [
        _list_price(run.cost) if metric["label"] == "Cost" and run.cost and run.cost.list_amount else metric
        for metric in message["run"]["metrics"]
        if metric["label"] not in _LEFT_OUT
        and not (run.state is RunState.FAILED and metric["value"] == "not available")
    ]
    return {**message, "run": {**message["run"], "metrics": metrics}}


def _list_price(cost: Cost) -> View:
    """What a server would charge that is free, or whose prices are not known, if it were OpenAI's."""
    return {
        "label": "at list price",
        "value": format_dollars(cost.list_amount or Decimal(0)),
        "hint": f"OpenAI's list price. {cost.basis}",
    }


def summary_view(comparison: QuickComparison, runs: Mapping[str, Run]) -> View:
    """What stands out among the replies of the last turn, by the ids of the variants."""
    if not comparison.turns:
        return {"highlights": [], "identical": []}
    last = comparison.turns[-1].run_ids
    replies = {
        variant.id: run for variant in comparison.variants if (run := runs.get(last.get(variant.id, "")))
    }
    return {
        "highlights": [
            {
                "label": _HIGHLIGHT_LABELS[highlight.kind],
                "value": _value(highlight),
                "variants": highlight.keys,
            }
            for highlight in find_highlights(replies)
        ],
        "identical": identical_replies(replies),
    }


def difference_view(left: str, right: str) -> View:
    """Two texts in pieces, each with whether it is changed."""
    difference = diff_words(left, right)
    return {
        "left": [[span.text, span.changed] for span in difference.before],
        "right": [[span.text, span.changed] for span in difference.after],
        "equal": f"{difference.equal_share:.0%}",
    }


def _value(highlight: Highlight) -> str:
    if isinstance(highlight.value, Decimal):
        return format_dollars(highlight.value)
    if highlight.kind == "length":
        return format_count(int(highlight.value), "character")
    return format_seconds(highlight.value)
