"""The arguments of a call, from the request, and valid for the function."""

from dataclasses import replace

from core.sandbox.api.tools import FunctionToolParam
from core.sandbox.json_schema.strict import Schema, schema_types
from core.sandbox.structured.fill import SchemaFiller
from core.sandbox.structured.kinds import find_kind, split_name
from core.sandbox.structured.output import to_json
from core.sandbox.structured.source import SchemaField
from core.sandbox.structured.strings import fit_candidate
from core.sandbox.tools.calls import FunctionCall
from core.sandbox.tools.mentions import is_directed, is_entity_kind, mention_variants
from core.sandbox.tools.request_source import Request, RequestSource, required_parameters

_MAX_CALLS = 8
_BOUNDS = {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "enum", "const"}


def build_calls(function: FunctionToolParam, request: Request) -> list[FunctionCall]:
    """Return a call for each entity that *request* asks about, such as two cities.

    Raises UnfillableSchema for parameters that have no finite value.
    """
    names = [
        split_name(name)
        for name, schema in function.schema.get("properties", {}).items()
        if isinstance(schema, dict) and "array" not in schema_types(schema)
    ]
    kinds = [find_kind(name) for name in names if not is_directed(name)]
    texts = [request.text]
    for kind in dict.fromkeys(kinds):
        is_repeatable = is_entity_kind(kind) and kind not in ("unit", "currency", "language")
        # Of a kind that the function takes one of, several in the request are several calls.
        variants = mention_variants(request.text, kind) if is_repeatable and kinds.count(kind) == 1 else []
        if len(variants) > 1:
            texts = variants
            break
    requests = [replace(request, text=text, function=function.description) for text in texts[:_MAX_CALLS]]
    sources = map(RequestSource, requests)
    schema = _schema_to_fill(function)
    arguments = [to_json(SchemaFiller(schema).fill(source).value) for source in sources]
    return [FunctionCall(function.name, text) for text in dict.fromkeys(arguments)]


def _schema_to_fill(function: FunctionToolParam) -> Schema:
    """Return the schema of *function*, in which an optional count is at least 1: not "roll 0 dice"."""
    if not function.optional:
        return function.schema
    properties = dict(function.schema["properties"])
    for name in function.optional:
        if schema_types(properties[name]) == ("integer",) and not _BOUNDS & properties[name].keys():
            properties[name] = {**properties[name], "minimum": 1}
    return {**function.schema, "properties": properties}


def missing_arguments(function: FunctionToolParam, request: Request) -> list[str]:
    """Return the required parameters that *request* has no value for, and that have no obvious one."""
    properties = function.schema.get("properties", {})
    required = required_parameters(function.schema)
    source = RequestSource(request, properties, required)
    missing = []
    for name in required:
        if name in function.optional:
            continue
        schema = properties.get(name)
        if not isinstance(schema, dict) or "enum" in schema or "default" in schema or "const" in schema:
            continue
        field = SchemaField((name,), schema)
        types = schema_types(schema)
        # A text that does not fit, such as "today" for a date, would be replaced by a placeholder.
        is_text = types == ("string",) and not fit_candidate(source.find_strings(field), schema)
        is_number = types in (("number",), ("integer",)) and source.find_number(field) is None
        if is_text or is_number:
            missing.append(name)
    return missing
