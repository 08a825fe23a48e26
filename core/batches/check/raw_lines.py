"""Read an input file that may have anything in it, line by line and with bounded memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from core.batches.check.findings import LineFinding
from core.batches.check.line_rules import BatchTarget
from core.batches.limits import CHAT_URL, EMBEDDINGS_URL, RESPONSES_URL, batch_endpoints
from core.json_values import JsonObject, json_object
from core.models.catalog import get_model

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

MAX_LINE_BYTES = 32 * 1024 * 1024
_SAMPLED_LINES = 100
# orjson reads deeper values than it writes.
_MAX_DEPTH = 250


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line with its end. One that is too long comes in several parts; only the first is not *continued*."""

    number: int
    data: bytes
    continued: bool = False
    too_long: bool = False

    @property
    def has_mark(self) -> bool:
        """Whether it starts with a byte order mark; in files put together also a later line can."""
        return not self.continued and self.data.startswith(_BYTE_ORDER_MARK)

    @property
    def content(self) -> bytes:
        """The line without byte order marks."""
        data = self.data
        while self.has_mark and data.startswith(_BYTE_ORDER_MARK):
            data = data.removeprefix(_BYTE_ORDER_MARK)
        return data

    @property
    def is_blank(self) -> bool:
        return not self.continued and not self.content.strip()


def raw_lines(path: Path, max_bytes: int | None = None) -> Iterator[RawLine]:
    """Yield the lines of the file as they are, one of more than *max_bytes* (`MAX_LINE_BYTES`) in parts."""
    max_bytes = max_bytes or MAX_LINE_BYTES
    with path.open("rb") as file:
        number, continued = 1, False
        while data := file.readline(max_bytes):
            is_end = data.endswith(b"\n")
            too_long = continued or (len(data) == max_bytes and not is_end)
            yield RawLine(number, data, continued, too_long)
            continued = not is_end
            number += is_end


def parse_line(line: RawLine) -> dict[str, Any] | LineFinding:
    """Return the JSON object of *line*, or why it is none."""
    if line.too_long:
        message = f"The line is longer than {MAX_LINE_BYTES // 1024**2} MB."
        return LineFinding(line.number, "line_too_long", message)
    data = line.content
    try:
        value = orjson.loads(data)
        if data.count(b"[") + data.count(b"{") > _MAX_DEPTH:
            orjson.dumps(value)
    except orjson.JSONDecodeError as error:
        message = f"This line is not valid JSON: {error.msg} (column {error.colno:,})."
        if line.number == 1 and data.lstrip().startswith(b"["):
            message = "The file is a JSON array. Write one JSON object per line, without brackets around all."
        elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            message = "The file is UTF-16. Save it as UTF-8."
        return LineFinding(line.number, "invalid_json_line", message[:300])
    except TypeError:
        return LineFinding(line.number, "invalid_json_line", "The JSON of this line is nested too deeply.")
    if not isinstance(value, dict):
        message = "This line is not a JSON object."
        return LineFinding(line.number, "invalid_json_line", message)
    return value


def find_target(path: Path, endpoint: str | None) -> BatchTarget:
    """Return *endpoint*, or else that of most of the first lines, and the model of most of them.

    If no line has a valid URL, the endpoint is the one that the bodies are for.
    """
    urls: Counter[str] = Counter()
    guesses: Counter[str] = Counter()
    models: Counter[str] = Counter()
    for raw in islice(raw_lines(path), _SAMPLED_LINES):
        line = parse_line(raw)
        if isinstance(line, LineFinding):
            continue
        url, body = line.get("url"), json_object(line.get("body", line))
        if isinstance(url, str) and url in batch_endpoints():
            urls[url] += 1
        elif guess := _guess_endpoint(body):
            guesses[guess] += 1
        if isinstance(model := body.get("model"), str):
            models[model] += 1
    ranking = (urls or guesses).most_common(1)
    most_frequent = ranking[0][0] if ranking else None
    return BatchTarget(endpoint or most_frequent, next((model for model, _ in models.most_common(1)), None))


def _guess_endpoint(body: JsonObject) -> str | None:
    if "messages" in body:
        return CHAT_URL
    if "input" in body:
        is_embedding = get_model(str(body.get("model"))).kind == "embedding"
        return EMBEDDINGS_URL if is_embedding else RESPONSES_URL
    return None
