"""The schemas of a request that are strict: the API refuses the request if one of them is not."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from core.batches.check.findings import LineFinding
from core.errors.types import PlaygroundError
from core.json_schema.schema import SchemaDocument, parse_schema
from core.json_schema.strict import check
from core.json_schema.strict_fixes import to_strict
from core.json_values import json_object

# Most files have the same few schemas in all of their lines.
_MAX_CACHED_SCHEMAS = 64


@dataclass(frozen=True, slots=True)
class _StrictCheck:
    """What strict mode refuses in a schema, and the corrected schema if everything can be corrected."""

    problems: tuple[str, ...]
    corrected: bytes | None


def check_schemas(body: Mapping[str, Any]) -> Iterator[LineFinding]:
    """Yield a finding for each strict schema of *body* that strict mode refuses."""
    for param, holder, key in _strict_schemas(body):
        if not isinstance(holder.get(key), dict):
            yield LineFinding(None, "invalid_schema", "The schema must be a JSON object.", param)
            continue
        result = _check_schema(str(holder.get("name", "")), orjson.dumps(holder[key]))
        if result.problems:
            more = f" ({len(result.problems) - 1} more)" if len(result.problems) > 1 else ""
            message = f"Not valid in strict mode: {result.problems[0]}{more}"
            yield LineFinding(None, "invalid_schema", message, param, "schema" if result.corrected else None)


def correct_schemas(body: Mapping[str, Any]) -> None:
    """Replace each strict schema of *body* that can be corrected."""
    for _param, holder, key in _strict_schemas(body):
        if isinstance(holder.get(key), dict):
            result = _check_schema(str(holder.get("name", "")), orjson.dumps(holder[key]))
            if result.corrected:
                holder[key] = orjson.loads(result.corrected)


def _strict_schemas(body: Mapping[str, Any]) -> Iterator[tuple[str, MutableMapping[str, Any], str]]:
    """Yield the path of each strict schema, the object that it is in, and its key there."""
    nested = json_object(body.get("response_format")).get("json_schema")
    if isinstance(nested, dict) and nested.get("strict") is True:
        yield "body.response_format.json_schema.schema", nested, "schema"
    flat, tools = json_object(body.get("text")).get("format"), body.get("tools")
    if isinstance(flat, dict) and flat.get("type") == "json_schema" and flat.get("strict") is True:
        yield "body.text.format.schema", flat, "schema"
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if isinstance(function, dict) and function.get("strict") is True and "parameters" in function:
            path = "function.parameters" if function is not tool else "parameters"
            yield f"body.tools[{index}].{path}", function, "parameters"


@lru_cache(maxsize=_MAX_CACHED_SCHEMAS)
def _check_schema(name: str, schema_json: bytes) -> _StrictCheck:
    try:
        document = SchemaDocument(name, parse_schema(schema_json.decode()))
    except PlaygroundError as error:
        return _StrictCheck((str(error),), None)
    problems = _problems(document)
    if not problems:
        return _StrictCheck((), None)
    corrected = to_strict(document)
    return _StrictCheck(problems, None if _problems(corrected) else orjson.dumps(corrected.schema))


def _problems(document: SchemaDocument) -> tuple[str, ...]:
    findings = (finding for finding in check(document) if finding.severity == "error")
    return tuple(f"{finding.field}: {finding.message}" for finding in findings)
