"""The fields of a schema as the rows of a table, one for each field at any depth, and back."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors.types import PlaygroundError
from core.extractor.schemas.fields import FIELD_TYPES, Field, FieldTree, FieldType

# What strict mode requires of an object, so that a new one needs no correction.
_CLOSED = {"additionalProperties": False}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A row. *field* is a path such as `items[].price`; `constraints` is JSON with further keywords.

    `hidden` is JSON with what the table does not show: how null is allowed, and keywords around the value.
    """

    field: str
    type: FieldType = "string"
    list: bool = False
    required: bool = True
    nullable: bool = False
    values: tuple[str, ...] = ()
    description: str = ""
    constraints: str = ""
    hidden: str = ""


def to_rows(tree: FieldTree) -> list[FieldRow]:
    """Return the fields as rows, each followed by those inside it."""
    return [row for field in tree.fields for row in _rows(field, "")]


def _rows(field: Field, prefix: str) -> Iterator[FieldRow]:
    path = f"{prefix}{field.name}"
    hidden: dict[str, Any] = {"list": dict(field.list_keywords), "null": dict(field.null_keywords)}
    hidden["form"] = field.null_form
    hidden["enum"] = "null" if None in (field.enum or ()) else "empty" if field.enum == () else ""
    yield FieldRow(
        path,
        field.type,
        field.is_list,
        field.required,
        bool(field.null_form),
        tuple(_value_text(value, field.type) for value in field.enum or () if value is not None),
        field.description,
        json.dumps(dict(field.keywords), ensure_ascii=False) if field.keywords else "",
        json.dumps({key: value for key, value in hidden.items() if value}, ensure_ascii=False),
    )
    for child in field.children:
        yield from _rows(child, f"{path}[]." if field.is_list else f"{path}.")


def _value_text(value: Any, field_type: FieldType) -> str:
    """Write a value of an enum; a string that could be taken for another value is quoted."""
    if isinstance(value, str) and value.strip() == value and _parse_value(value, field_type) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _parse_value(text: str, field_type: FieldType) -> Any:
    """Read a value of an enum. For a string, `1` and `true` are texts: only quotes are removed."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if field_type == "string" and not isinstance(value, str) else value


def from_rows(rows: Sequence[FieldRow], root: FieldTree) -> FieldTree:
    """Return the fields of *rows* in their order, with the keywords of *root*.

    Raises PlaygroundError, which names the row, if a path or a constraint is invalid.
    """
    paths = [row.field.strip() for row in rows]
    if duplicate := next((path for path in paths if paths.count(path) > 1), None):
        raise PlaygroundError(f"The field {duplicate} is defined twice.", "Rename or remove one of them.")
    # The parent of `a.b` and of `a[].b` is `a`.
    children: dict[str, list[FieldRow]] = {}
    for row, path in zip(rows, paths, strict=True):
        parent, _, name = path.rpartition(".")
        if not name or "[" in name:
            raise PlaygroundError(
                f"{path or 'A row'} has no valid field name.", "Enter a name without brackets."
            )
        children.setdefault(parent.removesuffix("[]"), []).append(replace(row, field=path))
    known = {row.field: row for items in children.values() for row in items}
    for parent, items in children.items():
        if parent and (parent not in known or known[parent].type != "object"):
            raise PlaygroundError(
                f"{items[0].field} has no parent of type object.", f"Add the field {parent}."
            )
    return replace(root, fields=tuple(_field(row, children) for row in children.get("", [])))


def _field(row: FieldRow, children: dict[str, list[FieldRow]]) -> Field:
    hidden = _json_object(row, row.hidden)
    is_object = row.type == "object"
    if row.type not in FIELD_TYPES:
        raise PlaygroundError(f"{row.field} has no type.", f"Choose one of {', '.join(FIELD_TYPES)}.")
    is_new = not row.hidden and is_object and not row.constraints
    values = tuple(_parse_value(value, row.type) for value in row.values)
    # With null as a second type, null must also be in the enum.
    is_newly_nullable = row.nullable and not hidden.get("form") and bool(values)
    has_null = hidden.get("enum") == "null" and (row.nullable or not hidden.get("form"))
    extra = (None,) if is_newly_nullable or has_null else ()
    return Field(
        row.field.rpartition(".")[2],
        row.type,
        row.description,
        row.required,
        (hidden.get("form") or "type") if row.nullable else "",
        row.list,
        (*values, *extra) if values or extra or hidden.get("enum") == "empty" else None,
        tuple(_field(child, children) for child in children.get(row.field, [])) if is_object else (),
        _CLOSED if is_new else _json_object(row, row.constraints),
        hidden.get("list", {}) if row.list else {},
        hidden.get("null", {}) if row.nullable else {},
    )


def _json_object(row: FieldRow, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        message = f"The constraints of {row.field} are not a JSON object."
        raise PlaygroundError(message, 'Example: {"minimum": 0}')
    return value
