"""The lines of an output or error file."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.batches.check.raw_lines import raw_lines
from core.json_values import parse_json, storable_json
from core.pricing.usage import Usage
from core.responses.output import output_refusal, output_text

_MAX_MESSAGE = 2_000
_MAX_CODE = 100
# The embeddings of 2,048 texts, written as text, have 130 MB.
_MAX_LINE_BYTES = 256 * 2**20


class ResultState(StrEnum):
    """How the request of a line ended; *missing* if no file has a result for it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What a line says of its request. An incomplete reply has succeeded, and its error says why it ended."""

    custom_id: str
    state: ResultState
    status_code: int | None = None
    text: str = ""
    usage: Usage | None = None
    error_code: str = ""
    error_message: str = ""


def result_lines(path: Path) -> Iterator[ResultLine]:
    """Read the results in *path*, if it exists. Lines that are no results are skipped."""
    return map(parse_result, result_objects(path))


def result_objects(path: Path) -> Iterator[dict[str, Any]]:
    """Read the results in *path* as they are, if it exists. Lines that are no results are skipped."""
    if not path.exists():
        return
    for line in raw_lines(path, _MAX_LINE_BYTES):
        if line.continued or line.too_long:
            continue
        try:
            value = storable_json(parse_json(line.content))
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("custom_id"), str):
            yield value


def parse_result(line: dict[str, Any]) -> ResultLine:
    """Parse a line. It succeeded if it has a response with status 200 and no error in it.

    A failure is an HTTP error in the body of the response, or the error of a request that was not made.
    """
    custom_id = line["custom_id"]
    response, error = _object(line.get("response")), _object(line.get("error"))
    body, status = _object(response.get("body")), response.get("status_code")
    status_code = status if isinstance(status, int) and 100 <= status < 600 else None
    # A response that failed while it was generated has this status, too, with the error in its body.
    if status_code == 200 and not error and body.get("status") != "failed":
        usage = Usage.of(body["usage"]) if isinstance(body.get("usage"), dict) else None
        text = _text(body)
        code, message = _incompleteness(body, has_text=bool(text))
        return ResultLine(custom_id, ResultState.SUCCEEDED, status_code, text, usage, code, message)
    failure = body.get("error")  # some servers send only its message
    error = error or (_object(failure) if not isinstance(failure, str) else {"message": failure})
    code = str(error.get("code") or error.get("type") or status_code or "unknown")[:_MAX_CODE]
    state = {"batch_expired": ResultState.EXPIRED, "batch_cancelled": ResultState.CANCELLED}.get(code)
    message = str(error.get("message") or "")[:_MAX_MESSAGE]
    return ResultLine(
        custom_id, state or ResultState.FAILED, status_code, error_code=code, error_message=message
    )


def _incompleteness(body: dict[str, Any], *, has_text: bool) -> tuple[str, str]:
    """Return the code and the message of a completion or response that ended early; nothing if it did not."""
    reason = _object(body.get("incomplete_details")).get("reason")
    code = str(reason or body["status"]) if body.get("status") == "incomplete" else ""
    for choice in _list(body.get("choices"))[:1]:
        finish_reason = str(_object(choice).get("finish_reason") or "")
        code = finish_reason if finish_reason in ("length", "content_filter") else ""
    if code in ("length", "max_output_tokens"):
        if has_text:
            return code, "The reply stopped at the token limit."
        return (
            code,
            "The token limit was reached before the first word of the reply. Raise it.",
        )
    if code == "content_filter":
        return code, "The content filter stopped the reply."
    return code[:_MAX_CODE], "The reply is incomplete." if code else ""


def _text(body: dict[str, Any]) -> str:
    """Return the text of a chat completion, a completion or a response, or what embeddings consist of."""
    if body.get("object") == "list" and isinstance(body.get("data"), list):
        vectors = [vector for item in body["data"] if (vector := _list(_object(item).get("embedding")))]
        return f"{len(vectors)} × {len(vectors[0])} dimensions" if vectors else ""
    for choice in _list(body.get("choices")):
        message = _object(_object(choice).get("message"))
        return str(message.get("content") or message.get("refusal") or _object(choice).get("text") or "")
    return output_text(body) or output_refusal(body)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
