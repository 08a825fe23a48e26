"""Boards from the lines of OpenAI's evals, whose cases are complete and whose prompts are not in the file.

Sources: the data source of the Evals API (https://platform.openai.com/docs/api-reference/evals, lines with
`item`), and samples of https://github.com/openai/evals (lines with `input` and `ideal`), read 2026-11-26.
"""

from collections.abc import Sequence
from pathlib import PurePath

from core.compare.boards.board import Board
from core.compare.boards.cases import ResultCounts, cases_from_file, exported_result_counts
from core.compare.boards.checks import Contains
from core.compare.boards.example import example_variants
from core.compare.export.promptfoo_import import ImportedConfig
from core.errors.types import PlaygroundError


def board_from_openai_lines(text: str, name: str, profile_id: str, models: Sequence[str]) -> ImportedConfig:
    """Make a board of two models that are asked the first variable of the cases in *text*.

    It may also be a CSV file, or the cells of a board as they are exported, whose results are not read: the
    file has neither their requests nor the settings of the variants. Raises PlaygroundError if it has no
    cases.
    """
    data = text.encode("utf-8", "replace")
    cases = cases_from_file(name, data)
    variables = list(dict.fromkeys(variable for case in cases for variable in case.variables))
    if not variables:
        raise PlaygroundError("The file has no cases", 'Each line is an object, such as {"input": "2 + 2"}.')
    asked = "input" if "input" in variables else variables[0]
    has_expected = any(case.expected for case in cases)
    board = Board(
        name=PurePath(name).stem[:200] or "Imported cases",
        variants=example_variants(profile_id, models, f"{{{{{asked}}}}}"),
        cases=tuple(cases),
        checks=(Contains(),) if has_expected else (),
    )
    notes = [f"The file has no prompt: each variant sends {{{{{asked}}}}}. Edit them under Variants."]
    if has_expected:
        notes.append("The check asks whether a reply contains the expected one.")
    notes += _results_notes(exported_result_counts(name, data))
    return ImportedConfig(board, tuple(notes))


def _results_notes(counts: ResultCounts) -> list[str]:
    if not counts.results:
        return []
    lost = f"{counts.results:,} {'result' if counts.results == 1 else 'results'} with replies and figures"
    if counts.ratings:
        lost += f", and {counts.ratings:,} {'rating' if counts.ratings == 1 else 'ratings'},"
    verb = "was" if counts.results + counts.ratings == 1 else "were"
    return [f"{lost} {verb} not imported: import the board file (.board.json) for those."]
