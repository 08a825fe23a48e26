"""The check of an input file refuses what the endpoint refuses, and corrected requests are accepted."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from core.batches.check.fixes import fix_all
from core.batches.check.preflight import Severity, check_file
from core.batches.input.request_line import read_lines
from tests.unit.batches.input_lines import (
    chat_line,
    embedding_line,
    response_line,
    without,
    write_file,
)

SCHEMA = {"type": "object", "properties": {"제목": {"type": "string"}}}
FORMAT = {"type": "json_schema", "json_schema": {"name": "Item", "strict": True, "schema": SCHEMA}}
TOOL = {"type": "function", "function": {"name": "f", "strict": True, "parameters": SCHEMA}}
FLAT_FORMAT = {"type": "json_schema", "name": "Item", "strict": True, "schema": SCHEMA}
FLAT_TOOL = {"type": "function", "name": "f", "strict": True, "parameters": SCHEMA}
CHAT_MESSAGE = {"role": "user", "content": [{"type": "text", "text": "hi"}]}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]

CASES = [
    chat_line(),
    chat_line(max_completion_tokens=20),
    chat_line(reasoning_effort="none", temperature=0.5),
    chat_line(model="gpt-4o", temperature=0.5, n=2, stop=["."]),
    chat_line(temperature=0.5),
    chat_line(top_p=0.5, logprobs=True),
    chat_line(max_tokens=20),
    chat_line(reasoning_effort="minimal"),
    chat_line(reasoning_effort="enormous"),
    chat_line(model="gpt-4o", temperature=3),
    chat_line(model="gpt-4o", top_p="high"),
    chat_line(model="gpt-4o", n=0),
    chat_line(model="gpt-4o", presence_penalty=-3),
    chat_line(max_completion_tokens=0),
    chat_line(model="gpt-4o", max_tokens=10**6),
    chat_line(messages=[]),
    chat_line(messages="hi"),
    chat_line(messages=["hi"]),
    chat_line(messages=[{"role": "robot", "content": "hi"}]),
    chat_line(messages=[{"role": "user"}]),
    without(chat_line(), "body", "messages"),
    chat_line(response_format=FORMAT),
    chat_line(model="gpt-4o", tools=[TOOL]),
    response_line(reasoning={"effort": "low"}, instructions="Be brief.", max_output_tokens=16),
    response_line(reasoning={"effort": "max"}, text={"verbosity": "low"}),
    response_line(model="gpt-4o", temperature=0.5, top_logprobs=2, include=["message.output_text.logprobs"]),
    response_line(input=[{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}, CALL, OUTPUT]),
    response_line(include=["message.output_text.logprobs"]),
    response_line(max_output_tokens=15),
    response_line(temperature=0.5),
    response_line(reasoning={"effort": "enormous"}),
    response_line(model="gpt-4o", reasoning={"effort": "low"}),
    response_line(model="gpt-4o", max_output_tokens=10**6),
    response_line(input=5),
    response_line(input=["hi"]),
    response_line(input=[{"role": "tool", "content": "hi"}]),
    response_line(input=[{"role": "user"}]),
    response_line(input=[CHAT_MESSAGE]),
    response_line(input=[OUTPUT]),
    response_line(input=[CALL]),
    response_line(input=[{**OUTPUT, "call_id": None}, CALL]),
    response_line(text={"format": FLAT_FORMAT}),
    response_line(text={"format": FORMAT}),
    response_line(model="gpt-4", text={"format": {**FLAT_FORMAT, "strict": False}}),
    response_line(tools=[FLAT_TOOL]),
    response_line(tools=[TOOL]),
    response_line(stop=["."]),
    response_line(n=2),
    response_line(reasoning_effort="low", verbosity="low", max_completion_tokens=20, logprobs=False),
    response_line(response_format={"type": "text"}),
    without(response_line(), "body", "input"),
    without(response_line(messages=MESSAGES, max_tokens=50, response_format=FORMAT), "body", "input"),
    without(chat_line(input="hi", instructions="Be brief.", max_output_tokens=20), "body", "messages"),
    embedding_line(value=["비", "눈"], dimensions=256),
    embedding_line(value=[1, 2, 3]),
    embedding_line(value=[]),
    embedding_line(value=["a", ""]),
    embedding_line(value=[{}]),
    embedding_line(value=["a"] * 2_049),
    embedding_line(value="토큰 " * 9_000),
    embedding_line(dimensions=4_000),
    embedding_line(model="text-embedding-ada-002", dimensions=256),
    embedding_line(model="gpt-4o"),
    without(embedding_line(), "body", "input"),
]


def status(http_client: httpx2.Client, url: str, body: dict[str, Any]) -> int:
    return http_client.post(url, json=body).status_code


@pytest.mark.parametrize(
    "line", CASES, ids=lambda line: f"{line['url'][4:]} {sorted(line['body'].items())}"[:90]
)
def test_agrees_with_the_endpoint(http_client: httpx2.Client, tmp_path: Path, line: dict[str, Any]) -> None:
    path = write_file(tmp_path, line)
    report = check_file(path)
    is_refused = any(finding.severity is Severity.ERROR for finding in report.findings)
    assert is_refused == (status(http_client, line["url"], line["body"]) >= 400)

    fixed = fix_all(path, report, tmp_path / "fixed.jsonl")
    if check_file(fixed).can_submit:
        [corrected] = read_lines(fixed)
        assert status(http_client, corrected.url, corrected.body) == 200
