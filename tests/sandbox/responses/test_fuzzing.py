"""The sandbox answers any request of the Responses API with a response or an error object."""

from typing import Any

import httpx2
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.sandbox.responses.input_items import ITEM_TYPES
from core.sandbox.responses.parameters import PARAMETERS
from tests.sandbox.any_json import JSON, assert_valid_response
from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL

ID = st.sampled_from(["msg_1", "fc_1", "rs_1", "call_1"]) | JSON
PART = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["input_text", "output_text", "refusal", "input_image", "input_file"]) | JSON,
        "text": st.text(max_size=9) | JSON,
        "refusal": JSON,
        "image_url": st.sampled_from(["https://x.test", "data:image/png;base64,iVBORw0KGgo="]) | JSON,
        "file_id": JSON,
    },
)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(ITEM_TYPES) | JSON,
        "role": st.sampled_from(["user", "assistant", "system", "developer"]) | JSON,
        "content": st.text(max_size=20) | st.lists(PART, max_size=2) | JSON,
        "id": ID,
        "call_id": ID,
        "name": st.text(max_size=5) | JSON,
        "arguments": st.text(max_size=5) | JSON,
        "output": st.text(max_size=5) | st.lists(PART, max_size=2) | JSON,
        "summary": st.lists(JSON, max_size=1) | JSON,
        "encrypted_content": st.text(max_size=5) | JSON,
    },
)
SCHEMA = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={"properties": st.dictionaries(st.text(max_size=3), JSON, max_size=2) | JSON, "required": JSON},
)
TOOL = st.fixed_dictionaries(
    {"type": st.just("function")},
    optional={"name": st.just("now") | JSON, "parameters": SCHEMA | JSON, "strict": JSON},
)


@hypothesis_settings(max_examples=150)
@given(
    name=st.sampled_from(sorted(set(PARAMETERS) - {"input", "model"})),
    value=JSON,
    model=st.sampled_from([CHAT_MODEL, REASONING_MODEL]),
)
def test_handles_any_value_of_any_parameter(
    http_client: httpx2.Client, name: str, value: Any, model: str
) -> None:
    body = {"model": model, "input": "count to 3", name: value}
    assert_valid_response(http_client.post("/v1/responses", json=body))


@hypothesis_settings(max_examples=200)
@given(items=st.lists(ITEM, max_size=3) | JSON)
def test_handles_any_input(http_client: httpx2.Client, items: Any) -> None:
    assert_valid_response(http_client.post("/v1/responses", json={"model": "gpt-4o", "input": items}))


@hypothesis_settings(max_examples=100)
@given(tools=st.lists(TOOL, max_size=2), choice=st.just("required") | JSON)
def test_handles_any_tool(http_client: httpx2.Client, tools: Any, choice: Any) -> None:
    body = {"model": CHAT_MODEL, "input": "What time is it?", "tools": tools, "tool_choice": choice}
    assert_valid_response(http_client.post("/v1/responses", json=body))


def test_replaces_lone_surrogates(http_client: httpx2.Client) -> None:
    body = b'{"model": "gpt-4o-mini", "input": "\\ud800", "instructions": "\\ud800", "stream": %s}'
    headers = {"content-type": "application/json"}
    response = http_client.post("/v1/responses", content=body % b"false", headers=headers)
    streamed = http_client.post("/v1/responses", content=body % b"true", headers=headers)

    assert response.json()["instructions"] == "?"
    assert '"type":"response.completed"' in streamed.text
    items = http_client.get(f"/v1/responses/{response.json()['id']}/input_items").json()
    assert items["data"][0]["content"][0]["text"] == "?"
