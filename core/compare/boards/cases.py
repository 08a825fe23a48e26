"""Cases from pasted text, a file or earlier runs, and the variables that they lack."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from core.compare.boards.board import MAX_CASES, Board, Case
from core.compare.boards.checks import EXPECTED
from core.compare.variants.reply import reply_text
from core.compare.variants.requests import question_of
from core.errors.types import PlaygroundError
from core.files.csv_injection import unescape_cell
from core.files.csv_table import csv_rows
from core.files.source_rows import LINE_COLUMN, Row, RowSource, csv_source, json_lines_source, pasted_source
from core.json_values import json_object, json_objects, parse_json
from core.runs.run import Run

_NAME = re.compile(r"[^\W\d]\w*")
_IDEAL = "ideal"  # the name of the expected reply in the files of github.com/openai/evals
# The columns of a file that has the cells of a board, as `core.compare.export.tables` writes it.
_CELL_COLUMNS = {"variant", "case", "repetition", "reply"}
_CELL_VARIABLE = "variable "


@dataclass(frozen=True, slots=True)
class VariableProblems:
    """The variables that some case has no text for, with the number of these cases, and those never used."""

    missing: dict[str, int]
    unused: tuple[str, ...]


def cases_from_paste(text: str, variables: Sequence[str]) -> list[Case]:
    """Read a pasted table with the names of columns in its first line, or else one case from each line.

    It is a table if its first line has several columns of which one is of the *variables*, or if it is the
    name of one; a line that is none is the text for the first of *variables*. Raises PlaygroundError.
    """
    first = text.strip().partition("\n")[0]
    names = [name.strip() for name in next(csv_rows(first), (1, [""]))[1]]
    if any(name in (*variables, EXPECTED) for name in names):
        return _cases(csv_source(text.encode("utf-8", "replace")))
    target = variables[0] if variables else LINE_COLUMN
    source = pasted_source(text)
    renamed = RowSource((target,), lambda: ({target: row[LINE_COLUMN]} for row in source.rows()))
    return _cases(renamed)


def cases_from_file(name: str, data: bytes) -> list[Case]:
    """Read a CSV file, or JSON lines if *name* ends with .jsonl or .ndjson. Raises PlaygroundError.

    The column `expected`, or `ideal` as in OpenAI's evals, has the expected replies; every other one is a
    variable. Lines may also be those of OpenAI's Evals API, with the columns in `item`. Of the exported cells
    of a board, the cases are read.
    """
    if cells := exported_cells(name, data):
        return [*cases_of_cells(cells).values()]
    source = _source(name, data)
    if _is_csv(name):
        return _cases(source)
    if "item" in source.columns:
        return _cases(_eval_items(source))
    return _cases(_eval_samples(source) if {"input", _IDEAL} <= {*source.columns} else source)


def exported_cells(name: str, data: bytes) -> RowSource | None:
    """Return the cells of a board in a file that `core.compare.export.tables` wrote; None in another file."""
    source = _source(name, data)
    if not {*source.columns} >= _CELL_COLUMNS:
        return None
    return _unescaped(source) if _is_csv(name) else source


def _source(name: str, data: bytes) -> RowSource:
    return csv_source(data) if _is_csv(name) else json_lines_source(data)


def _is_csv(name: str) -> bool:
    return not name.lower().endswith((".jsonl", ".ndjson"))


def cases_from_runs(runs: Iterable[Run], variable: str) -> list[Case]:
    """Return a case from each of *runs*: its last question for *variable*, and its reply as expected.

    Runs without a question are left out.
    """
    questions = ((run, question_of(run)) for run in runs)
    return [
        Case(variables={variable: question}, expected=reply_text(run) or None)
        for run, question in questions
        if question
    ]


def variable_problems(board: Board) -> VariableProblems:
    """Compare the variables of the enabled variants with those of the cases."""
    names = board.variable_names()
    missing = {name: sum(not case.variables.get(name) for case in board.cases) for name in names}
    given = dict.fromkeys(name for case in board.cases for name in case.variables)
    return VariableProblems(
        {name: count for name, count in missing.items() if count},
        tuple(name for name in given if name not in names),
    )


def _eval_items(source: RowSource) -> RowSource:
    """Return the objects in the column `item`, or *source* itself if it has none."""

    def items() -> Iterator[Row]:
        for row in source.rows():
            item = json_object(_json_value(row["item"]))
            yield {str(name): _item_text(value) for name, value in item.items()}

    first = next(items(), {})
    empty = dict.fromkeys(first, "")
    return RowSource(tuple(first), lambda: ({**empty, **item} for item in items())) if first else source


def _eval_samples(source: RowSource) -> RowSource:
    """Return rows whose `input`, which may be messages, is the question in them."""

    def samples() -> Iterator[Row]:
        for row in source.rows():
            messages = _json_value(row["input"])
            yield {**row, "input": _item_text(messages) if json_objects(messages) else row["input"]}

    return RowSource(source.columns, samples)


def _unescaped(source: RowSource) -> RowSource:
    """Return the rows of a table as they were before they were escaped for spreadsheets."""
    rows = source.rows
    return RowSource(
        source.columns, lambda: ({name: unescape_cell(text) for name, text in row.items()} for row in rows())
    )


def cases_of_cells(source: RowSource) -> dict[str, Case]:
    """Return the cases of exported cells by their number. Raises PlaygroundError if there are too many."""
    cases: dict[str, Case] = {}
    for row in source.rows():
        if row["case"] not in cases:
            # An object in JSON lines, columns in CSV.
            variables = json_object(_json_value(row.get("variables", ""))) or {
                name.removeprefix(_CELL_VARIABLE): text
                for name, text in row.items()
                if name.startswith(_CELL_VARIABLE)
            }
            texts = {str(name): _item_text(value) for name, value in variables.items()}
            cases[row["case"]] = Case(variables=texts, expected=row.get(EXPECTED) or None)
        if len(cases) > MAX_CASES:
            raise PlaygroundError(f"A board has at most {MAX_CASES:,} cases.", "Use a part of the rows.")
    return cases


def _json_value(text: str) -> object:
    try:
        return parse_json(text)
    except ValueError:
        return None


def _item_text(value: object) -> str:
    """Return *value* as text, null as an empty one; of messages, the last one of the user."""
    if value is None:
        return ""
    questions = [message.get("content") for message in json_objects(value) if message.get("role") == "user"]
    text = questions[-1] if questions else value
    return text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)


def _cases(source: RowSource) -> list[Case]:
    rows = list(islice(source.rows(), MAX_CASES + 1))
    if len(rows) > MAX_CASES:
        raise PlaygroundError(f"A board has at most {MAX_CASES:,} cases.", "Use a part of the rows.")
    names = {name: _variable_name(name) for name in source.columns}
    if EXPECTED not in names.values() and _IDEAL in names:
        names[_IDEAL] = EXPECTED
    return [
        Case(
            variables={names[name]: row[name] for name in source.columns if names[name] != EXPECTED},
            expected=next((row[name] for name in source.columns if names[name] == EXPECTED), None) or None,
        )
        for row in rows
    ]


def _variable_name(column: str) -> str:
    """Return *column* as a name that a prompt can contain, such as `birth_date` for "Birth date"."""
    if _NAME.fullmatch(column):
        return EXPECTED if column.lower() == EXPECTED else column
    name = re.sub(r"\W+", "_", column.strip()).strip("_").lower()
    return name if _NAME.fullmatch(name) else f"column_{name}".rstrip("_")
