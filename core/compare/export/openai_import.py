"""Boards from the lines of OpenAI's evals, whose cases are complete and whose prompts are not in the file.

Sources: the data source of the Evals API (https://platform.openai.com/docs/api-reference/evals, lines with
`item`), and samples of https://github.com/openai/evals (lines with `input` and `ideal`), read 2026-11-26.
"""

from collections.abc import Sequence
from pathlib import PurePath

from core.compare.boards.board import Board
from core.compare.boards.cases import cases_from_file
from core.compare.boards.checks import Contains
from core.compare.boards.example import example_variants
from core.compare.export.promptfoo_import import ImportedConfig
from core.errors.types import PlaygroundError


def board_from_openai_lines(text: str, name: str, profile_id: str, models: Sequence[str]) -> ImportedConfig:
    """Make a board of two models that are asked the first variable of the cases in *text*.

    It may also be a CSV file. Raises PlaygroundError if it has no cases.
    """
    cases = cases_from_file(name, text.encode("utf-8", "replace"))
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
    return ImportedConfig(board, tuple(notes))
