"""The sandbox answers any JSON with a completion or an error object, and never fails itself."""

from typing import Any

import httpx2
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.sandbox.api.parameters import CHAT_PARAMETERS
from tests.sandbox.any_json import JSON, assert_valid_response
from tests.sandbox.client import CHAT_MODEL

PART = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "image_url", "refusal", "file"]) | JSON,
        "text": st.text(max_size=9) | JSON,
        "image_url": st.fixed_dictionaries(
            {"url": st.sampled_from(["https://x.test", "data:image/png;base64,iVBORw0KGgo="])}
        )
        | JSON,
    },
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "system", "function"]) | JSON},
    optional={
        "content": st.text(max_size=20) | st.lists(PART, max_size=2) | JSON,
        "name": JSON,
        "tool_calls": st.lists(JSON, max_size=2) | JSON,
        "tool_call_id": st.text(max_size=3) | JSON,
    },
)


@hypothesis_settings(max_examples=200)
@given(name=st.sampled_from(sorted(set(CHAT_PARAMETERS) - {"messages", "model"})), value=JSON)
def test_handles_any_value_of_any_parameter(http_client: httpx2.Client, name: str, value: Any) -> None:
    body = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "count to 3"}], "n": 1, name: value}
    assert_valid_response(http_client.post("/v1/chat/completions", json=body))


@hypothesis_settings(max_examples=200)
@given(messages=st.lists(MESSAGE, max_size=3) | JSON)
def test_handles_any_messages(http_client: httpx2.Client, messages: Any) -> None:
    assert_valid_response(
        http_client.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": messages})
    )


@hypothesis_settings(max_examples=100)
@given(value=st.lists(MESSAGE, max_size=2) | JSON, instructions=JSON)
def test_handles_any_input_when_counting_tokens(
    http_client: httpx2.Client, value: Any, instructions: Any
) -> None:
    body = {"model": CHAT_MODEL, "input": value, "instructions": instructions}
    assert_valid_response(http_client.post("/v1/responses/input_tokens", json=body))
