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


@dataclass(frozen=True, slots=True)
class _Field:
    alias: str
    schema: JsonSchema
    is_required: bool


@dataclass(frozen=True, slots=True)
class _Model:
    """What the models inherit that have this one as their base; fields by their name in the code."""

    fields: dict[str, _Field] = field(default_factory=dict)
    config: JsonSchema = field(default_factory=dict)


@dataclass(slots=True)
class _ModuleParser:
    classes: dict[str, JsonSchema] = field(default_factory=dict)
    models: dict[str, _Model] = field(default_factory=dict)
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
        root = next((name for name in reversed(self.models) if name not in used), [*self.models][-1])
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
        parent = self.models.get(base, _Model())
        # A field that is defined again has the place of the inherited one.
        fields, config = dict(parent.fields), dict(parent.config)
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.AnnAssign(target=ast.Name(id=name)):
                    fields[name] = self._field(name, statement)
                case ast.Assign(targets=[ast.Name(id="model_config")], value=ast.Call() as call):
                    config |= _config(call)
                case _:
                    fail(statement, "only fields and model_config are part of a schema")
        self.models[definition_name(node.name)] = _Model(fields, config)
        description = _docstring(node)
        required = [item.alias for item in fields.values() if item.is_required]
        return {
            "properties": {item.alias: item.schema for item in fields.values()},
            "title": node.name,
            "type": "object",
            **{keyword: value for keyword, value in config.items() if value is not None},
            **({"description": description} if description else {}),
            **({"required": required} if required else {}),
        }

    def _field(self, name: str, statement: ast.AnnAssign) -> _Field:
        if name.startswith("_"):
            fail(statement, f"{name} is a private attribute, not a field")
        schema, alias, is_required = AnnotationParser(self.aliases).parse_field(statement)
        alias = alias or name
        variants = schema.get("anyOf", [])
        value = variants[0] if len(variants) == 2 and variants[1] == {"type": "null"} else schema
        if "$ref" not in value:  # Pydantic leaves the title to the class
            schema.setdefault("title", default_title(alias))
        return _Field(alias, schema, is_required)

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
    """Return the keywords of the configuration; None instead of one that a model no longer inherits."""
    result: JsonSchema = {}
    for argument in call.keywords:
        value = literal_value(argument.value)
        match argument.arg, value:
            case "extra", "forbid" | "allow" | "ignore":
                result["additionalProperties"] = None if value == "ignore" else value == "allow"
            case "title", str():
                result["title"] = value
            case "populate_by_name" | "validate_by_name" | "use_enum_values", bool():
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
