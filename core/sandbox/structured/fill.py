"""The walk over a schema that fills it: a value for every part, in the order of the schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.json_schema.strict import Schema, resolve, schema_types
from core.sandbox.structured.numbers import fit_number
from core.sandbox.structured.ranks import INFINITE, rank, rank_references
from core.sandbox.structured.source import EmptySource, SchemaField, TextItem, ValueProvider
from core.sandbox.structured.strings import default_string, fit_candidate

_MAX_VALUES = 30_000
_MAX_ITEMS = 100
# Beyond these, the smallest value is chosen: a definition within itself, nesting, and values tried.
_MAX_RECURSION = 3
_MAX_DEPTH = 80
_MAX_TRIED = 4_000


class UnfillableSchema(Exception):
    """A schema that has no finite value, or only ones that are too large."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A value, and how many of its parts the source had."""

    value: Any
    evidence: int = 0


@dataclass(frozen=True, slots=True)
class _Position:
    """Where the walk is: the field, its source, and the references that led to it."""

    field: SchemaField
    source: ValueProvider
    references: tuple[str, ...] = ()
    depth: int = 0
    # The references since the source was narrowed: it has no second value for a definition within itself.
    references_in_source: tuple[str, ...] = ()


class SchemaFiller:
    """Fills one schema. An optional property is only filled if the source has a value for it."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._ranks = rank_references(root)
        self._values = 0

    def fill(self, source: ValueProvider) -> Filled:
        """Return the value. Raises UnfillableSchema."""
        if rank(self._root, self._ranks) == INFINITE:
            raise UnfillableSchema("it has no finite value")
        return self._fill(_Position(SchemaField((), self._root), source, ("#",), 0, ("#",)))

    def _fill(self, at: _Position) -> Filled:
        self._values += 1
        if self._values > _MAX_VALUES:
            raise UnfillableSchema("its smallest value is too large")
        schema = at.field.schema
        if "$ref" in schema:
            return self._fill_reference(at)
        if "const" in schema:
            return Filled(schema["const"])
        if "enum" in schema:
            index, is_named = at.source.choose(at.field, schema["enum"])
            return Filled(schema["enum"][index], int(is_named))
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                shared = {key: value for key, value in schema.items() if key != keyword}
                options = [{**shared, **option} for option in schema[keyword] if isinstance(option, dict)]
                return self._fill_any(at, options)
        if schema.get("allOf"):
            return self._fill(replace(at, field=replace(at.field, schema=_merge(schema))))
        return self._fill_types(at)

    def _fill_reference(self, at: _Position) -> Filled:
        reference = at.field.schema["$ref"]
        target = resolve(reference, self._root)
        assert target is not None, "checked with the request"
        schema = {**target, **{key: value for key, value in at.field.schema.items() if key != "$ref"}}
        source = EmptySource() if reference in at.references_in_source else at.source
        return self._fill(
            replace(
                at,
                field=replace(at.field, schema=schema),
                source=source,
                references=(*at.references, reference),
                references_in_source=(*at.references_in_source, reference),
            )
        )

    def _is_deep(self, at: _Position) -> bool:
        repeated = at.references.count(at.references[-1]) if at.references else 0
        return repeated > _MAX_RECURSION or at.depth > _MAX_DEPTH or self._values > _MAX_TRIED

    def _fill_types(self, at: _Position) -> Filled:
        types = schema_types(at.field.schema)
        if not types:
            types = ("object",) if "properties" in at.field.schema else ("string",)
        if len(types) > 1:
            return self._fill_any(at, [{**at.field.schema, "type": name} for name in types])
        match types[0]:
            case "object":
                return self._fill_object(at)
            case "array":
                return self._fill_array(at)
            case "null":
                return Filled(None)
            case "boolean":
                value = at.source.find_boolean(at.field)
                return Filled(bool(value), int(value is not None))
            case "string":
                text = fit_candidate(at.source.find_strings(at.field), at.field.schema)
                return Filled(text, 1) if text else Filled(default_string(at.field.schema))
            case _:
                wanted = at.source.find_number(at.field)
                number, is_exact = fit_number(wanted, at.field.schema, is_integer=types[0] == "integer")
                return Filled(number, int(is_exact))

    def _fill_any(self, at: _Position, options: Sequence[Schema]) -> Filled:
        """Fill the option that the source has most for; null if it has nothing for any other."""
        nulls = [option for option in options if _is_null(option)]
        others = [option for option in options if not _is_null(option)]
        finite = [option for option in others if rank(option, self._ranks) < INFINITE]
        if not finite or (nulls and self._is_deep(at)):
            return Filled(None)
        if self._is_deep(at):
            finite = [min(finite, key=lambda option: rank(option, self._ranks))]
        results = [self._fill(replace(at, field=replace(at.field, schema=option))) for option in finite]
        best = max(results, key=lambda result: result.evidence)
        return Filled(None) if nulls and not best.evidence else best

    def _fill_object(self, at: _Position) -> Filled:
        schema = at.field.schema
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        source = at.source.narrow(at.field)
        value: dict[str, Any] = {}
        evidence = 0
        for name, child in properties.items():
            child_schema = child if isinstance(child, dict) else {}
            if name not in required and self._is_deep(at):
                continue
            position = _Position(
                SchemaField((*at.field.path, name), child_schema),
                source,
                at.references,
                at.depth + 1,
                at.references_in_source,
            )
            filled = self._fill(position)
            if name in required or filled.evidence:
                value[name] = filled.value
                evidence += filled.evidence
        return Filled(value, evidence)

    def _fill_array(self, at: _Position) -> Filled:
        schema = at.field.schema
        items = schema.get("items")
        items = items if isinstance(items, dict) else {}
        minimum = schema.get("minItems", 0)
        limit = max(minimum, min(schema.get("maxItems", _MAX_ITEMS), _MAX_ITEMS))
        resolved: Schema = items
        while "$ref" in resolved:
            resolved = resolve(resolved["$ref"], self._root) or {}
        annotations = {key: schema[key] for key in ("title", "description") if key in schema}
        field = SchemaField(at.field.path, {**annotations, **items})
        source_items = [] if self._is_deep(at) else at.source.find_items(at.field, resolved)[:limit]
        results = []
        for item in source_items:
            source = TextItem(item) if isinstance(item, str) else item
            # The item is the whole of its source, so that the names around it say nothing more.
            position = _Position(replace(field, path=()), source, at.references, at.depth + 1)
            result = self._fill(position)
            if result.evidence:
                results.append(result)
        if len(results) < minimum:
            empty = _Position(field, EmptySource(), at.references, at.depth + 1)
            results += [replace(self._fill(empty), evidence=0) for _ in range(minimum - len(results))]
        return Filled([result.value for result in results], sum(result.evidence for result in results))


def _is_null(schema: Schema) -> bool:
    return schema_types(schema) == ("null",) or ("const" in schema and schema["const"] is None)


def _merge(schema: Schema) -> dict[str, Any]:
    """Return one schema for `allOf`, which only schemas that are not strict may have."""
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        for key, value in part.items() if isinstance(part, Mapping) else ():
            if key == "properties":
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = [*merged.get(key, ()), *value]
            else:
                merged.setdefault(key, value)
    return merged
