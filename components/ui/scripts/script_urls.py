"""Our scripts, at addresses that contain a hash of their content: a browser keeps them for good."""

import hashlib
from functools import cache
from pathlib import Path

from components.ui.scripts import script_bundle
from core.paths import ROOT

PREFIX = "scripts"
_COMPONENTS = ROOT / "components"
_FOLDERS = ("compare", "live", "tokenview", "ui")


@cache
def script_files() -> dict[str, Path]:
    """Return the scripts and stylesheets of all components by their path, such as `live/assets/live.js`."""
    paths = [path for folder in _FOLDERS for path in (_COMPONENTS / folder / "assets").rglob("*.*")]
    return {path.relative_to(_COMPONENTS).as_posix(): path for path in paths}


@cache
def joined_script(name: str) -> bytes:
    """Return a script with all that it imports; another file as it is."""
    if name.endswith(".js"):
        return script_bundle.bundle(name, script_files()).encode()
    return script_files()[name].read_bytes()


@cache
def scripts_version() -> str:
    """Return the hash of all scripts and of what joins them: one for all, because they import each other."""
    content = hashlib.sha256(Path(script_bundle.__file__).read_bytes())
    for name, path in sorted(script_files().items()):
        content.update(f"{name}\0".encode() + path.read_bytes())
    return content.hexdigest()[:12]


def script_url(name: str) -> str:
    """Return the address of a script, relative to the root of the app."""
    return f"{PREFIX}/{scripts_version()}/{name}"
