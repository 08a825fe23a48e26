"""Validation of JSON files that may have been edited by hand: every problem is reported with its line."""

import json
import re
from collections.abc import Sequence
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
    """A problem on a line, counted from 1."""

    line: int
    message: str


class FileValidationError(PlaygroundError):
    """A file that cannot be imported; nothing has been changed."""

    def __init__(self, problems: list[FileProblem]) -> None:
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"Line {first.line}: {first.message}{more}",
            "Nothing was imported. Correct the file and try again.",
        )
        self.problems = tuple(problems)


def validate_json(text: str, adapter: TypeAdapter[T]) -> T:
    """Return the value of *text*. Raises FileValidationError."""
    value = _parse(text)
    try:
        return adapter.validate_python(value)
    except ValidationError as exc:
        errors = exc.errors(include_input=False, include_url=False)[:_MAX_PROBLEMS]
        raise validation_error(text, [(error["loc"], error["msg"]) for error in errors]) from exc


def validation_error(text: str, errors: Sequence[tuple[JsonPath, str]]) -> FileValidationError:
    """Create the error for *text* from the paths and messages of its *errors*."""
    lines = _line_numbers(text)
    problems = []
    for path, message in errors:
        # The nearest value that the file has: a missing field has no line of its own, and pydantic's paths
        # also contain the names of a union's members.
        nearest: JsonPath = ()
        for step in path:
            nearest = (*nearest, step) if (*nearest, step) in lines else nearest
        missing = path[-1:] if nearest[-1:] != path[-1:] else ()
        name = ".".join(str(step) for step in (*nearest, *missing))
        problems.append(FileProblem(lines[nearest], f"{name}: {message}"[:300] if name else message[:300]))
    return FileValidationError(problems)


def _parse(text: str) -> Any:
    if len(text) > _MAX_CHARACTERS:
        limit = _MAX_CHARACTERS // 1_000_000
        raise FileValidationError([FileProblem(1, f"The file is larger than {limit} million characters.")])
    try:
        value = json.loads(text, parse_constant=_reject_constant)
        if _is_too_deep(value):
            raise RecursionError
        json.dumps(value, ensure_ascii=False).encode()  # fails for lone surrogates, which no database stores
        return value
    except (ValueError, RecursionError) as exc:
        if isinstance(exc, json.JSONDecodeError):
            problem = FileProblem(exc.lineno, f"This is not valid JSON: {exc.msg}.")
        elif isinstance(exc, RecursionError):
            problem = FileProblem(1, f"Values are nested deeper than {_MAX_DEPTH} levels.")
        elif isinstance(exc, UnicodeEncodeError):
            problem = FileProblem(1, "The text contains half of a character (a lone surrogate).")
        else:
            problem = FileProblem(1, "A number is too long or not valid in JSON.")
        raise FileValidationError([problem]) from exc


def _reject_constant(name: str) -> NoReturn:
    """Reject NaN and Infinity, which Python's parser accepts."""
    raise ValueError(name)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        children: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                children.extend(item.values())
            elif isinstance(item, list):
                children.extend(item)
        level = children
    return bool(level)


def _line_numbers(text: str) -> dict[JsonPath, int]:
    """Map the path of every value in *text*, which is valid JSON, to the line of the value or its name."""
    # json.loads gives no positions.
    lines: dict[JsonPath, int] = {}
    path: list[str | int | None] = []  # its last step is None until the next name of an object
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        line += token == "\n"
        if token in "{[":
            lines.setdefault(_to_json_path(path), line)
            path.append(None if token == "{" else 0)
        elif token in "]}":
            path.pop()
        elif token == ",":
            step = path[-1]
            path[-1] = step + 1 if isinstance(step, int) else None
        elif path and path[-1] is None and token.startswith('"'):
            path[-1] = json.loads(token)
        if token not in "{[,]}:\n":
            lines.setdefault(_to_json_path(path), line)
    return lines


def _to_json_path(path: list[str | int | None]) -> JsonPath:
    return tuple(step for step in path if step is not None)
