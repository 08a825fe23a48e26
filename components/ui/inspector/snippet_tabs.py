"""Code in several languages, with the files that it reads and where its key comes from."""

from collections.abc import Sequence

import streamlit as st

from components.runtime import resources
from components.session import session
from core.redaction import redact
from core.runs.run import Run
from core.snippets import Snippet, SnippetOptions

_SANDBOX_KEY = "sandbox"


def snippet_options(base_url: str, image_names: Sequence[str] = ()) -> SnippetOptions:
    """Return the options of code for the server at *base_url*, which contains only the key of the sandbox."""
    # The sandbox in this app accepts any key, so the code runs as it is.
    key = _SANDBOX_KEY if resources.is_sandbox(base_url) else ""
    return SnippetOptions(base_url, key, tuple(image_names))


def run_snippet_options(run: Run, image_names: Sequence[str] = ()) -> SnippetOptions:
    """Return the options of code for the server of *run*, or for the active one if it names none."""
    if run.server_kind == "sandbox":
        # The sandbox may have had another port before the app was restarted.
        return snippet_options(session.sandbox_profile().base_url, image_names)
    return snippet_options(run.base_url or session.profile().base_url, image_names)


def snippet_tabs(snippets: Sequence[Snippet], options: SnippetOptions, key: str) -> None:
    """Draw a tab for each of *snippets*, all written with *options*."""
    for tab, snippet in zip(st.tabs([snippet.label for snippet in snippets]), snippets, strict=True):
        with tab:
            st.code(snippet.source, language=snippet.language, wrap_lines=True)
            if snippet.files:
                st.caption("The code reads these files. Save them in the folder in which you run it.")
            with st.container(horizontal=True, gap="xsmall"):
                for file in snippet.files:
                    is_text = file.name.endswith(".json")
                    st.download_button(
                        file.name,
                        redact(file.content.decode()) if is_text else file.content,
                        file.name,
                        "application/json" if is_text else None,
                        key=f"{key}.{snippet.label}.{file.name}",
                        on_click="ignore",
                        icon=":material/download:",
                    )
    if options.api_key:
        st.caption("The sandbox accepts any API key, so the code runs as it is while this app is running.")
    else:
        st.caption("The code reads the key from OPENAI_API_KEY. The key itself is never part of the code.")
