"""Hypothesis strategies for JSON schemas of the strict subset."""

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]

_NAMES = st.sampled_from(
    [
        "name",
        "email",
        "date",
        "total",
        "items",
        "이름",
        "금액",
        "날짜",
        "é",
        "a b",
        "x",
        "n",
        "price",
        "tags",
        "🎈",
    ]
) | st.text(min_size=0, max_size=6)
_PATTERNS = st.sampled_from(
    [
        r"^\d{3}-\d{4}$",
        r"^[A-Z]{2,3}\d+$",
        r"^INV-\d{4}(-\d{2})?$",
        "[0-9]+",
        "^(yes|no|maybe)$",
        r"^#?([a-f0-9]{6}|[a-f0-9]{3})$",
        "가|나",
        r"^\S+@\S+\.\w{2,}$",
        "^[^a-z]+$",
        "^.{3,5}$",
    ]
)
_FORMATS = st.sampled_from(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
)


def _without_nones(**values: Any) -> Schema:
    return {key: value for key, value in values.items() if value is not None}


@st.composite
def _strings(draw: st.DrawFn) -> Schema:
    kind = draw(st.sampled_from(["plain", "pattern", "format", "length", "enum", "const"]))
    if kind == "pattern":
        return {"type": "string", "pattern": draw(_PATTERNS)}
    if kind == "format":
        return {"type": "string", "format": draw(_FORMATS)}
    if kind == "length":
        low, more = draw(st.integers(0, 20)), draw(st.integers(0, 20))
        return {"type": "string", "minLength": low, "maxLength": low + more}
    if kind == "enum":
        return {
            "type": "string",
            "enum": draw(st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True)),
        }
    return {"const": draw(st.text(max_size=5))} if kind == "const" else {"type": "string"}


@st.composite
def _numbers(draw: st.DrawFn) -> Schema:
    kind = draw(st.sampled_from(["integer", "number"]))
    low = draw(st.none() | st.integers(-1000, 1000))
    high = None if low is None else low + draw(st.integers(20, 100))
    step = draw(st.none() | st.sampled_from([1, 2, 3, 5, 0.5, 0.25, 0.1, 0.01, 2.5]))
    low_name = draw(st.sampled_from(["minimum", "exclusiveMinimum"]))
    high_name = draw(st.sampled_from(["maximum", "exclusiveMaximum"]))
    return _without_nones(type=kind, multipleOf=step, **{low_name: low, high_name: high})


def _nullable(schemas: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return schemas.map(lambda schema: {"anyOf": [schema, {"type": "null"}]})


def _objects(children: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.dictionaries(_NAMES, children, max_size=5).map(
        lambda properties: {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    )


@st.composite
def _arrays(draw: st.DrawFn, children: st.SearchStrategy[Schema]) -> Schema:
    low = draw(st.none() | st.integers(0, 3))
    high = draw(st.none() | st.integers(low or 0, 5))
    return _without_nones(type="array", items=draw(children), minItems=low, maxItems=high)


_LEAVES = st.one_of(
    _strings(),
    _numbers(),
    st.sampled_from([{"type": "boolean"}, {"type": ["string", "null"]}, {"type": ["integer", "string"]}]),
    st.just({"type": "integer", "enum": [1, 2, 3]}),
)


def _extend(children: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    return st.one_of(
        _objects(children),
        _arrays(children),
        _nullable(children),
        st.lists(children, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
    )


_NODES = st.recursive(_LEAVES, _extend, max_leaves=12)
# Recursive definitions that have a finite value, and a reference to the root.
_REFERENCES: st.SearchStrategy[Schema] = st.sampled_from(
    [
        {"$ref": "#/$defs/node"},
        {"$ref": "#/$defs/expression"},
        {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        {"type": "array", "items": {"$ref": "#"}},
        {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 1},
    ]
)


@st.composite
def strict_schemas(draw: st.DrawFn) -> Schema:
    """Schemas of the strict subset that have a finite value."""
    root: Schema = draw(_objects(_NODES | _REFERENCES))
    value = draw(_NODES)
    root["$defs"] = {
        "node": _object(value=value, next={"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}),
        "expression": {
            "anyOf": [
                _object(left={"$ref": "#/$defs/expression"}, right={"$ref": "#/$defs/expression"}),
                _object(number={"type": "number"}),
            ]
        },
    }
    return root


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
