"""Generated schemas, and Pydantic models from code, which only tests execute."""

import sys
from itertools import count
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel

from core.json_schema.schema import JsonSchema

NAMES = st.sampled_from(
    ["title", "unit_price", "items", "order-id", "class", "schema", "날짜", "date", "x2", "Address"]
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
_numbers = count()


def execute(code: str) -> ModuleType:
    """Execute *code* as a module, which Pydantic needs to resolve forward references."""
    module = ModuleType(f"generated_models_{next(_numbers)}")
    sys.modules[module.__name__] = module
    exec(code, module.__dict__)
    return module


def model(code: str, name: str) -> type[BaseModel]:
    result: type[BaseModel] = getattr(execute(code), name)
    return result


def sdk_schema(code: str, name: str) -> JsonSchema:
    """Return the schema that the SDK sends for the model *name* of *code*."""
    return to_strict_json_schema(model(code, name))


def _described(schema: st.SearchStrategy[JsonSchema]) -> st.SearchStrategy[JsonSchema]:
    descriptions: st.SearchStrategy[JsonSchema] = st.one_of(
        st.just({}), TEXTS.filter(bool).map(lambda text: {"description": text})
    )
    return st.builds(lambda base, more: {**base, **more}, schema, descriptions)


def _nullable(schema: JsonSchema) -> JsonSchema:
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, **enum, "type": [schema["type"], "null"]}


def _maybe_null(schema: st.SearchStrategy[JsonSchema]) -> st.SearchStrategy[JsonSchema]:
    return st.one_of(schema, schema.map(_nullable))


def _object(properties: dict[str, Any]) -> JsonSchema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_SCALARS = st.one_of(
    st.just({"type": "string"}),
    st.just({"type": "boolean"}),
    st.sampled_from(["date", "date-time", "email", "uuid"]).map(
        lambda name: {"type": "string", "format": name}
    ),
    st.integers(0, 9).map(lambda low: {"type": "integer", "minimum": low}),
    st.just({"type": "number", "exclusiveMaximum": 10.5}),
    st.just({"type": "string", "pattern": r"^\d+$"}),
    st.lists(TEXTS, min_size=2, max_size=3, unique=True).map(
        lambda values: {"type": "string", "enum": values}
    ),
    st.lists(st.integers(), min_size=2, max_size=3, unique=True).map(
        lambda v: {"type": "integer", "enum": v}
    ),
)


def _lists(items: st.SearchStrategy[JsonSchema]) -> st.SearchStrategy[JsonSchema]:
    sizes = st.sampled_from([{}, {"minItems": 1}, {"minItems": 1, "maxItems": 4}])
    return st.builds(lambda item, size: {"type": "array", "items": item, **size}, items, sizes)


def _objects(values: st.SearchStrategy[JsonSchema]) -> st.SearchStrategy[JsonSchema]:
    return st.dictionaries(NAMES, values, min_size=1, max_size=4).map(_object)


# Strict schemas as people write them: nested, in place, with null as a second type.
VALUES = st.recursive(
    _described(_maybe_null(_SCALARS)),
    lambda inner: _described(
        _maybe_null(st.one_of(_lists(st.one_of(_SCALARS, _objects(inner))), _objects(inner)))
    ),
    max_leaves=8,
)
STRICT_SCHEMAS = _objects(VALUES)
