"""The questions of a check with the calls that are expected, as they are written in CSV."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors.types import PlaygroundError
from core.tools.check.expected_calls import ExpectedCall, parse_arguments

MAX_CASES = 1_000
_MAX_CALLS = 16  # of a question: as many as a loop executes in a round
_HINT = (
    "The columns are question, tool and arguments. Arguments are name=value pairs separated by semicolons, "
    "or a JSON object. A row without a question is another call of the question above it."
)


@dataclass(frozen=True, slots=True)
class CheckCase:
    """A question and the calls that are expected in the first reply, in any order: none if there are none."""

    question: str
    calls: tuple[ExpectedCall, ...]


def parse_cases(text: str) -> list[CheckCase]:
    """Read cases from CSV. Raises PlaygroundError."""
    try:
        source = io.StringIO(text.removeprefix("\ufeff"), newline="")
        rows = list(csv.DictReader(source, strict=True))
    except csv.Error as error:
        raise PlaygroundError(f"The file is not valid CSV: {error}", _HINT) from None
    cases = _parse_rows(rows)
    if not cases:
        raise PlaygroundError("There is no question", _HINT)
    if len(cases) > MAX_CASES:
        raise PlaygroundError(f"There are more than {MAX_CASES:,} questions", "Use fewer of them.")
    return cases


def write_cases(cases: Sequence[CheckCase]) -> str:
    """Write cases as CSV, from which `parse_cases` reads the same ones."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("question", "tool", "arguments"))
    for case in cases:
        rows = [(call.tool, _arguments_text(call)) for call in case.calls] or [("", "")]
        questions = case.question, *("" for _ in rows[1:])
        writer.writerows((question, *row) for question, row in zip(questions, rows, strict=True))
    return file.getvalue()


def _arguments_text(call: ExpectedCall) -> str:
    return "" if call.arguments is None else json.dumps(call.arguments, ensure_ascii=False)


def _parse_rows(rows: Sequence[Mapping[str | None, Any]]) -> list[CheckCase]:
    cases: list[CheckCase] = []
    for number, row in enumerate(rows, 1):
        if None in row:
            raise PlaygroundError(f"Row {number} has too many columns", "Put a text with commas in quotes.")
        question, call = (row.get("question") or "").strip(), _parse_call(number, row)
        if question:
            cases.append(CheckCase(question, (call,) if call else ()))
        elif call and not cases:
            raise PlaygroundError(f"Row {number} has a call but no question", _HINT)
        elif call:
            cases[-1] = replace(cases[-1], calls=(*cases[-1].calls, call))
            if len(cases[-1].calls) > _MAX_CALLS:
                raise PlaygroundError(
                    f"The question above row {number} has more than {_MAX_CALLS} calls", _HINT
                )
    return cases


def _parse_call(number: int, row: Mapping[str | None, Any]) -> ExpectedCall | None:
    tool, text = ((row.get(column) or "").strip() for column in ("tool", "arguments"))
    try:
        arguments = parse_arguments(text) if text else None
    except ValueError:
        raise PlaygroundError(f"The arguments in row {number} are not readable", _HINT) from None
    if arguments and not tool:
        raise PlaygroundError(f"Row {number} has arguments but no tool", _HINT)
    return ExpectedCall(tool, arguments) if tool else None
