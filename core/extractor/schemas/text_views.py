"""The schema that a person typed, as code or as JSON, in place of the present one."""

from core.extractor.pydantic_code.names import class_name_for, is_class_name
from core.extractor.pydantic_code.parser import parse_models
from core.extractor.pydantic_code.style import SchemaStyle, apply_style, style_of
from core.json_schema.schema import NotRepresentable, SchemaDocument, parse_schema

_MAX_NAME = 64  # which the API allows


def document_of_code(code: str, present: SchemaDocument) -> SchemaDocument:
    """Read Pydantic *code* in the style of the schema *present*. Raises PlaygroundError."""
    name, model_schema = parse_models(code)
    try:
        return SchemaDocument(name, apply_style(model_schema, style_of(present.schema)))
    except NotRepresentable:
        # A model that contains itself needs $defs.
        return SchemaDocument(name, apply_style(model_schema, SchemaStyle(inline=False, type_null=False)))


def document_of_json(text: str, present: SchemaDocument) -> SchemaDocument:
    """Read a JSON Schema, which is named by its title if that is another one than of *present*.

    Raises PlaygroundError.
    """
    schema = parse_schema(text)
    title = schema.get("title", "")
    # The name of the present schema may have been edited, and its title not.
    if title == present.schema.get("title", "") or not any(
        char.isascii() and char.isalpha() for char in title
    ):
        return SchemaDocument(present.name, schema)
    name = title if is_class_name(title) else class_name_for(title, False, set())
    return SchemaDocument(name[:_MAX_NAME], schema)
