"""Copied code with a Pydantic class sends exactly the request that the page sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.completions.request import ChatSettings
from core.extractor.request import API, Extraction
from core.extractor.schemas.presets import presets
from core.extractor.snippets import parse_snippets
from core.json_schema.schema import canonical_json
from core.snippets import SnippetOptions
from tests.e2e.app_server import serve_responses
from tests.scripts import run_python
from tests.servers import COMPLETION, chunk, event_stream, http_response

VALUE = json.dumps({"name": "Ada", "company": None, "job_title": None, "email": None, "phone": "1"})
MESSAGE = {"role": "assistant", "content": VALUE, "refusal": None}
WHOLE = http_response({**COMPLETION, "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]})
STREAMED = event_stream(chunk(VALUE), chunk(finish_reason="stop"))


def comparable(params: dict[str, Any]) -> dict[str, Any]:
    """Return *params* with a schema that does not depend on the order of keywords."""
    json_schema = params["response_format"]["json_schema"]
    schema = {**json_schema, "schema": canonical_json(json_schema["schema"])}
    # The SDK sends the default of stream.
    params = {name: value for name, value in params.items() if value is not False}
    return {**params, "response_format": {"type": "json_schema", "json_schema": schema}}


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
@pytest.mark.parametrize("stream", [False, True])
def test_sends_the_request_of_the_run(tmp_path: Path, stream: bool, number: int) -> None:
    preset = presets()["contact"]
    settings = ChatSettings(model="gpt-4o-mini", stream=stream)
    params = API.build(Extraction(preset.document, preset.texts["ko"], "parse"), settings)
    with serve_responses(STREAMED if stream else WHOLE) as server:
        output = run_python(parse_snippets(params, SnippetOptions(server.url, "k"))[number].source, tmp_path)
        (request,) = server.requests

    assert "name='Ada'" in output
    assert comparable(request.json()) == comparable(params)


def test_writes_a_schema_without_a_class_as_json() -> None:
    schema = {"name": "x", "strict": True, "schema": {"type": "object", "properties": {"a": {"not": {}}}}}
    params = {"model": "m", "messages": [], "response_format": {"type": "json_schema", "json_schema": schema}}

    source = parse_snippets(params, SnippetOptions("http://127.0.0.1:1/v1"))[0].source

    assert "client.chat.completions.create(" in source
    assert '"not": {}' in source
