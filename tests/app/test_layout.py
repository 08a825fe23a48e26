"""The layers and the layout stay what the README says they are."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.starlette import App

from components.shell.navigation import PAGES
from tests.app.conftest import ROOT

PAGE_FILES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
MODULES = sorted(path for folder in ("core", "components", "pages") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

IMPORT_EVERYTHING_OF_CORE = """
import importlib, pkgutil, sys
import core
for module in pkgutil.walk_packages(core.__path__, "core."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("streamlit", "components", "pages")))
"""


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_lists_every_page_once() -> None:
    assert sorted(entry.file for entry in PAGES) == PAGE_FILES


def test_says_of_each_page_what_it_is_for() -> None:
    for entry in PAGES:
        assert entry.title
        assert entry.purpose.endswith(".")
        assert entry.icon.startswith(":material/")


@pytest.mark.parametrize("file", PAGE_FILES)
def test_keeps_a_page_short(file: str) -> None:
    assert len((ROOT / "pages" / file).read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=relative)
def test_keeps_a_module_short_and_says_what_it_is(path: Path) -> None:
    source = path.read_text()

    assert len(source.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(source))


def test_imports_no_streamlit_from_core() -> None:
    command = [sys.executable, "-c", IMPORT_EVERYTHING_OF_CORE]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", sorted((ROOT / "core" / "sandbox").rglob("*.py")), ids=relative)
def test_lets_the_sandbox_know_the_rest_of_core_by_http_only(path: Path) -> None:
    assert [name for name in imports(path) if is_core(name) and not is_sandbox(name)] == []


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.is_relative_to(ROOT / "core") and "sandbox" not in path.parts],
    ids=relative,
)
def test_lets_core_know_the_sandbox_by_http_only(path: Path) -> None:
    assert [name for name in imports(path) if is_sandbox(name)] == []


def is_core(module: str) -> bool:
    """Whether *module* is one of core's; where the project's files are is no secret to the sandbox."""
    return module.startswith("core.") and module != "core.paths"


def is_sandbox(module: str) -> bool:
    return module == "core.sandbox" or module.startswith("core.sandbox.")


def imports(path: Path) -> list[str]:
    """The modules that *path* imports, at its top or within."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found


def test_keeps_the_main_script_away_from_the_pages_folder() -> None:
    """Streamlit takes a `pages/` beside its main script for its old page discovery, without our frame."""
    from app import app

    assert isinstance(app, App)
    assert app.script_path.resolve() == ROOT / "components" / "frame.py"
    assert not (app.script_path.parent / "pages").exists()
