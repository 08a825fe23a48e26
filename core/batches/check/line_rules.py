"""What the API refuses in one line of an input file, apart from the body of its request."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.batches.check.body_rules import check_body
from core.batches.check.findings import LineFinding, Severity
from core.batches.limits import batch_endpoints, batch_limits

_RECOMMENDED_ID = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class BatchTarget:
    """The endpoint and the model that all lines of a file must have; None while a file has none."""

    endpoint: str | None
    model: str | None


def check_line(line: Mapping[str, Any], target: BatchTarget) -> Iterator[LineFinding]:
    """Yield what the API refuses in *line*, a JSON object. The findings have no line number yet."""
    yield from _check_custom_id(line.get("custom_id"))
    if line.get("method") is None:
        yield missing_parameter("method", fix="method")
    elif line["method"] != "POST":
        yield LineFinding(None, "invalid_method", "The method must be POST.", "method", "method")
    body, url = line.get("body"), line.get("url")
    if isinstance(body, dict):
        yield from _check_url(url, body, target)
        endpoints = batch_endpoints()
        endpoint = endpoints.get(str(url)) or endpoints.get(target.endpoint or "")
        if endpoint:
            yield from check_body(body, endpoint, target.model)
        return
    if body is not None:
        yield LineFinding(None, "invalid_type", "The body must be a JSON object.", "body")
    else:
        # A common mistake: each line is the request itself, without the fields around it.
        is_body = _fits(line, target.endpoint)
        yield missing_parameter("body", fix="body" if is_body else None)
    yield from _check_url(url, {} if body is not None else line, target)


def missing_parameter(param: str, fix: str | None = None) -> LineFinding:
    message = f"Missing required parameter: '{param}'."
    return LineFinding(None, "missing_required_parameter", message, param, fix)


def _check_custom_id(custom_id: object) -> Iterator[LineFinding]:
    maximum = batch_limits().custom_id_length
    if custom_id is None or custom_id == "":
        yield missing_parameter("custom_id", fix="custom_id")
    elif not isinstance(custom_id, str):
        message = "The custom_id must be a string."
        yield LineFinding(None, "invalid_type", message, "custom_id", "custom_id")
    elif len(custom_id) > maximum:
        message = f"The custom_id is longer than {maximum} characters, which some servers refuse."
        yield LineFinding(None, "long_custom_id", message, "custom_id", None, Severity.WARNING)
    elif not _RECOMMENDED_ID.fullmatch(custom_id):
        message = "The custom_id has other characters than letters, digits, _ and -."
        yield LineFinding(None, "unusual_custom_id", message, "custom_id", None, Severity.WARNING)


def _check_url(url: object, body: Mapping[str, Any], target: BatchTarget) -> Iterator[LineFinding]:
    # A line that is right for another endpoint may belong to another batch.
    is_misplaced = isinstance(url, str) and _fits(body, url)
    fix = "url" if _fits(body, target.endpoint) and not is_misplaced else None
    if url is None:
        yield missing_parameter("url", fix)
    elif not isinstance(url, str) or url not in batch_endpoints():
        message = f"The Batch API does not support the URL {str(url)[:80]!r}."
        yield LineFinding(None, "invalid_url", message, "url", fix)
    elif target.endpoint and url != target.endpoint:
        message = f"The URL {url} differs from the endpoint of the batch, {target.endpoint}."
        yield LineFinding(None, "url_mismatch", message, "url", fix)


def _fits(body: Mapping[str, Any], url: str | None) -> bool:
    """Whether *body* has what the endpoint requires, except for the model."""
    endpoint = batch_endpoints().get(url or "")
    return endpoint is not None and not {*endpoint.missing(body)} - {"model"}
