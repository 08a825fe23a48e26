"""The requests of a batch as runs, so that History has them beside those that pages have sent."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from core.apis import APIS, run_of_reply
from core.batches.batch import CAPABILITY, BatchRecord
from core.batches.folder import BatchFolder
from core.batches.hand_over import external_result
from core.batches.input.request_line import RequestLine
from core.batches.limits import api_of_url
from core.batches.line_requests import ENDPOINTS, EmbeddingLineCall, embedding_fields, sdk_arguments
from core.batches.repository import BatchRepository
from core.batches.results.input_lines import request_bodies
from core.batches.results.result_lines import ResultState, parse_result, result_objects
from core.batches.results.results import line_numbers, paced
from core.calls import new_run
from core.json_values import json_object
from core.pricing.prices import BillingTerms, cost_of
from core.runs.run import Run, RunState
from core.storage.run_repository import insert_missing_runs

if TYPE_CHECKING:
    from core.client.profile import Profile

# Other writers wait for one transaction: some milliseconds.
_RUNS_WRITTEN = 20
# Long enough for another process that waits for the database to be the next to write.
_PAUSE = 0.001


def save_result_runs(
    repository: BatchRepository, record: BatchRecord, folder: BatchFolder, profile: "Profile"
) -> None:
    """Save a run for each request of an ended batch that was made, once however often this is repeated.

    Not of a job's batch, whose results become runs of its page, and not of one made elsewhere, which is of no
    page. Blocking. Raises PlaygroundError if the input file is not valid.
    """
    is_of_job = record.job_id is not None or record.target_job_id is not None
    if is_of_job or record.source == "elsewhere" or record.endpoint not in ENDPOINTS:
        return
    numbers = line_numbers(folder.input_file)
    runs = _BatchRuns(record, profile)
    results = _made_requests(folder)
    while lines := list(islice(results, _RUNS_WRITTEN)):
        line_of = {line["custom_id"]: numbers.get(line["custom_id"], 0) for line in lines}
        bodies = request_bodies(folder.input_file, line_of.values())
        ended = [runs.run(line, bodies.get(line_of[line["custom_id"]], {})) for line in lines]
        repository.store.write(partial(insert_missing_runs, owner=repository.owner, ended=ended))
        time.sleep(_PAUSE)


def _made_requests(folder: BatchFolder) -> Iterator[dict[str, Any]]:
    """Yield a result for each request that was made: a success, else the first failure."""
    succeeded: set[str] = set()
    failures: dict[str, dict[str, Any]] = {}
    for line in paced(chain(result_objects(folder.output_file), result_objects(folder.error_file))):
        custom_id, state = line["custom_id"], parse_result(line).state
        if state == ResultState.FAILED:
            failures.setdefault(custom_id, line)
        elif state == ResultState.SUCCEEDED and custom_id not in succeeded:
            succeeded.add(custom_id)
            yield line
    yield from (line for custom_id, line in failures.items() if custom_id not in succeeded)


@dataclass(frozen=True, slots=True)
class _BatchRuns:
    """The runs of the batch of *record*, which was submitted with *profile*."""

    record: BatchRecord
    profile: "Profile"

    def run(self, line: dict[str, Any], body: dict[str, Any]) -> Run:
        """Return the run of a request with this *body*, without the times of a single call."""
        run = self._request(line["custom_id"], body)
        result = external_result(parse_result(line), line)
        request_id = str(json_object(line.get("response")).get("request_id") or "") or None
        if result.error:
            status = result.error.status
            return replace(
                run, state=RunState.FAILED, error=result.error, status=status, request_id=request_id
            )
        if run.endpoint == EmbeddingLineCall.endpoint:
            run = replace(run, state=RunState.DONE, **embedding_fields(dict(result.body)))
        else:
            run = replace(run_of_reply(run, result.body), response=dict(result.body))
        return replace(self._with_cost(run), status=200, request_id=request_id)

    def _request(self, custom_id: str, body: dict[str, Any]) -> Run:
        record, api = self.record, api_of_url(self.record.endpoint)
        endpoint = APIS[api].endpoint if api else EmbeddingLineCall.endpoint
        params = sdk_arguments(RequestLine(custom_id, body or {"model": record.model}, record.endpoint))
        return replace(
            new_run(CAPABILITY, endpoint, params, self.profile, record.id),
            # The same in every process, so that each request is a run once.
            id=sha256(f"{record.id}\n{custom_id}".encode()).hexdigest()[:32],
            started_at=self._ended_at,
            note=f"Sent in a batch as {custom_id}.",
        )

    def _with_cost(self, run: Run) -> Run:
        # As the Batches page prices the batch, which has one model.
        terms, when = BillingTerms(self.profile.kind, batch=True), self.record.created_at
        return replace(run, cost=cost_of(run.usage, self.record.model or run.model, when, terms))

    @property
    def _ended_at(self) -> datetime:
        # When a single request was made is not known.
        return self.record.state_times[-1][1] if self.record.state_times else self.record.created_at
