"""A place to drop a JSON file, which says line by line what is wrong with one that is refused."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.errors.types import PlaygroundError
from core.files.json_validation import FileValidationError


@dataclass(slots=True)
class _UploadState:
    """How many files were taken: each gives the next uploader a key of its own, and so no file."""

    count: int = 0


def json_upload(label: str, key: str, take: Callable[[str], str]) -> bool:
    """Draw it, and hand the text of a file to *take*, which returns what to tell the person.

    Return whether a file was taken.
    """
    taken = session.session_object(_UploadState)
    uploaded = st.file_uploader(label, "json", key=f"{key}.{taken.count}")
    if uploaded is None:
        return False
    try:
        told = take(uploaded.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        st.error("The file is not UTF-8 text. Nothing was imported.", icon=":material/error:")
    except FileValidationError as refused:
        _complain(refused)
    except PlaygroundError as problem:
        st.error(f"{escape_markdown(str(problem))} {escape_markdown(problem.hint)}", icon=":material/error:")
    else:
        taken.count += 1
        st.success(told, icon=":material/check:")
        return True
    return False


def _complain(refused: FileValidationError) -> None:
    problems = sorted(refused.problems, key=lambda problem: problem.line)
    lines = [f"- **Line {problem.line}** · {escape_markdown(problem.message)}" for problem in problems]
    st.error("\n".join(["Nothing was imported.", "", *lines]), icon=":material/error:")
