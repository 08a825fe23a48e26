"""The sandbox answers any tools and any JSON schemas with a completion or an error object."""

from typing import Any

import httpx2
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sandbox.any_json import JSON, assert_valid_response
from tests.sandbox.client import CHAT_MODEL

_TYPES = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
_NAMES = st.sampled_from(["a", "name", "date", "city", "items", ""])


def _keywords(children: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "type": _TYPES | st.lists(_TYPES, max_size=2),
        "properties": st.dictionaries(_NAMES, children, max_size=3),
        "required": st.lists(_NAMES, max_size=2),
        "additionalProperties": st.booleans() | children,
        "items": children,
        "anyOf": st.lists(children, max_size=2),
        "oneOf": st.lists(children, max_size=2),
        "allOf": st.lists(children, max_size=2),
        "$ref": st.sampled_from(["#", "#/properties/a", "#/$defs/x", "x"]),
        "enum": st.lists(JSON, max_size=3),
        "const": JSON,
        "pattern": st.text("ab()[]|*+?^$\\d", max_size=5),
        "format": st.sampled_from(["date", "email", "uri"]),
        "description": st.text(max_size=5),
        "minimum": st.integers(-5, 5) | JSON,
        "maximum": st.integers(-5, 5),
        "multipleOf": st.sampled_from([0, 1, 0.1, 1e-300, 1e300]),
        "minItems": st.integers(0, 3) | JSON,
        "maxLength": st.integers(0, 3),
        "not": children,
    }


_SCHEMAS = st.recursive(
    st.booleans() | st.fixed_dictionaries({"type": _TYPES}) | JSON,
    lambda children: st.fixed_dictionaries({}, optional=_keywords(children)),
    max_leaves=8,
)
_ROOTS = _SCHEMAS.map(lambda schema: {"type": "object", **schema} if isinstance(schema, dict) else schema)


@hypothesis_settings(max_examples=200)
@given(schema=_ROOTS, strict=st.booleans() | JSON, name=st.just("x") | JSON)
def test_handles_any_schema(http_client: httpx2.Client, schema: Any, strict: Any, name: Any) -> None:
    response_format = {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": strict},
    }
    body = {
        "model": CHAT_MODEL,
        "messages": [{"role": "user", "content": "name: Ann Lee, city: Paris, 2026-01-02"}],
        "response_format": response_format,
    }
    assert_valid_response(http_client.post("/v1/chat/completions", json=body))


@hypothesis_settings(max_examples=200)
@given(
    parameters=_ROOTS,
    choice=st.sampled_from(["auto", "required", {"type": "function", "function": {"name": "get_city"}}])
    | JSON,
    more=st.fixed_dictionaries({}, optional={"strict": st.booleans() | JSON, "description": JSON}),
)
def test_handles_any_tool(
    http_client: httpx2.Client, parameters: Any, choice: Any, more: dict[str, Any]
) -> None:
    tool = {"type": "function", "function": {"name": "get_city", "parameters": parameters, **more}}
    body = {
        "model": CHAT_MODEL,
        "messages": [{"role": "user", "content": "Get the city Paris and 3 items"}],
        "tools": [tool],
        "tool_choice": choice,
    }
    assert_valid_response(http_client.post("/v1/chat/completions", json=body))
