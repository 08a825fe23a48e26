"""The lines of an input file as requests made now, and their results as the Batch API writes them."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from core.apis import APIS
from core.batches.check.raw_lines import raw_lines
from core.batches.folder import BatchFolder
from core.batches.input.request_line import RequestLine, parse_request
from core.batches.limits import API_URLS, EMBEDDINGS_URL, api_of_url, batch_endpoints
from core.client.response_body import read_bytes
from core.errors.response import describe_body
from core.errors.types import Explanation, NotOpenAICompatible
from core.http.limits import ResponseLimits, response_limits
from core.json_values import JsonObject, json_object, json_objects, parse_json, storable_json
from core.pricing.usage import Usage
from core.runner.fatal_errors import is_fatal_error
from core.runner.work import WorkItem, WorkRequest
from core.runs.log import RunLog
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ENDPOINTS = (*API_URLS.values(), EMBEDDINGS_URL)
# 2,048 vectors with 3,072 dimensions, written as text.
_EMBEDDING_LIMITS = ResponseLimits(body=256_000_000)
# A batch has no stream, and nobody would ask for the result of a response in the background.
_NOT_SENT = ("stream", "stream_options", "background")


def work_items(path: Path) -> Iterator[WorkItem]:
    """Yield an item for each line of a checked file: where it is in the file, not what it contains."""
    offset = 0
    for line in raw_lines(path):
        if not line.is_blank:
            yield WorkItem(str(line.number), {"offset": offset, "bytes": len(line.data)})
        offset += len(line.data)


class EmbeddingLineCall:
    """A call of `embeddings.create`. *on_response* receives the id of the run, and the response as it is."""

    endpoint: ClassVar[str] = "embeddings.create"
    is_billed: ClassVar[bool] = True
    is_retried: ClassVar[bool] = True

    def __init__(self, on_response: Callable[[str, JsonObject], None]) -> None:
        self._on_response = on_response
        self._response: JsonObject = {}

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        with response_limits(_EMBEDDING_LIMITS):
            async with client.embeddings.with_streaming_response.create(**params) as response:
                log.record_headers(response.status_code, response.headers)
                body = await read_bytes(response)
        log.record("body", f"{len(body):,} bytes")
        self._response = await asyncio.to_thread(_parse_embeddings, body)
        self._on_response(log.id, self._response)

    def result_fields(self) -> dict[str, Any]:
        return embedding_fields(self._response) if self._response else {}

    @staticmethod
    def estimate_usage(_run: Run) -> Usage | None:
        return None

    def end_state(self, error: Exception | None) -> RunState:
        return RunState.FAILED if error else RunState.DONE


def embedding_fields(response: JsonObject) -> dict[str, Any]:
    """Return the fields of the run with *response*, which has the number of the vectors instead of them."""
    vectors = response.get("data")
    return {
        "response": {**response, "data": f"{len(vectors) if isinstance(vectors, list) else 0:,} embeddings"},
        "usage": Usage.of(response.get("usage")),
        "model": str(response.get("model") or ""),
    }


def _parse_embeddings(body: bytes) -> JsonObject:
    try:
        response = json_object(parse_json(body))
    except ValueError:
        response = {}
    if not json_objects(response.get("data")):
        message = "The server answered with something else than embeddings"
        raise NotOpenAICompatible(message, detail=describe_body(body[:4_000].decode("utf-8", "replace")))
    return {**storable_json({**response, "data": []}), "data": response["data"]}


@dataclass(frozen=True, slots=True)
class LineRequests:
    """Makes the request of each line of the file in *folder*, and writes its result to the files there."""

    folder: BatchFolder
    _responses: dict[str, JsonObject] = field(default_factory=dict)

    def prepare(self, item: WorkItem) -> WorkRequest:
        line = self.line(item)
        params = sdk_arguments(line)
        if api := api_of_url(line.url):
            return WorkRequest(params, APIS[api].new_call())
        # As the API does without this parameter; the SDK would request base64.
        params.setdefault("encoding_format", "float")
        return WorkRequest(params, EmbeddingLineCall(self._responses.__setitem__))

    def line(self, item: WorkItem) -> RequestLine:
        with self.folder.input_file.open("rb") as file:
            file.seek(item.data["offset"])
            return parse_request(file.read(item.data["bytes"]))

    def write_result(self, item: WorkItem, run: Run) -> dict[str, Any] | None:
        """Write the line of the output or error file, and return it; None if the request is made again."""
        response = self._responses.pop(run.id, run.response)
        if _is_made_again(run):
            return None
        result: dict[str, Any] = {"id": f"batch_req_{run.id}", "custom_id": self.line(item).custom_id}
        if run.state is RunState.DONE:
            fields = {"status_code": 200, "request_id": run.request_id or "", "body": response}
            line, path = {**result, "response": fields, "error": None}, self.folder.output_file
        else:
            line, path = {**result, **_failure(run)}, self.folder.error_file
        append_line(path, line)
        return line


def sdk_arguments(line: RequestLine) -> dict[str, Any]:
    """Return the arguments of the SDK's method; parameters that it does not have are in `extra_body`."""
    known = batch_endpoints()[line.url].parameters
    body = {name: value for name, value in line.body.items() if name not in _NOT_SENT}
    params = {name: value for name, value in body.items() if name in known}
    extra = {name: value for name, value in body.items() if name not in known}
    return {**params, "extra_body": extra} if extra else params


def _is_made_again(run: Run) -> bool:
    """Whether the item of *run* is waiting again, because the job was stopped or all requests would fail."""
    if run.error is not None:
        return is_fatal_error(run.error)
    return run.state in (RunState.STOPPED, RunState.INTERRUPTED)


def _failure(run: Run) -> dict[str, Any]:
    """Return the fields of a failed request: an HTTP error, or the error of a request without a response."""
    error = run.error or Explanation(
        "The server ended the reply without a finish reason.", "", code="cut_off"
    )
    message = error.detail or error.title
    if error.status is None:
        return {"response": None, "error": {"code": error.code or "request_failed", "message": message}}
    body = {"message": message, "type": "error", "param": None, "code": error.code}
    response = {"status_code": error.status, "request_id": error.request_id or "", "body": {"error": body}}
    return {"response": response, "error": None}


def append_line(path: Path, line: Mapping[str, Any]) -> None:
    """Append a line in one write, so that two processes do not mix theirs."""
    data = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        while data:
            data = data[os.write(file, data) :]
    finally:
        os.close(file)


def end_last_line(path: Path) -> None:
    """End the line that a killed process has written in part; it is skipped when the results are read."""
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
