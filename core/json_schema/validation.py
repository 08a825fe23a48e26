"""Validate extracted values against their schema, which may come from anyone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from jsonschema.exceptions import SchemaError, UnknownType, ValidationError  # type: ignore[import-untyped]
from jsonschema.validators import extend  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from core.json_schema.formats import FORMATS
from core.json_schema.patterns import PatternNotChecked, matches
from core.json_schema.schema import JsonSchema

_MAX_PROBLEMS = 100
_PATTERN_TIMEOUT = 0.2  # seconds for one value
_MAX_MESSAGE = 300
# What a schema that is not valid itself can raise, as its keywords may have values of any type.
_SCHEMA_ERRORS = (
    SchemaError,
    UnknownType,
    Unresolvable,
    RecursionError,
    TypeError,
    ValueError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the value at *path*."""

    path: tuple[str | int, ...]
    message: str

    @property
    def field(self) -> str:
        return value_path(self.path)


def value_path(path: tuple[str | int, ...]) -> str:
    """Write the path of a value, such as `items[0].price`; `$` is the whole value."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "$"


def validate(value: Any, schema: JsonSchema) -> list[Problem]:
    """Return what makes *value* invalid for *schema*, in the order of the fields."""
    # An empty registry: the default one would download what a reference to a URL points to.
    validator = _Validator(schema, registry=Registry(), format_checker=FORMATS)
    problems: list[Problem] = []
    try:
        for error in validator.iter_errors(value):
            problems.append(_problem(error))
            if len(problems) == _MAX_PROBLEMS:
                break
    except _SCHEMA_ERRORS as error:
        problems.append(Problem((), f"The schema cannot be applied: {error}"[:_MAX_MESSAGE]))
    return sorted(problems, key=lambda problem: [str(step) for step in problem.path])


def _problem(error: ValidationError) -> Problem:
    path, message = tuple(error.absolute_path), str(error.message)
    if error.validator == "additionalProperties":
        message = "It has fields that the schema does not define."
    elif error.validator == "required":
        # The error of a missing property is one of the object around it.
        missing = (name for name in error.validator_value if message == f"{name!r} is a required property")
        path, message = (*path, *missing), "This required field is missing."
    return Problem(path, message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…")


def _pattern(_validator: Any, pattern: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Check a pattern with a time limit, as some patterns take years for a short text."""
    if not isinstance(value, str):
        return
    try:
        if not matches(pattern, value, _PATTERN_TIMEOUT):
            yield ValidationError(f"{value[:80]!r} does not match {pattern!r}")
    except PatternNotChecked as error:
        yield ValidationError(str(error))


def _additional_properties(
    validator: Any, allowed: Any, value: Any, schema: Any
) -> Iterator[ValidationError]:
    if "patternProperties" not in schema:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, value, schema)


def _not_checked(*_arguments: Any) -> Iterator[ValidationError]:
    return iter(())


# Without the keywords that apply patterns to names without a time limit. Strict mode has none of them.
_KEYWORDS = {
    "pattern": _pattern,
    "patternProperties": _not_checked,
    "additionalProperties": _additional_properties,
    "unevaluatedProperties": _not_checked,
}
_Validator: Any = extend(Draft202012Validator, _KEYWORDS)
