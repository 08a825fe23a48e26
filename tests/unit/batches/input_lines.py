"""Lines of input files, valid, invalid and arbitrary."""

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.batches.check.findings import CheckReport
from core.batches.limits import batch_endpoints

MODEL = "gpt-6-luna"
CHAT = "/v1/chat/completions"
EMBEDDINGS = "/v1/embeddings"
RESPONSES = "/v1/responses"

Line = dict[str, Any]

# Each example writes its own file to the same folder; the machine may be busy.
with_files = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def chat_line(custom_id: str = "row-1", **body: Any) -> Line:
    messages = [{"role": "user", "content": "서울의 날씨"}]
    return {
        "custom_id": custom_id,
        "method": "POST",
        "url": CHAT,
        "body": {"model": MODEL, "messages": messages, **body},
    }


def embedding_line(custom_id: str = "row-1", value: Any = "a text", **body: Any) -> Line:
    body = {"model": "text-embedding-3-small", "input": value, **body}
    return {"custom_id": custom_id, "method": "POST", "url": EMBEDDINGS, "body": body}


def response_line(custom_id: str = "row-1", **body: Any) -> Line:
    body = {"model": MODEL, "input": "서울의 날씨", **body}
    return {"custom_id": custom_id, "method": "POST", "url": RESPONSES, "body": body}


def without(line: Line, *path: str) -> Line:
    """Return a copy of *line* without the value at *path*."""
    result = copy.deepcopy(line)
    holder = result
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return result


def to_bytes(lines: Iterable[Line | str | bytes]) -> bytes:
    """Return a file of *lines*, objects as JSON."""
    data = []
    for line in lines:
        if isinstance(line, dict):
            line = json.dumps(line, ensure_ascii=False)
        data.append(line if isinstance(line, bytes) else line.encode() + b"\n")
    return b"".join(data)


def codes(report: CheckReport) -> list[tuple[int | None, str, str | None, str | None]]:
    return [(item.line, item.code, item.param, item.fix) for item in report.findings]


def write_file(folder: Path, *lines: Line | str | bytes, name: str = "input.jsonl") -> Path:
    path = folder / name
    path.write_bytes(to_bytes(lines))
    return path


_SCHEMA = {
    "type": "object",
    "properties": {"제목": {"type": "string"}, "n": {"type": "integer", "minimum": 0}},
    "required": ["제목"],
}
_SCHEMA_FORMAT = {"type": "json_schema", "json_schema": {"name": "Item", "strict": True, "schema": _SCHEMA}}
# Values that the rules have to survive, and those that they correct.
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_BODY_PARTS = st.sampled_from(
    [
        {"stream": True, "stream_options": {"include_usage": True}},
        {"temperature": 0.5},
        {"max_tokens": 20},
        {"logprobs": True, "top_logprobs": 3},
        {"reasoning_effort": "none", "temperature": 1},
        {"reasoning_effort": "enormous"},
        {"response_format": _SCHEMA_FORMAT},
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True, "parameters": _SCHEMA}}]},
        {"model": "gpt-4o"},
        {"model": None},
        {"n": 2},
    ]
)
_LINE_PARTS = st.sampled_from(
    [
        {"custom_id": None},
        {"custom_id": 7},
        {"custom_id": "7"},
        {"custom_id": "line-000002"},
        {"custom_id": "행 1"},
        {"method": "GET"},
        {"method": None},
        {"url": "/v1/chat/completions/"},
        {"url": None},
        {"url": EMBEDDINGS},
        {"url": RESPONSES},
    ]
)
_CHANGED_LINES = st.builds(
    lambda number, body, line: {**chat_line(f"row-{number}", **body), **line},
    st.integers(1, 4),
    _BODY_PARTS
    | st.dictionaries(st.sampled_from(["messages", "model", "input", "stop", "x"]), _JSON, max_size=2),
    _LINE_PARTS
    | st.just({})
    | st.dictionaries(st.sampled_from(["body", "url", "custom_id"]), _JSON, max_size=1),
).map(lambda line: copy.deepcopy(line))
_BARE_BODIES = st.builds(lambda body: chat_line(**body)["body"], _BODY_PARTS)
_OTHER_LINES = st.sampled_from(["", "  ", "{", "[1]", "7", "null", '{"a":', "\ufeff{}"]) | _JSON.map(
    json.dumps
)

FILES = st.builds(
    lambda mark, lines, end: (b"\xef\xbb\xbf" if mark else b"") + to_bytes(lines).removesuffix(end),
    st.booleans(),
    st.lists(_CHANGED_LINES | _BARE_BODIES | _OTHER_LINES, max_size=8),
    st.sampled_from([b"", b"\n"]),
)


def arbitrary_lines(url: str) -> st.SearchStrategy[Line]:
    """Return lines for *url* whose parameters have any values."""
    names = st.sampled_from(sorted(batch_endpoints()[url].parameters))
    values = _JSON | st.sampled_from(
        [MODEL, "gpt-4o", "text-embedding-3-small", _SCHEMA_FORMAT, [{"role": "user"}]]
    )
    bodies = st.dictionaries(names, values, max_size=8)
    return bodies.map(lambda body: {"custom_id": "a", "method": "POST", "url": url, "body": body})
