"""The files that a board leaves as."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.judging.ballots import ballots
from components.compare.board.judging.judge import wins
from components.compare.board.repositories import board_repository, judging_repository
from components.compare.board.session import board_session
from components.session import session
from components.ui.formatting import format_count
from core.compare.boards.board import Board

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.compare.boards.cells import Cell
    from core.compare.boards.results import BoardResults
    from core.compare.judging.ratings import Rating
    from core.compare.judging.verdicts import Verdict
    from core.compare.statistics.variant_statistics import Rate


@dataclass(frozen=True, slots=True)
class _Source:
    """What is written: a file is made on a click, when there is no session to read from."""

    board: Board
    results: "BoardResults"
    ratings: "Mapping[str, Rating]"
    profiles: "Mapping[str, Profile]"
    wins: "Mapping[str, Rate]"
    verdicts: "Sequence[Verdict]"
    read_replaced: "Callable[[], Sequence[Cell]]"


@dataclass(frozen=True, slots=True)
class _Format:
    title: str
    description: str
    suffix: str
    media_type: str
    write: Callable[[_Source], str | bytes]


def export(board: Board) -> None:
    """Draw a download for each format, which is written on a click."""
    results = board_session().results(board)
    ratings = judging_repository().ratings(board.id)
    verdicts = judging_repository().verdicts(board.id, board.judge.digest) if board.judge else ()
    read_replaced = partial(board_repository().replaced_cells, board.id)
    profiles = session.profiles()
    source = _Source(board, results, ratings, profiles, wins(board, results), verdicts, read_replaced)
    contents = _contents(source)
    name = re.sub(r"[^\w-]+", "-", board.name).strip("-")[:60] or "board"
    for number, each in enumerate(_FORMATS):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.download_button(
                each.title,
                partial(each.write, source),
                f"{name}{each.suffix}",
                each.media_type,
                icon=":material/download:",
                on_click="ignore",
                key=f"board.export.{number}",
                width=210,
            )
            st.caption(each.description.format(contents=contents))
    ballots(board, name)


def _contents(source: _Source) -> str:
    """Return how much is in the file of a board."""
    results = len(source.results.cells)
    earlier = board_repository().count_results(source.board.id) - results
    counts = {
        "earlier run": max(earlier, 0),
        "rating": len(source.ratings),
        "verdict": len(source.verdicts),
    }
    parts = [format_count(results, "result")]
    parts += [format_count(count, noun) for noun, count in counts.items() if count]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _csv(source: _Source) -> bytes:
    from core.compare.export.tables import board_csv

    results = source.results
    return board_csv(source.board, results.current, results.checks, source.ratings)


def _json_lines(source: _Source) -> str:
    from core.compare.export.tables import board_json_lines

    results = source.results
    return board_json_lines(source.board, results.current, results.checks, source.ratings)


def _markdown(source: _Source) -> str:
    from core.compare.export.tables import board_markdown

    return board_markdown(source.board, source.results.current)


def _json(source: _Source) -> str:
    from core.compare.export.board_file import board_to_json

    return board_to_json(
        source.board, source.results.cells, source.ratings, source.verdicts, source.read_replaced()
    )


def _promptfoo(source: _Source) -> str:
    from core.compare.export.promptfoo_config import board_to_promptfoo

    return board_to_promptfoo(source.board)


def _script(source: _Source) -> str:
    from core.compare.export.script import board_script

    return board_script(source.board, source.profiles)


def _snapshot(source: _Source) -> str:
    from core.compare.snapshot.page import snapshot_html
    from core.compare.statistics.variant_statistics import board_statistics

    results = source.results
    statistics = board_statistics(source.board, results.current, results.checks)
    return snapshot_html(source.board, results.current, statistics, datetime.now(UTC), source.wins)


_FORMATS = (
    _Format(
        "Snapshot",
        "One HTML file for people without this app: no server, no key.",
        ".html",
        "text/html",
        _snapshot,
    ),
    _Format(
        "Board",
        "The board with {contents}, to import it here or to keep it in git.",
        ".board.json",
        "application/json",
        _json,
    ),
    _Format("CSV", "A row for each result, for a spreadsheet.", ".csv", "text/csv", _csv),
    _Format("JSON lines", "An object for each result.", ".jsonl", "application/jsonl", _json_lines),
    _Format("Markdown", "A table of cases and variants.", ".md", "text/markdown", _markdown),
    _Format(
        "promptfoo",
        "A promptfooconfig.yaml with the variants, cases and checks.",
        ".yaml",
        "text/yaml",
        _promptfoo,
    ),
    _Format("Python", "A script that makes the same calls with the SDK.", ".py", "text/x-python", _script),
)
