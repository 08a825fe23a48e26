"""Folders of the project, and of the data of its user."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"


def data_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the directory of the user's data: PLAYGROUND_DATA_DIR, else our folder in the XDG data home."""
    if configured := environ.get("PLAYGROUND_DATA_DIR"):
        return Path(configured).expanduser()
    home = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "openai-sdk-playground"
