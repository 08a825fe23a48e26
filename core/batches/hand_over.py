"""Batches for the jobs of other pages: their requests leave as a batch, and its results go back by key.

A job of another page is known by its id only. The page that owns it makes the requests of its items, and
completes the items with the results (`core.runner.external_results`).
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from core.batches.batch import BatchRecord, BatchSource, prepare_batch
from core.batches.folder import BatchFolder, batch_folder
from core.batches.input.request_line import RequestLine, write_lines
from core.batches.limits import API_URLS
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultLine, ResultState, parse_result
from core.errors.types import Explanation
from core.generation.api_name import ApiName
from core.json_values import json_object
from core.runner.external_results import ExternalResult
from core.runner.work import WorkJob

_TITLES = {
    ResultState.EXPIRED: "The batch expired before this request was made",
    ResultState.CANCELLED: "The batch was cancelled before this request was made",
}


def prepare_job_batch(
    requests: Iterable[tuple[str, dict[str, Any]]],
    job: WorkJob,
    base_url: str,
    data_directory: Path,
    source: BatchSource = "extractor",
    api: ApiName = "chat.completions",
) -> BatchRecord:
    """Write *requests* of *api*, pairs of the key of an item and a body, as the input file of a new batch.

    The batch has not been saved or submitted. Raises PlaygroundError if there are no requests.
    """
    folder = data_directory / "batches"
    written = write_lines(
        folder / f"{job.id}.jsonl",
        (RequestLine(key, _without_stream(body), API_URLS[api]) for key, body in requests),
    )
    record = prepare_batch(written, job.profile_id, base_url, job.title, source)
    target = batch_folder(data_directory, record.id).input_file
    target.parent.mkdir(parents=True)
    written.path.replace(target)
    return replace(record, target_job_id=job.id)


def _without_stream(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("stream", "stream_options")}


def batches_of_job(repository: BatchRepository, job_id: str) -> list[BatchRecord]:
    """Return the batches whose results are for a job, with their retries, the oldest first."""
    return [record for record in repository.list() if record.target_job_id == job_id][::-1]


def job_results(repository: BatchRepository, job_id: str, data_directory: Path) -> dict[str, ExternalResult]:
    """Return the downloaded results for a job by the key of the item. A success counts before errors."""
    results: dict[str, ExternalResult] = {}
    for record in batches_of_job(repository, job_id):
        for key, result in _results(batch_folder(data_directory, record.id)):
            if key not in results or results[key].error:
                results[key] = result
    return results


def _results(folder: BatchFolder) -> Iterable[tuple[str, ExternalResult]]:
    for path in (folder.output_file, folder.error_file):
        if not path.exists():
            continue
        with path.open("rb") as file:
            for data in file:
                try:
                    line = orjson.loads(data)
                except orjson.JSONDecodeError:
                    continue  # such as the last line of a download elsewhere
                if isinstance(line, dict) and isinstance(line.get("custom_id"), str):
                    yield line["custom_id"], external_result(parse_result(line), line)


def external_result(result: ResultLine, line: dict[str, Any]) -> ExternalResult:
    """Return the body of the response in *line*, which *result* was parsed from, or why it failed."""
    if result.state == ResultState.SUCCEEDED:
        return ExternalResult(json_object(json_object(line["response"]).get("body")))
    title = _TITLES.get(result.state, "The request of the batch failed")
    hint = "Retry the requests that failed on the Batches page."
    error = Explanation(title, hint, result.error_message, result.error_code, result.status_code)
    return ExternalResult({}, error)
