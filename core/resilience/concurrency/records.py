"""The calls of a strategy as runs, one for each prompt."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.calls import new_run
from core.errors.explain import explain
from core.errors.types import NotOpenAICompatible
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.resilience.recorded_runs import CAPABILITY, recorded_run
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.resilience.attempts import HttpAttempt
    from core.resilience.concurrency.experiment import StrategyRun


def strategy_records(run: "StrategyRun", requests: list[dict[str, Any]], started_at: datetime) -> list[Run]:
    """Return the runs of the *requests* that were sent. Those of the runner are saved by itself."""
    if run.strategy.is_runner:
        return []
    if run.batch:
        pairs = zip(requests, run.results, strict=False)
        return [_batch_record(run, params, result, started_at) for params, result in pairs]
    attempts = _attempts_by_request(run)
    results = run.results or [None] * len(requests)  # it was stopped
    return [
        _live_record(run, sent, params, result, started_at)
        for params, result in zip(requests, results, strict=True)
        if (sent := attempts.get(json.dumps(params)))
    ]


def _attempts_by_request(run: "StrategyRun") -> "dict[str, list[HttpAttempt]]":
    attempts: dict[str, list[HttpAttempt]] = defaultdict(list)
    for attempt in list(run.recorder.attempts):
        # Parsed and written again, because the SDK may format it otherwise.
        attempts[json.dumps(json.loads(attempt.request))].append(attempt)
    return attempts


def _live_record(
    run: "StrategyRun",
    sent: "list[HttpAttempt]",
    params: dict[str, Any],
    result: Any,
    started_at: datetime,
) -> Run:
    start, end = sent[0].started, sent[-1].ended
    record = recorded_run(sent, params, run.profile, started_at + timedelta(seconds=start))
    total = (run.seconds if end is None else end) - start
    return _with_result(replace(record, total=total), run, result)


def _batch_record(run: "StrategyRun", params: dict[str, Any], result: Any, started_at: datetime) -> Run:
    record = new_run(CAPABILITY, "chat.completions.create", params, run.profile)
    record = _with_result(replace(record, started_at=started_at, total=run.seconds), run, result)
    terms = BillingTerms(run.profile.kind, batch=True)
    return replace(record, cost=cost_of(record.usage, str(params["model"]), started_at, terms))


def _with_result(record: Run, run: "StrategyRun", result: Any) -> Run:
    """Return *record* as it ended: with a completion, with an error, or stopped without either."""
    record = replace(record, note=run.strategy.label)
    if result is None:
        return replace(record, state=RunState.STOPPED)
    choices: Any = getattr(result, "choices", None)
    if not isinstance(result, Exception) and not (isinstance(choices, list) and choices):
        result = NotOpenAICompatible("")  # the SDK returns whatever a server sends
    if isinstance(result, Exception):
        error = explain(result, base_url=run.profile.base_url, keys=run.profile.secrets)
        return replace(record, state=RunState.FAILED, error=error)
    text = getattr(getattr(choices[0], "message", None), "content", None)
    return replace(
        record,
        state=RunState.DONE,
        text=text if isinstance(text, str) else "",
        finish_reason=choices[0].finish_reason,
        model=str(result.model),
        usage=Usage.of(result.usage),
        response=result.model_dump(mode="json", warnings=False),
    )
