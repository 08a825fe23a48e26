"""The results of a board as tables: CSV and JSON lines of all cells, and Markdown of cases and variants."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import Cell, Cells
from core.compare.boards.checks import CheckResult
from core.compare.judging.ratings import Rating
from core.compare.variants.reply import NOT_RECORDED, reply_text
from core.files.csv_table import table_csv

Results = Mapping[CellKey, Sequence[CheckResult]]
_MAX_MARKDOWN_CELL = 1_000


def board_csv(board: Board, cells: Cells, results: Results, ratings: Mapping[str, Rating]) -> bytes:
    """Write a row for each cell, with the variables of its case in columns of their own."""
    names = list(dict.fromkeys(name for case in board.cases for name in case.variables))
    rows = []
    for row in _rows(board, cells, results, ratings):
        variables, checks = row.pop("variables"), row.pop("checks")
        texts = {f"variable {name}": variables.get(name, "") for name in names}
        verdicts = {
            f"check {label}": {True: "passed", False: "failed", None: ""}[passed]
            for label, passed in checks.items()
        }
        rows.append({**row, **texts, **verdicts})
    return table_csv(rows)


def board_json_lines(board: Board, cells: Cells, results: Results, ratings: Mapping[str, Rating]) -> str:
    """Write a JSON object for each cell."""
    rows = _rows(board, cells, results, ratings)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def board_markdown(board: Board, cells: Cells, repetition: int = 1) -> str:
    """Write a table with a row for each case and a column for each enabled variant."""
    variants = board.enabled_variants
    lines = [
        f"# {_markdown(board.name)}",
        "",
        "| Case | " + " | ".join(_markdown(variant.title) for variant in variants) + " |",
        "| --- | " + " | ".join("---" for _ in variants) + " |",
    ]
    for case in board.cases:
        values = ", ".join(f"{name}: {value}" for name, value in case.variables.items())
        replies = (_reply(cells.get(CellKey(variant.id, case.id, repetition))) for variant in variants)
        lines.append(f"| {_markdown(values)} | " + " | ".join(map(_markdown, replies)) + " |")
    return "\n".join(lines) + "\n"


def _rows(
    board: Board, cells: Cells, results: Results, ratings: Mapping[str, Rating]
) -> Iterator[dict[str, Any]]:
    variants = {variant.id: variant for variant in board.variants}
    cases = {case.id: (number, case) for number, case in enumerate(board.cases, 1)}
    for key in board.cell_keys():
        cell = cells.get(key)
        if cell is None:
            continue
        run, variant, (number, case) = cell.run, variants[key.variant_id], cases[key.case_id]
        rating = ratings.get(run.id, Rating())
        checks = zip(board.checks, results.get(key, ()), strict=False)
        yield {
            "variant": variant.title,
            "model": variant.model,
            "case": number,
            "repetition": key.repetition,
            "state": run.state.value,
            "reply": reply_text(run) if run.has_content else None,
            "expected": case.expected,
            "error": run.error.title if run.error else None,
            "finish_reason": run.finish_reason,
            "first_token_seconds": run.first_token,
            "total_seconds": run.total,
            "input_tokens": run.usage.input_tokens if run.usage else None,
            "output_tokens": run.usage.output_tokens if run.usage else None,
            "cost_dollars": str(run.cost.amount) if run.cost and run.cost.amount is not None else None,
            "thumb": rating.thumb,
            "stars": rating.stars,
            "comment": rating.comment or None,
            "checks": {check.label: result.passed for check, result in checks},
            "variables": case.variables,
        }


def _reply(cell: Cell | None) -> str:
    if cell is None:
        return ""
    if cell.is_done:
        return reply_text(cell.run) if cell.has_reply else NOT_RECORDED
    return cell.run.error.title if cell.run.error else cell.run.state.value


def _markdown(text: str) -> str:
    """Return *text* as it is for one cell of a table: neither Markdown nor HTML."""
    shown = text if len(text) <= _MAX_MARKDOWN_CELL else f"{text[: _MAX_MARKDOWN_CELL - 1]}…"
    for character in "\\`*_[]|#~$":
        shown = shown.replace(character, f"\\{character}")
    return "<br>".join(shown.replace("&", "&amp;").replace("<", "&lt;").splitlines())
