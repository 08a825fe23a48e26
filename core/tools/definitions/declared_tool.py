"""A tool that a person has declared: a name, a description and a schema, without code to run."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.json_schema.patterns import PatternNotChecked, matches
from core.tools.definitions.definition import InvalidArguments, Schema, ToolDefinition

_MAX_SCHEMA_CHARACTERS = 50_000
_MAX_PROBLEMS = 5
_PATTERN_SECONDS = 0.5  # for all patterns of a call


class ToolDeclaration(BaseModel):
    """A declaration as it is entered, saved and imported."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str = Field(default="", max_length=1_024)
    parameters: Schema

    @field_validator("parameters")
    @classmethod
    def _check_parameters(cls, schema: Schema) -> Schema:
        from jsonschema import Draft202012Validator, FormatChecker, SchemaError  # type: ignore[import-untyped]

        if len(json.dumps(schema)) > _MAX_SCHEMA_CHARACTERS:
            raise ValueError(f"The schema has more than {_MAX_SCHEMA_CHARACTERS:,} characters.")
        if schema.get("type") != "object":
            raise ValueError('The schema of the parameters must have "type": "object".')
        formats = FormatChecker()
        formats.checks("regex", raises=(PatternNotChecked, OverflowError, RecursionError))(_check_pattern)
        try:
            Draft202012Validator.check_schema(schema, formats)
        except SchemaError as error:
            if error.validator == "format" and error.cause:
                problem = f"The pattern {str(error.instance)[:80]!r} is not valid: {str(error.cause)[:200]}"
                raise ValueError(problem) from None
            raise ValueError(f"This is not a JSON Schema: {error.message[:300]}") from None
        except RecursionError:
            raise ValueError("The schema is nested too deeply.") from None
        return schema


def _check_pattern(pattern: object) -> bool:
    """Compile a pattern. Raises PatternNotChecked, OverflowError and RecursionError."""
    if isinstance(pattern, str):
        try:
            re.compile(pattern)
        except re.error:
            matches(pattern, "", _PATTERN_SECONDS)  # it can have classes of Unicode, which `re` does not know
    return True


@dataclass(frozen=True, slots=True)
class DeclaredTool:
    """A declaration as a tool, whose calls a mock or a person answers."""

    definition: ToolDefinition

    @classmethod
    def of(cls, declaration: ToolDeclaration) -> "DeclaredTool":
        return cls(ToolDefinition(declaration.name, declaration.description, declaration.parameters))

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        required = self.definition.parameters.get("required", ())
        given = {name: value for name, value in arguments.items() if value is not None or name in required}
        try:
            problems = [
                f"{'.'.join(map(str, error.absolute_path)) or 'arguments'}: {error.message[:300]}"
                for error in _validator(self.definition.parameters).iter_errors(given)
            ]
        except PatternNotChecked as error:
            raise InvalidArguments(str(error)) from None
        except RecursionError:
            raise InvalidArguments("The arguments are nested too deeply.") from None
        except Exception as error:  # noqa: BLE001 - a reference that does not exist, for which each version has a type
            raise InvalidArguments(f"The schema cannot be applied: {type(error).__name__}") from None
        if problems:
            raise InvalidArguments("; ".join(problems[:_MAX_PROBLEMS]))
        return given

    async def call(self, arguments: Mapping[str, Any]) -> object:
        del arguments
        raise ValueError("This tool has no code. Choose Mock or Ask me.")


class _PatternKeywords:
    """The keywords that apply patterns, within one limit of time. They raise PatternNotChecked."""

    def __init__(self) -> None:
        self._remaining = _PATTERN_SECONDS

    def pattern(self, _validator: Any, pattern: str, value: Any, _schema: Schema) -> Iterator[Any]:
        from jsonschema import ValidationError

        if isinstance(value, str) and not self._matches(pattern, value):
            yield ValidationError(f"{value!r} does not match {pattern!r}")

    def properties(self, validator: Any, patterns: Schema, value: Any, _schema: Schema) -> Iterator[Any]:
        for pattern, name in product(patterns, value if isinstance(value, Mapping) else ()):
            if self._matches(pattern, name):
                yield from validator.descend(value[name], patterns[pattern], name, pattern)

    def additional(self, validator: Any, allowed: Any, value: Any, schema: Schema) -> Iterator[Any]:
        from jsonschema import Draft202012Validator

        patterns = schema.get("patternProperties", {})
        if isinstance(value, Mapping):
            value = {
                name: item
                for name, item in value.items()
                if not any(self._matches(pattern, name) for pattern in patterns)
            }
        plain = {key: item for key, item in schema.items() if key != "patternProperties"}
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, value, plain)

    def _matches(self, pattern: str, text: str) -> bool:
        started = time.thread_time()
        try:
            return matches(pattern, text, self._remaining)
        finally:
            self._remaining -= time.thread_time() - started


def _validator(schema: Schema) -> Any:
    """Return a validator of one call. It loads nothing, and applies patterns within a limit of time."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend  # type: ignore[import-untyped]
    from referencing import Registry

    limited = _PatternKeywords()
    keywords: dict[str, Any] = {
        "pattern": limited.pattern,
        "patternProperties": limited.properties,
        "additionalProperties": limited.additional,
    }
    if "patternProperties" in json.dumps(schema):  # jsonschema would apply them here without a limit
        keywords["unevaluatedProperties"] = lambda *_arguments: iter(())
    return extend(Draft202012Validator, keywords)(schema, registry=Registry())
