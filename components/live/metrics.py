"""The metrics below a reply and below a conversation, as the JSON that the live component draws."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from components.ui.formatting import format_dollars, format_seconds
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Attempt, Run, RunState, ServerSpeed
from core.runs.sandbox_reply import sandbox_reply
from core.tokens.estimate import estimate_output_tokens

View = dict[str, Any]

_SANDBOX_NUMBERS = "Its pace is simulated, its tokens are counted. To ask a model, switch the server."


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
        *_sandbox_metric(run),
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


def _sandbox_metric(run: Run) -> list[View]:
    """How the sandbox made the reply, so that nobody takes it for a reply of the model that was asked."""
    reply = sandbox_reply(run)
    if reply is None or not run.text:
        return []
    explanation = f"{reply.explanation} {_SANDBOX_NUMBERS}"
    metric = _metric("Sandbox reply", reply.summary, "", label_first=True)
    return [{**metric, "explanation": explanation}]


def _detail_metrics(run: Run) -> list[View]:
    details = (
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
