"""The validation of an input file, line by line."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from core.sandbox.api.models import ModelCatalog

MAX_LINES = 50_000
MAX_EMBEDDING_INPUTS = 50_000
MAX_LINE_BYTES = 32 * 1024 * 1024
_MAX_ERRORS = 1_000
_REQUIRED = {
    "/v1/chat/completions": ("model", "messages"),
    "/v1/responses": ("model", "input"),
    "/v1/embeddings": ("model", "input"),
}


@dataclass(slots=True)
class Validation:
    """What the lines have in common, and `errors.data` of a batch with this input file.

    *tokens* is an estimate, four bytes each: it is compared with the limit of enqueued tokens only.
    """

    endpoint: str
    catalog: ModelCatalog
    model: str | None = None
    lines: int = 0
    tokens: int = 0
    inputs: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    _ids: set[bytes] = field(default_factory=set)

    def add_error(self, code: str, message: str, line: int | None = None, param: str | None = None) -> None:
        if len(self.errors) < _MAX_ERRORS:
            self.errors.append({"code": code, "message": message, "param": param, "line": line})

    def check_line(self, number: int, text: bytes) -> None:
        self.lines = number
        if len(text) > MAX_LINE_BYTES:
            message = f"This line is longer than {MAX_LINE_BYTES // 1024**2} MB."
            self.add_error("line_too_long", message, number)
            return
        try:
            request = json.loads(text)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            self.add_error("invalid_json_line", "This line is not parseable as valid JSON.", number)
            return
        body = request.get("body")
        missing = [name for name in ("custom_id", "method", "url", "body") if not request.get(name)]
        if isinstance(body, dict):
            missing += [f"body.{name}" for name in _REQUIRED[self.endpoint] if body.get(name) is None]
        for param in missing:
            message = f"Missing required parameter: '{param}'."
            self.add_error("missing_required_parameter", message, number, param)
        if missing:
            return
        self._check_values(number, request)

    def _check_values(self, number: int, request: dict[str, Any]) -> None:
        custom_id, body = request["custom_id"], request["body"]
        digest = hashlib.blake2b(str(custom_id).encode("utf-8", "replace"), digest_size=16).digest()
        if digest in self._ids:
            message = f"The custom_id '{str(custom_id)[:100]}' is used by another line of this file."
            self.add_error("duplicate_custom_id", message, number, "custom_id")
        self._ids.add(digest)
        if request["method"] != "POST":
            self.add_error("invalid_method", "The method must be 'POST'.", number, "method")
        if request["url"] != self.endpoint:
            message = f"The URL of this line does not match the endpoint of the batch: '{self.endpoint}'."
            self.add_error("url_mismatch", message, number, "url")
        if not isinstance(body, dict):
            self.add_error("invalid_type", "The body must be an object.", number, "body")
            return
        self._check_body(number, body)

    def _check_body(self, number: int, body: dict[str, Any]) -> None:
        model = str(body["model"])[:200]
        self.model = self.model or model
        if model != self.model:
            message = f"All lines must have the same model. Expected '{self.model}', but got '{model}'."
            self.add_error("mismatched_model", message, number, "body.model")
        elif model not in self.catalog.models:
            message = f"The provided model '{model}' is not supported by the Batch API."
            self.add_error("model_not_found", message, number, "body.model")
        if body.get("stream"):
            self.add_error("invalid_request", "Batches do not support streaming.", number, "body.stream")
        value = body.get("input")
        is_list = isinstance(value, list) and bool(value) and not isinstance(value[0], int)
        self.inputs += len(value) if is_list and isinstance(value, list) else 1


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines, of one that is too long only its first part."""
    while text := file.readline(MAX_LINE_BYTES + 1):
        yield text
        while text and not text.endswith(b"\n"):
            text = file.readline(MAX_LINE_BYTES + 1)


def validate_file(path: Path, endpoint: str, catalog: ModelCatalog) -> Validation:
    """Check the lines of *path*, one in memory at a time. The first 1,000 errors are reported."""
    result = Validation(endpoint, catalog)
    result.tokens = path.stat().st_size // 4
    with path.open("rb") as file:
        for number, text in enumerate(_lines(file), 1):
            if number > MAX_LINES:
                message = f"The batch has more than {MAX_LINES} requests."
                result.add_error("too_many_tasks", message)
                break
            result.check_line(number, text)
    if not result.lines:
        result.add_error("empty_file", "The input file is empty.")
    if endpoint == "/v1/embeddings" and result.inputs > MAX_EMBEDDING_INPUTS:
        message = (
            f"The batch has {result.inputs} embedding inputs, at most {MAX_EMBEDDING_INPUTS} are allowed."
        )
        result.add_error("too_many_tasks", message)
    return result
