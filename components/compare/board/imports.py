"""The upload of a board, of a configuration of promptfoo, or of cases, such as those of OpenAI's evals."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.repositories import board_repository, judging_repository
from components.compare.board.session import board_session
from components.compare.board.url import open_board
from components.compare.session import chat_models
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.uploads import MAX_UPLOAD_MB
from core.errors.explain import explain
from core.errors.types import PlaygroundError

if TYPE_CHECKING:
    from core.compare.export.board_file import ImportedBoard

_WITHOUT_PROMPTS = (
    "The file has replies, figures and ratings, but no prompts, settings and checks: the results are marked "
    "as outdated. The board file (.board.json) has everything."
)
_TYPES = ["json", "yaml", "yml", "jsonl", "csv"]


def import_popover() -> None:
    """Draw the upload, and what was imported."""
    state = board_session()
    with st.popover("Import", icon=":material/upload_file:", key="board.import"):
        uploaded = st.file_uploader(
            "A board, promptfooconfig.yaml, or cases as CSV or JSON lines, such as of OpenAI evals",
            _TYPES,
            max_upload_size=MAX_UPLOAD_MB,
            key=f"board.import.file.{state.edits}",
        )
        if uploaded:
            try:
                text = uploaded.getvalue().decode("utf-8-sig")
                board_id, notes = _READERS[PurePath(uploaded.name).suffix.lower()](text, uploaded.name)
            except UnicodeDecodeError:
                st.error("The file is not UTF-8 text. Nothing was imported.", icon=":material/error:")
            except PlaygroundError as error:
                error_card(explain(error), icon=":material/block:", prefix="Nothing was imported.")
            else:
                state.edits += 1
                state.import_notes = board_id, notes
                st.rerun()
    if state.import_notes:
        _imported(*state.import_notes)


def _imported(board_id: str, notes: Sequence[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("\n".join(f"- {escape_markdown(note)}" for note in notes), width="stretch")
        st.button(
            "Open", icon=":material/arrow_forward:", key="board.import.open", on_click=_open, args=(board_id,)
        )


def _open(board_id: str) -> None:
    board_session().import_notes = None
    open_board(board_id)


def _board(text: str, _name: str) -> tuple[str, Sequence[str]]:
    from core.compare.export.board_file import board_from_json

    imported = board_from_json(text, session.profiles().keys(), session.profile().id)
    return imported.board.id, [_save(imported)]


def _save(imported: "ImportedBoard") -> str:
    """Save a board with its results, and return what was imported."""
    repository, board = board_repository(), imported.board
    repository.save(board)
    repository.add_results(board.id, [*imported.earlier, *imported.cells.values()])
    for run_id, rating in imported.ratings.items():
        judging_repository().rate(board.id, run_id, rating)
    if board.judge:
        judging_repository().add_verdicts(board.id, board.judge.digest, imported.verdicts)
    results = format_count(len(imported.cells), "result")
    if imported.earlier:
        results += f" and {format_count(len(imported.earlier), 'earlier run')} to compare them with"
    return f"Imported {board.name} with {results}."


def _promptfoo(text: str, _name: str) -> tuple[str, Sequence[str]]:
    from core.compare.export.promptfoo_import import board_from_promptfoo

    imported = board_from_promptfoo(text, session.profile().id)
    board = imported.board
    board_repository().save(board)
    counts = f"{format_count(len(board.variants), 'variant')} and {format_count(len(board.cases), 'case')}"
    return board.id, [f"Imported {board.name} with {counts}.", *imported.notes]


def _cases(text: str, name: str) -> tuple[str, Sequence[str]]:
    from core.compare.export.cells_import import board_from_cells
    from core.compare.export.openai_import import board_from_openai_lines

    profile = session.profile()
    if cells := board_from_cells(text, name, profile.id):
        return cells.board.id, [_save(cells), _WITHOUT_PROMPTS]
    imported = board_from_openai_lines(text, name, profile.id, chat_models(profile))
    board_repository().save(imported.board)
    return imported.board.id, [
        f"Imported {imported.board.name} with {format_count(len(imported.board.cases), 'case')}.",
        *imported.notes,
    ]


_READERS: Mapping[str, Callable[[str, str], tuple[str, Sequence[str]]]] = {
    ".json": _board,
    ".yaml": _promptfoo,
    ".yml": _promptfoo,
    ".jsonl": _cases,
    ".csv": _cases,
}
