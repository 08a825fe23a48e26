"""Generate a schema from its description: the model fills in a table of fields, not a schema of its own.

So the result is a schema that strict mode accepts, whatever the model writes.
"""

import re
from typing import Any

from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.request import Extraction, build_request
from core.extractor.schemas.field_rows import FieldRow, from_rows
from core.extractor.schemas.fields import FIELD_TYPES, FieldTree, schema_of
from core.json_schema.schema import JsonSchema, SchemaDocument
from core.json_schema.validation import validate

_INSTRUCTIONS = (
    "Design the fields of an object that the user wants to extract from texts. Write the name of the object "
    "in PascalCase and the names of fields in snake_case, both in English. Write a nested field as a path "
    "with a dot after its parent, such as address.city, and with brackets after a list of objects, such as "
    "items[].price; add the parent too, with type object. List the allowed values of a field only if they "
    "are few. Make a field nullable if a text may not contain it."
)


def _closed(**properties: JsonSchema) -> JsonSchema:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_FIELDS = _closed(
    field={"type": "string", "description": "Name or path of the field"},
    type={"type": "string", "enum": list(FIELD_TYPES)},
    list={"type": "boolean", "description": "Whether it is a list of values of this type"},
    nullable={"type": "boolean"},
    values={"type": "array", "items": {"type": "string"}, "description": "Allowed values; empty for any"},
    description={"type": "string"},
)
FIELD_LIST = SchemaDocument(
    "FieldList",
    _closed(
        name={"type": "string", "description": "Name of the object"},
        fields={"type": "array", "items": _FIELDS},
    ),
)


def generation_params(description: str, settings: ChatSettings) -> dict[str, Any]:
    """Return the request for a schema of what *description* says."""
    extraction = Extraction(FIELD_LIST, description, "json_schema", instructions=_INSTRUCTIONS)
    return build_request(extraction, settings)


def generated_document(value: Any) -> SchemaDocument:
    """Return the schema that the reply *value* describes. Raises PlaygroundError if it describes none."""
    if validate(value, FIELD_LIST.schema) or not value["fields"]:
        raise PlaygroundError("The reply is not a list of fields.", "Try again, or choose another model.")
    rows = [
        FieldRow(
            field["field"],
            field["type"],
            field["list"],
            nullable=field["nullable"],
            # Only texts have a list of values here; the model may write it for others.
            values=tuple(field["values"]) if field["type"] == "string" else (),
            description=field["description"],
        )
        for field in value["fields"]
    ]
    tree = from_rows(rows, FieldTree((), {"additionalProperties": False}))
    name = re.sub(r"[^A-Za-z0-9_]", "", value["name"])[:64] or "Generated"
    return SchemaDocument(name, schema_of(tree))
