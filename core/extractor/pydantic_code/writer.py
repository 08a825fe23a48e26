"""Write a JSON Schema as the code of Pydantic models."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NoReturn

from core.extractor.pydantic_code.arguments import field_argument
from core.extractor.pydantic_code.difference import first_difference
from core.extractor.pydantic_code.names import (
    FORMAT_TYPES,
    class_name_for,
    field_name_for,
    is_class_name,
    is_field_name,
)
from core.extractor.pydantic_code.parser import parse_models
from core.extractor.pydantic_code.style import SDK_STYLE, SchemaStyle, apply_style, default_title, style_of
from core.json_schema.schema import JsonSchema, NotRepresentable, SchemaDocument, field_path, walk
from core.snippets import literal

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_HINT = "Edit it as JSON Schema."
_MAX_WIDTH = 100


def write_models(document: SchemaDocument) -> str:
    """Return the code of a model whose schema is *document*'s, in the style of that schema.

    Annotations without a meaning for the model, such as titles and `$schema`, can differ. Raises
    NotRepresentable if no model has this schema.
    """
    style = style_of(document.schema)
    writer = _Writer(style)
    code = writer.write(document)
    name, model_schema = parse_models(code)
    difference = first_difference(document.schema, apply_style(model_schema, style))
    if difference is not None:
        raise NotRepresentable(
            f"No Pydantic model has this schema: it differs in {field_path(difference)}.", _HINT
        )
    if name != document.name:
        raise NotRepresentable(f"No Pydantic model has the name {document.name}.", _HINT)
    return code


def sdk_document(document: SchemaDocument) -> SchemaDocument:
    """Return the schema that `chat.completions.parse` sends for the model of *document*.

    Raises NotRepresentable if no model has this schema.
    """
    name, source = _sdk_json(document.name, json.dumps(document.schema))
    return SchemaDocument(name, json.loads(source))


# A job makes thousands of requests with one schema, and one of 200 fields takes 30 ms. As text, because the
# caller may change the schema.
@lru_cache(maxsize=16)
def _sdk_json(name: str, schema: str) -> tuple[str, str]:
    class_name, model_schema = parse_models(write_models(SchemaDocument(name, json.loads(schema))))
    return class_name, json.dumps(apply_style(model_schema, SDK_STYLE))


@dataclass(slots=True)
class _Writer:
    style: SchemaStyle
    definitions: JsonSchema = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    imports: set[tuple[str, str]] = field(default_factory=lambda: {("pydantic", "BaseModel")})

    def write(self, document: SchemaDocument) -> str:
        if document.schema.get("type") != "object" or not is_class_name(document.name):
            self._fail("The root must be an object, named like a class.")
        definitions = document.schema.get("$defs", {})
        if not isinstance(definitions, dict) or not all(map(is_class_name, definitions)):
            self._fail("The names in $defs must be names of classes.")
        # A field of the same name would hide the class.
        fields = {name for _path, node in walk(document.schema) for name in node.get("properties", {})}
        self.names |= {document.name, *definitions, *fields}
        self.definitions = definitions
        for name, definition in definitions.items():
            if not isinstance(definition, dict) or definition.get("type") != "object":
                self._write_enum(name, definition)
            else:
                self._write_class(name, definition)
        self._write_class(
            document.name, {key: value for key, value in document.schema.items() if key != "$defs"}
        )
        modules: dict[str, list[str]] = {}
        for module, name in sorted(self.imports):
            modules.setdefault(module, []).append(name)
        order = sorted(modules, key=lambda module: (module == "pydantic", module))
        lines = [f"from {module} import {', '.join(modules[module])}" for module in order]
        if len(lines) > 1:
            lines.insert(-1, "")
        if definitions:  # which can refer to each other
            lines = ["from __future__ import annotations", "", *lines]
        return "\n".join(lines) + "\n\n\n" + "\n\n\n".join(self.classes) + "\n"

    def _write_enum(self, name: str, schema: Any) -> None:
        values = schema.get("enum") if isinstance(schema, dict) else None
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self._fail(f"{name} is neither an object nor an enum of texts.")
        self.imports.add(("enum", "StrEnum"))
        taken: set[str] = set()
        members = [f"    {field_name_for(value, taken)} = {literal(value)}" for value in values]
        docstring = self._docstring(schema)
        self.classes.append("\n".join([f"class {name}(StrEnum):", *docstring, *(members or ["    pass"])]))

    def _write_class(self, name: str, schema: JsonSchema) -> None:
        properties, required = schema.get("properties"), schema.get("required", [])
        if not isinstance(properties, dict) or not isinstance(required, list):
            self._fail(f"{name} has no properties.")
        # The place of a class is after those that it uses.
        lines, taken = [], {prop for prop in properties if is_field_name(prop)}
        for prop, child in properties.items():
            if not isinstance(child, dict):
                self._fail(f"{prop} is not an object of keywords.")
            lines.append(self._field(prop, child, prop in required, taken))
        config = self._config(name, schema)
        body = [*self._docstring(schema), *([f"    {config}", ""] if config else []), *lines]
        self.classes.append("\n".join([f"class {name}(BaseModel):", *(body or ["    pass"])]))

    def _config(self, name: str, schema: JsonSchema) -> str:
        arguments = []
        if not self.style.strict and "additionalProperties" in schema:
            allowed = schema["additionalProperties"]
            if not isinstance(allowed, bool):
                self._fail(f"{name} allows further properties of one type.")
            arguments.append(f"extra={literal('allow' if allowed else 'forbid')}")
        if "title" in schema and schema["title"] != name:
            arguments.append(f"title={literal(schema['title'])}")
        if not arguments:
            return ""
        self.imports.add(("pydantic", "ConfigDict"))
        return f"model_config = ConfigDict({', '.join(arguments)})"

    def _docstring(self, schema: JsonSchema) -> list[str]:
        text = schema.get("description", "")
        if not text:
            return []
        source = json.dumps(text, ensure_ascii=False)[1:-1]
        return [f'    """{source}"""', ""]

    def _field(self, prop: str, schema: JsonSchema, required: bool, taken: set[str]) -> str:
        annotation, arguments = self._annotation(schema, prop, default_title(prop), False)
        name = prop
        if not is_field_name(prop):
            name = field_name_for(prop, taken)
            arguments = {"alias": prop, **arguments}
        if "default" in schema:
            arguments = {"default": schema["default"], **arguments}
        elif not required:
            self._fail(f"{prop} is not required and has no default.")
        if not arguments:
            return f"    {name}: {annotation}"
        if arguments.keys() == {"default"}:
            return f"    {name}: {annotation} = {literal(schema['default'])}"
        line = f"    {name}: {annotation} = {self._call(arguments)}"
        if len(line) <= _MAX_WIDTH:
            return line
        lines = "".join(f"        {key}={literal(value, 8)},\n" for key, value in arguments.items())
        return f"    {name}: {annotation} = Field(\n{lines}    )"

    def _call(self, arguments: dict[str, Any]) -> str:
        self.imports.add(("pydantic", "Field"))
        return f"Field({', '.join(f'{key}={literal(value)}' for key, value in arguments.items())})"

    def _annotation(
        self, schema: JsonSchema, name: str, title: str, is_item: bool
    ) -> tuple[str, dict[str, Any]]:
        """Return the annotation of a value and the arguments of its Field; *title* is its default title."""
        rest = {key: value for key, value in schema.items() if key != "default"}
        type_source, used = self._type(rest, name, is_item)
        # With further keywords the type is a Literal, a union or a date, which have no constraints.
        type_name = type_source.partition("[")[0] if used <= {"type", "items"} else ""
        extra: JsonSchema = {}
        arguments: dict[str, Any] = {}
        if rest.get("title") == title and title:
            used |= {"title"}
        for key, value in rest.items():
            if argument := "" if key in used else field_argument(key, value, type_name):
                arguments[argument] = value
            elif key not in used:
                extra[key] = value
        if extra:
            arguments["json_schema_extra"] = extra
        return type_source, arguments

    def _inner(self, schema: Any, name: str, is_item: bool) -> str:
        if not isinstance(schema, dict):
            self._fail(f"{name} contains a schema that is not an object of keywords.")
        annotation, arguments = self._annotation(schema, name, "", is_item)
        if not arguments:
            return annotation
        self.imports.add(("typing", "Annotated"))
        return f"Annotated[{annotation}, {self._call(arguments)}]"

    def _type(self, schema: JsonSchema, name: str, is_item: bool) -> tuple[str, set[str]]:
        """Return the type of a value, and the keywords that it expresses."""
        if isinstance(schema.get("$ref"), str):
            if (definition := schema["$ref"].removeprefix("#/$defs/")) not in self.names:
                self._fail(f"{schema['$ref']} is not in $defs.")
            return definition, {"$ref"}
        if class_name := self._definition_of(schema):
            own_title = {"title"} if schema.get("title") == class_name else set()
            return class_name, schema.keys() - {"title", "description"} | own_title
        if isinstance(schema.get("anyOf"), list) and schema["anyOf"]:
            variants = [self._inner(variant, name, is_item) for variant in schema["anyOf"]]
            return " | ".join(variants), {"anyOf"}
        if isinstance(schema.get("type"), list):
            return self._nullable(schema, name, is_item)
        values = schema["enum"] if isinstance(schema.get("enum"), list) else None
        if values or "const" in schema:
            self.imports.add(("typing", "Literal"))
            values = values or [schema["const"]]
            return f"Literal[{', '.join(map(literal, values))}]", {"type", "enum", "const"}
        return self._declared_type(schema, name, is_item)

    def _declared_type(self, schema: JsonSchema, name: str, is_item: bool) -> tuple[str, set[str]]:
        declared = schema.get("type")
        if declared == "array":
            items = schema.get("items", True)
            source = "list" if items is True else f"list[{self._inner(items, name, True)}]"
            return source, {"type", "items"}
        if declared == "object":
            return self._object(schema, name, is_item)
        if schema.get("format") in FORMAT_TYPES and declared == "string":
            self.imports.add(FORMAT_TYPES[schema["format"]])
            return FORMAT_TYPES[schema["format"]][1], {"type", "format"}
        if not isinstance(declared, str) or declared not in _SCALARS:
            self._fail(f"{name} has no type." if declared is None else f"{name} has the type {declared!r}.")
        return _SCALARS[declared], {"type"}

    def _nullable(self, schema: JsonSchema, name: str, is_item: bool) -> tuple[str, set[str]]:
        """Write a type with null as a second type; description and title stay outside of the union."""
        declared = schema["type"]
        if len(declared) != 2 or declared[1] != "null":
            self._fail(f"{name} has several types.")
        inner = {**schema, "type": declared[0]}
        if isinstance(schema.get("enum"), list):
            inner["enum"] = [value for value in schema["enum"] if value is not None]
        outer = {"description", "title", "examples"} & schema.keys()
        source = self._inner({key: value for key, value in inner.items() if key not in outer}, name, is_item)
        return f"{source} | None", schema.keys() - outer

    def _object(self, schema: JsonSchema, name: str, is_item: bool) -> tuple[str, set[str]]:
        allowed = schema.get("additionalProperties")
        if "properties" not in schema and isinstance(allowed, dict):
            return f"dict[str, {self._inner(allowed, name, True)}]", {"type", "additionalProperties"}
        class_name = class_name_for(name, is_item, self.names)
        own = {"type", "properties", "required", "additionalProperties"}
        self._write_class(class_name, {key: schema[key] for key in own & schema.keys()})
        return class_name, own

    def _definition_of(self, schema: JsonSchema) -> str:
        """Return the definition that the SDK has inserted here in place of a reference with a description."""
        texts = ("title", "description")
        content = {key: value for key, value in schema.items() if key not in texts}
        equal = [
            str(name)
            for name, definition in self.definitions.items()
            if "description" in schema
            and content == {key: value for key, value in definition.items() if key not in texts}
        ]
        return schema["title"] if schema.get("title") in equal else next(iter(equal), "")

    def _fail(self, reason: str) -> NoReturn:
        raise NotRepresentable(f"Pydantic code cannot represent the schema. {reason}", _HINT)
