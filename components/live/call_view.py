"""The request of one run, its response and its events as the JSON that the panel beside Chat draws."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from components.live.metrics import metrics
from components.runtime import resources
from components.ui.inspector.json_text import shown_json
from components.ui.inspector.snippet_tabs import snippet_options
from core.apis import api_of
from core.calls import cost_of_run
from core.chat.timeline import event_rows
from core.endpoints import get_endpoint
from core.redaction import redact
from core.runs.jobs import Job
from core.runs.run import Event, Run, RunState
from core.storage.run_repository import RunRepository

# Events of one answer. The rest follows with the next one.
_MAX_EVENTS = 2_000


def call_view(owner: str, run_id: str, job: Job | None, after: int, part: str) -> dict[str, Any] | None:
    """Return the call, with its events from number *after* on; None if the run does not exist.

    *part* is the tab on show: only its content is written. Reads the database: call it off the event loop.
    """
    runs = RunRepository(resources.store(), owner)
    if job:
        run, events = replace(job.log.snapshot(), response=job.log.response), job.log.events
    else:
        if (saved := runs.get_many([run_id]).get(run_id)) is None:
            return None
        run, events = saved, runs.events(run_id)
    shown = events[after : after + _MAX_EVENTS]
    return {
        "id": run.id,
        "api": api_of(run.endpoint).label,
        "model": run.model or str(run.params.get("model", "")),
        "state": run.state.value,
        "is_running": run.state is RunState.RUNNING,
        "metrics": metrics(run) or _running_metrics(run),
        "part": _part(run, part),
        "total_events": len(events),
        "after": after,
        "events": _rows(shown, events[after - 1].at if 0 < after <= len(events) else 0.0),
    }


def _rows(events: Sequence[Event], previous: float) -> list[list[Any]]:
    """Return for each event: milliseconds, gap, name, delta, and the characters of the reply that it adds."""
    return [
        [
            round(row.at * 1000, 1),
            round(row.gap * 1000, 1),
            row.kind,
            redact(row.delta) or row.finish_reason,
            row.characters,
        ]
        for row in event_rows(events, previous)
    ]


def _part(run: Run, name: str) -> Any:
    match name:
        case "code":
            base_url = resources.sandbox().url if run.server_kind == "sandbox" else run.base_url
            snippets = get_endpoint(run.endpoint).write_snippets(run.params, snippet_options(base_url))
            return [{"label": snippet.label, "source": redact(snippet.source)} for snippet in snippets]
        case "request":
            return f"POST {run.base_url}/{get_endpoint(run.endpoint).path}\n\n{shown_json(run.params)}"
        case "response":
            headers = "\n".join(f"{name}: {value}" for name, value in run.headers.items())
            return f"{shown_json(run.response)}\n\n{headers}" if run.response else headers
    return None


def _running_metrics(run: Run) -> list[dict[str, Any]]:
    """Return the metrics so far, with estimated tokens and cost once there is text."""
    estimate = api_of(run.endpoint).new_call().estimate_usage
    cost = cost_of_run(run, run.server_kind or "custom", estimate) if run.text else None
    shown = metrics(replace(run, state=RunState.STOPPED, cost=cost))
    return shown if run.text else shown[:1]
