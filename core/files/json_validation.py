"""Read a JSON file that somebody made or changed by hand, and name the line of whatever is wrong with it."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from core.errors.types import PlaygroundError

T = TypeVar("T")
JsonPath = tuple[str | int, ...]
_MAX_CHARACTERS = 25_000_000
_MAX_DEPTH = 64
_MAX_PROBLEMS = 20
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong on a line, counted from 1."""

    line: int
    message: str


class FileValidationError(PlaygroundError):
    """A file that cannot be imported; nothing was changed."""

    def __init__(self, problems: list[FileProblem]) -> None:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"Line {first.line}: {first.message}{more}",
            "Nothing was imported. Correct the file and try again.",
        )
        self.problems = tuple(problems)


def validate_json(text: str, adapter: TypeAdapter[T]) -> T:
    """Return what *text* holds. Raises Refused."""
    value = _parse(text)
    try:
        return adapter.validate_python(value)
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_url=False)[:_MAX_PROBLEMS]
        raise validation_error(text, [(error["loc"], error["msg"]) for error in errors]) from exc


def validation_error(text: str, complaints: Sequence[tuple[JsonPath, str]]) -> FileValidationError:
    """Make the refusal of *text* from what is wrong at which path."""
    lines = _line_numbers(text)
    return FileValidationError([_problem(path, message, lines) for path, message in complaints])


def _problem(path: JsonPath, message: str, lines: dict[JsonPath, int]) -> FileProblem:
    """Place *message* at *path*, or at the nearest value around it.

    Steps on the way that the file does not have are the names of pydantic's alternatives.
    """
    found: JsonPath = ()
    for step in path:
        found = (*found, step) if (*found, step) in lines else found
    missing = path[-1:] if found[-1:] != path[-1:] else ()
    name = ".".join(str(step) for step in (*found, *missing))
    return FileProblem(lines[found], f"{name}: {message}"[:300] if name else message[:300])


def _parse(text: str) -> Any:
    if len(text) > _MAX_CHARACTERS:
        limit = _MAX_CHARACTERS // 1_000_000
        raise FileValidationError([FileProblem(1, f"The file is larger than {limit} million characters.")])
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        if _is_too_deep(value):
            raise RecursionError
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        raise FileValidationError([_explain(exc)]) from exc
    return value


def _explain(exc: ValueError | RecursionError) -> FileProblem:
    if isinstance(exc, json.JSONDecodeError):
        return FileProblem(exc.lineno, f"This is not valid JSON: {exc.msg}.")
    if isinstance(exc, RecursionError):
        return FileProblem(1, f"Values are nested deeper than {_MAX_DEPTH} levels.")
    if isinstance(exc, UnicodeEncodeError):
        return FileProblem(1, "A character is cut in half (a lone surrogate).")
    return FileProblem(1, "A number is too long, or not one that JSON knows.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
    return bool(level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _line_numbers(text: str) -> dict[JsonPath, int]:
    """Map the path of every value in *text*, which is JSON, to the line on which it or its name stands."""
    found: dict[JsonPath, int] = {}
    path: list[str | int | None] = []  # ends in None between the names of an object
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        line += token == "\n"
        if token in "{[":
            found.setdefault(_known(path), line)
        _step(path, token)
        if token not in "{[,]}:\n":
            found.setdefault(_known(path), line)
    return found


def _known(path: list[str | int | None]) -> JsonPath:
    return tuple(step for step in path if step is not None)


def _step(path: list[str | int | None], token: str) -> None:
    """Move *path* over *token*."""
    if token in "{[":
        path.append(None if token == "{" else 0)
    elif token in "]}":
        path.pop()
    elif token == ",":
        last = path[-1]
        path[-1] = last + 1 if isinstance(last, int) else None
    elif path and path[-1] is None and token.startswith('"'):
        path[-1] = json.loads(token)
