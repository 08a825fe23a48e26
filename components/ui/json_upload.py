"""An uploader for JSON files that lists the errors of an invalid file by line."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from components.session import session
from components.ui.markdown_escape import escape_markdown
from components.ui.uploads import MAX_UPLOAD_MB
from core.errors.types import PlaygroundError
from core.files.json_validation import FileValidationError


@dataclass(slots=True)
class _UploadState:
    """The number of imports. It is part of the uploader's key, so the uploader is empty after each import."""

    count: int = 0


def json_upload(label: str, key: str, on_upload: Callable[[str], str]) -> bool:
    """Draw the uploader and pass the text of a file to *on_upload*, which returns a confirmation in Markdown.

    Return whether a file was imported.
    """
    state = session.session_object(_UploadState)
    uploaded = st.file_uploader(label, "json", max_upload_size=MAX_UPLOAD_MB, key=f"{key}.{state.count}")
    if uploaded is None:
        return False
    try:
        # Files saved by Windows editors begin with a byte order mark, which utf-8-sig skips.
        confirmation = on_upload(uploaded.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        st.error("The file is not UTF-8 text. Nothing was imported.", icon=":material/error:")
    except FileValidationError as error:
        problems = sorted(error.problems, key=lambda problem: problem.line)
        lines = [f"- **Line {problem.line}** · {escape_markdown(problem.message)}" for problem in problems]
        st.error("\n".join(["Nothing was imported.", "", *lines]), icon=":material/error:")
    except PlaygroundError as error:
        st.error(f"{escape_markdown(str(error))} {escape_markdown(error.hint)}", icon=":material/error:")
    else:
        state.count += 1
        st.success(confirmation, icon=":material/check:")
        return True
    return False
