"""The calls of a strategy as runs, one for each prompt."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.calls import new_run
from core.errors.explain import explain
from core.errors.types import NotOpenAICompatible
from core.json_values import JsonObject, json_object, json_objects
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.resilience.recorded_runs import CAPABILITY, recorded_events, recorded_run
from core.runs.run import Event, Run, RunState

if TYPE_CHECKING:
    from core.resilience.attempts import HttpAttempt
    from core.resilience.concurrency.experiment import StrategyRun

SaveRuns = Callable[[Sequence[tuple[Run, Sequence[Event]]]], object]


@dataclass(slots=True, eq=False)
class StrategyRecords:
    """Saves a run for each of *requests* that was sent. Those of the runner are saved by itself.

    Both methods may be called from any thread.
    """

    run: "StrategyRun"
    requests: list[dict[str, Any]]
    started_at: datetime
    save: SaveRuns
    _saved: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def save_replies(self) -> None:
        """Save the runs that have got their reply: what was paid for must not be lost with the process."""
        self._save_new([])

    def save_all(self) -> None:
        """Save all other runs of a strategy that has ended: those with an error, and those it has stopped."""
        self._save_new(self.run.results or [None] * len(self.requests))

    def _save_new(self, results: Sequence[Any]) -> None:
        """Save the runs of replies that were not saved yet, and those that *results* end."""
        if self.run.strategy.is_runner:
            return
        with self._lock:
            sent = {} if self.run.batch else self._attempts_by_request()
            new: dict[int, tuple[Run, list[Event]]] = {}
            for number, params in enumerate(self.requests):
                attempts = sent.get(json.dumps(params), [])
                completion = attempts[-1].completion if attempts else {}
                if number in self._saved or not (completion or results):
                    continue
                if attempts:
                    new[number] = self._live_record(attempts, params, completion or results[number])
                elif self.run.batch and number < len(self.run.results):
                    new[number] = self._batch_record(params, self.run.results[number]), []
            self.save(list(new.values()))
            self._saved |= new.keys()

    def _attempts_by_request(self) -> "dict[str, list[HttpAttempt]]":
        attempts: dict[str, list[HttpAttempt]] = defaultdict(list)
        for attempt in list(self.run.recorder.attempts):
            # Parsed and written again, because the SDK may format it otherwise.
            attempts[json.dumps(json.loads(attempt.request))].append(attempt)
        return attempts

    def _live_record(
        self, sent: "list[HttpAttempt]", params: dict[str, Any], result: Any
    ) -> tuple[Run, list[Event]]:
        start, end = sent[0].started, sent[-1].ended
        record = recorded_run(sent, params, self.run.profile, self.started_at + timedelta(seconds=start))
        total = (self.run.seconds if end is None else end) - start
        record = self._with_result(replace(record, total=total), result)
        return record, recorded_events(record, sent, start)

    def _batch_record(self, params: dict[str, Any], result: Any) -> Run:
        record = new_run(CAPABILITY, "chat.completions.create", params, self.run.profile)
        record = replace(record, started_at=self.started_at, total=self.run.seconds)
        record = self._with_result(record, result)
        terms = BillingTerms(self.run.profile.kind, batch=True)
        return replace(record, cost=cost_of(record.usage, str(params["model"]), self.started_at, terms))

    def _with_result(self, record: Run, result: Any) -> Run:
        """Return *record* as it ended: with a completion, with an error, or stopped without either."""
        record = replace(record, note=self.run.strategy.label)
        if result is None:
            return replace(record, state=RunState.STOPPED)
        completion = _completion(result)
        choices = json_objects(completion.get("choices"))
        if not choices:
            # Without an exception, the SDK has returned what is not a completion.
            error = result if isinstance(result, Exception) else NotOpenAICompatible("")
            profile = self.run.profile
            explanation = explain(error, base_url=profile.base_url, keys=profile.secrets)
            return replace(record, state=RunState.FAILED, error=explanation)
        text, reason = json_object(choices[0].get("message")).get("content"), choices[0].get("finish_reason")
        return replace(
            record,
            state=RunState.DONE,
            text=text if isinstance(text, str) else "",
            finish_reason=reason if isinstance(reason, str) else None,
            model=str(completion.get("model")),
            usage=Usage.of(completion.get("usage")),
            response=dict(completion),
        )


def _completion(result: Any) -> JsonObject:
    """Return the JSON of a completion of the SDK, or of one that was recorded."""
    from openai import BaseModel

    return json_object(
        result.model_dump(mode="json", warnings=False) if isinstance(result, BaseModel) else result
    )
