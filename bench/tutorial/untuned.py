"""Run Streamlit as if uvloop and httptools, which the playground installs, were missing."""

import sys

# A module that is None raises ImportError when it is imported.
sys.modules.update({"uvloop": None, "httptools": None})  # type: ignore[dict-item]

from streamlit.web.cli import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    main(prog_name="streamlit")
