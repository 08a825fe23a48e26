"""Read the JSON Schema of Pydantic models from their code, which is parsed and never executed.

The schema is what Pydantic's `model_json_schema` returns for the code.
"""

import ast
import inspect
from dataclasses import dataclass, field
from typing import Any

from core.extractor.pydantic_code.annotations import (
    AnnotationParser,
    CodeError,
    fail,
    field_call,
    literal_value,
)
from core.extractor.pydantic_code.names import definition_name
from core.extractor.pydantic_code.style import default_title
from core.json_schema.schema import JsonSchema

_MAX_CHARACTERS = 200_000
_ENUM_BASES = {"Enum", "StrEnum", "IntEnum"}


def parse_models(code: str) -> tuple[str, JsonSchema]:
    """Return the name and the schema of the last model of *code* that no other one uses.

    Raises CodeError, which names the line, for code that is not a schema, such as a method.
    """
    if len(code) > _MAX_CHARACTERS:
        raise CodeError("The code is too long.", f"At most {_MAX_CHARACTERS:,} characters are read.")
    try:
        module = ast.parse(code)
    except SyntaxError as error:
        raise CodeError(f"Line {error.lineno or 1}: {error.msg}.", "Correct the Python code.") from None
    except (ValueError, RecursionError, MemoryError):
        raise CodeError("The code cannot be parsed.", "Correct the Python code.") from None
    parser = _ModuleParser()
    for statement in module.body:
        parser.read(statement)
    return parser.result()


@dataclass(slots=True)
class _ModuleParser:
    classes: dict[str, JsonSchema] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    aliases: dict[str, ast.expr] = field(default_factory=dict)

    def read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.aliases[name] = value
            case ast.ClassDef(decorator_list=[], keywords=[]):
                name = definition_name(statement.name)
                if name in self.classes:
                    fail(
                        statement,
                        f"{statement.name} is defined twice, or differs only in letters outside ASCII",
                    )
                bases = [
                    base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                    for base in statement.bases
                ]
                self.classes[name] = (
                    self._enum(statement) if _ENUM_BASES & {*bases} else self._model(statement, bases)
                )
            case _:
                fail(statement, "only imports, models, enums and type aliases are part of a schema")

    def result(self) -> tuple[str, JsonSchema]:
        if not self.models:
            raise CodeError("The code has no model.", "Define a class with BaseModel as its base.")
        used = {
            name for owner, schema in self.classes.items() for name in _references(schema) if name != owner
        }
        root = next((name for name in reversed(self.models) if name not in used), self.models[-1])
        needed: set[str] = set()
        pending = [root]
        while pending:
            names = {name for name in _references(self.classes[pending.pop()]) if name not in needed}
            if missing := names - self.classes.keys():
                raise CodeError(
                    f"{min(missing)} is not defined.", "Define it as a model, an enum or an alias."
                )
            needed |= names
            pending += names
        definitions = {name: self.classes[name] for name in self.classes if name in needed}
        if root in definitions:
            return root, {"$defs": definitions, "$ref": f"#/$defs/{root}"}
        return root, {**({"$defs": definitions} if definitions else {}), **self.classes[root]}

    def _model(self, node: ast.ClassDef, bases: list[str]) -> JsonSchema:
        base = definition_name(bases[0]) if len(bases) == 1 else ""
        if base != "BaseModel" and base not in self.models:
            fail(node, f"the base of {node.name} must be BaseModel or a model above it")
        parent = self.classes.get(base, {})
        schema: JsonSchema = {
            "properties": dict(parent.get("properties", {})),
            "title": node.name,
            "type": "object",
        }
        if "additionalProperties" in parent:
            schema["additionalProperties"] = parent["additionalProperties"]
        required = list(parent.get("required", []))
        if description := _docstring(node):
            schema["description"] = description
        self.models.append(definition_name(node.name))
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.AnnAssign(target=ast.Name(id=name)):
                    self._add_field(name, statement, schema["properties"], required)
                case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Call() as call):
                    schema.update(_config(call))
                case _:
                    fail(statement, "only fields and model_config are part of a schema")
        return {**schema, **({"required": required} if required else {})}

    def _add_field(
        self, name: str, statement: ast.AnnAssign, properties: JsonSchema, required: list[str]
    ) -> None:
        if name.startswith("_"):
            fail(statement, f"{name} is a private attribute, not a field")
        annotations = AnnotationParser(self.aliases)
        parsed = field_call(statement.value) if statement.value is not None else field_call(None)
        schema = annotations.with_arguments(annotations.parse(statement.annotation), parsed, statement)
        prop = parsed.alias or name
        variants = schema.get("anyOf", [])
        value = variants[0] if len(variants) == 2 and variants[1] == {"type": "null"} else schema
        if "$ref" not in value:  # Pydantic leaves the title to the class
            schema.setdefault("title", default_title(prop))
        properties[prop] = schema
        if prop in required:
            required.remove(prop)
        if parsed.is_required:
            required.append(prop)

    def _enum(self, node: ast.ClassDef) -> JsonSchema:
        values: list[Any] = []
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.Assign(targets=[ast.Name()], value=value):
                    values.append(literal_value(value))
                case _:
                    fail(statement, "only members are part of an enum")
        schema: JsonSchema = {"enum": values, "title": node.name}
        types = {type(value) for value in values}
        if types in ({str}, {int}):
            schema["type"] = "string" if types == {str} else "integer"
        description = _docstring(node)
        return {**({"description": description} if description else {}), **schema}


def _docstring(node: ast.ClassDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node, clean=False) or "")


def _config(call: ast.Call) -> JsonSchema:
    result: JsonSchema = {}
    for argument in call.keywords:
        value = literal_value(argument.value)
        match argument.arg, value:
            case "extra", "forbid" | "allow":
                result["additionalProperties"] = value == "allow"
            case "title", str():
                result["title"] = value
            case ("extra", "ignore") | ("populate_by_name" | "validate_by_name" | "use_enum_values", bool()):
                pass
            case _:
                fail(call, f"{argument.arg} of ConfigDict is not supported here")
    return result


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for item in schema for name in _references(item)]
    if not isinstance(schema, dict):
        return []
    ref = schema.get("$ref")
    own = [ref.removeprefix("#/$defs/")] if isinstance(ref, str) else []
    return own + [name for key, item in schema.items() if key != "$ref" for name in _references(item)]
