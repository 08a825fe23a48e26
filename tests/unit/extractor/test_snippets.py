"""Copied code with a Pydantic class sends exactly the request that the page sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.apis import APIS
from core.completions.request import ChatSettings
from core.endpoints import get_endpoint
from core.extractor.request import Extraction, build_request, new_call
from core.extractor.schemas.presets import presets
from core.generation.api_name import ApiName
from core.json_schema.schema import canonical_json
from core.snippets import SnippetOptions
from tests.e2e.app_server import serve_responses
from tests.scripts import run_python
from tests.servers import COMPLETION, StubResponse, chunk, event_stream, http_response

VALUE = json.dumps({"name": "Ada", "company": None, "job_title": None, "email": None, "phone": "1"})
MESSAGE = {"role": "assistant", "content": VALUE, "refusal": None}
WHOLE = http_response({**COMPLETION, "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]})
STREAMED = event_stream(chunk(VALUE), chunk(finish_reason="stop"))
PART = {"type": "output_text", "text": VALUE, "annotations": [], "logprobs": []}
ITEM = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [PART]}
RESPONSE = {"id": "resp_1", "object": "response", "status": "completed", "output": [ITEM]}
PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
RESPONSE_EVENTS: list[dict[str, Any]] = [
    {"type": "response.created", "response": {**RESPONSE, "status": "in_progress", "output": []}},
    {"type": "response.output_item.added", "output_index": 0, "item": {**ITEM, "content": []}},
    {"type": "response.content_part.added", **PLACE, "part": {**PART, "text": ""}},
    {"type": "response.output_text.delta", **PLACE, "delta": VALUE, "logprobs": []},
    {"type": "response.output_text.done", **PLACE, "text": VALUE, "logprobs": []},
    {"type": "response.content_part.done", **PLACE, "part": PART},
    {"type": "response.output_item.done", "output_index": 0, "item": ITEM},
    {"type": "response.completed", "response": RESPONSE},
]
REPLIES: dict[ApiName, tuple[StubResponse, StubResponse]] = {
    "chat.completions": (WHOLE, STREAMED),
    "responses": (
        http_response(RESPONSE),
        event_stream(
            *({**event, "sequence_number": n} for n, event in enumerate(RESPONSE_EVENTS)), done=False
        ),
    ),
}


def comparable(params: dict[str, Any]) -> dict[str, Any]:
    """Return *params* with a schema that does not depend on the order of keywords."""
    is_response = "text" in params
    json_schema = params["text"]["format"] if is_response else params["response_format"]["json_schema"]
    schema = {**json_schema, "schema": canonical_json(json_schema["schema"])}
    # The SDK sends the default of stream.
    params = {name: value for name, value in params.items() if value is not False}
    return {**params, "text" if is_response else "response_format": schema}


# Each runs a script, so not every combination does.
@pytest.mark.parametrize(
    ("api", "stream", "number"),
    [
        ("chat.completions", False, 0),
        ("chat.completions", True, 1),
        ("responses", True, 0),
        ("responses", False, 1),
    ],
)
def test_sends_the_request_of_the_run(tmp_path: Path, api: ApiName, stream: bool, number: int) -> None:
    preset = presets()["contact"]
    settings = ChatSettings(model="gpt-4o-mini", stream=stream, api=api)
    params = build_request(Extraction(preset.document, preset.texts["ko"], "parse"), settings)
    write = get_endpoint(new_call("parse", api).endpoint).write_snippets
    with serve_responses(REPLIES[api][stream]) as server:
        output = run_python(write(params, SnippetOptions(server.url, "k"))[number].source, tmp_path)
        (request,) = server.requests

    assert "name='Ada'" in output
    assert comparable(request.json()) == comparable(params)


@pytest.mark.parametrize("api", REPLIES)
def test_writes_a_schema_without_a_class_as_json(api: ApiName) -> None:
    schema = {"name": "x", "strict": True, "schema": {"type": "object", "properties": {"a": {"not": {}}}}}
    chat = {"model": "m", "messages": [], "response_format": {"type": "json_schema", "json_schema": schema}}
    write = get_endpoint(new_call("parse", api).endpoint).write_snippets

    source = write(APIS[api].params(chat), SnippetOptions("http://127.0.0.1:1/v1"))[0].source

    assert f"client.{api}.create(" in source
    assert '"not": {}' in source
