"""Pages are listed, modules are short, and the import contracts in `pyproject.toml` name every package."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.starlette import App

from components.shell.navigation import PAGES
from tests.app.conftest import ROOT

PAGE_FILES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))
MODULES = sorted(path for folder in ("core", "components", "pages") for path in (ROOT / folder).rglob("*.py"))
SCRIPTS = sorted(path for path in (ROOT / "components").rglob("*.js") if "vendor" not in path.parts)
TESTS = sorted((ROOT / "tests").rglob("*.py"))

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_lists_every_page_once() -> None:
    assert sorted(entry.file for entry in PAGES) == PAGE_FILES


def test_describes_every_page() -> None:
    for entry in PAGES:
        assert entry.title
        assert entry.purpose.endswith(".")
        assert entry.icon.startswith(":material/")


@pytest.mark.parametrize("file", PAGE_FILES)
def test_limits_a_page_to_120_lines(file: str) -> None:
    assert len((ROOT / "pages" / file).read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=relative)
def test_limits_a_module_to_300_lines_with_a_docstring(path: Path) -> None:
    source = path.read_text()

    assert len(source.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("file", PAGE_FILES)
def test_allows_neither_functions_nor_error_handling_in_a_page(file: str) -> None:
    """A page reads top to bottom: functions belong into components, errors are explained there."""
    nodes = ast.walk(ast.parse((ROOT / "pages" / file).read_text()))

    assert not [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Try)]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_limits_a_function_to_40_lines(path: Path) -> None:
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )

    assert [function.name for function in functions if lines_of_code(function) > 40] == []


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    header = function.body[0].lineno - function.lineno
    return header + ((body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0)


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_limits_a_script_to_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


def test_lists_every_page_in_the_readme() -> None:
    rows = re.findall(r"^\| (\w+) \|", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert rows[1:] == [entry.title for entry in PAGES]  # the first row is the header


def submodules(package: str) -> set[str]:
    """Return the names of the modules and packages in *package*, as in `core.tools`."""
    paths = ROOT.joinpath(*package.split(".")).iterdir()
    names = {path.stem for path in paths if path.suffix == ".py" or (path / "__init__.py").exists()}
    return names - {"__init__"}


@pytest.mark.parametrize(
    "contract",
    [contract for contract in CONTRACTS if contract["type"] == "layers"],
    ids=lambda contract: contract["containers"][0],
)
def test_lists_every_package_in_the_layers(contract: dict[str, Any]) -> None:
    """A package that is missing there may import any other and be imported by any other."""
    (container,) = contract["containers"]
    names = {name.strip() for layer in contract["layers"] for name in layer.split("|")}

    assert names == submodules(container) - {"sandbox"}  # which has contracts of its own


def test_lists_every_package_of_core_in_the_sandbox_contracts() -> None:
    expected = {f"core.{name}" for name in submodules("core") - {"sandbox", "paths"}}

    (not_imported_by_sandbox,) = (
        contract["forbidden_modules"]
        for contract in CONTRACTS
        if contract.get("source_modules") == ["core.sandbox"]
    )
    (not_importing_sandbox,) = (
        contract["source_modules"]
        for contract in CONTRACTS
        if contract.get("forbidden_modules") == ["core.sandbox"]
    )

    assert set(not_imported_by_sandbox) == expected
    assert set(not_importing_sandbox) == expected


def test_has_no_imports_in_the_init_module_of_core() -> None:
    """The sandbox contracts name the packages of core, so they do not check `core/__init__.py`."""
    assert len(ast.parse((ROOT / "core" / "__init__.py").read_text()).body) == 1


def test_has_no_pages_folder_beside_the_main_script() -> None:
    """Streamlit would serve the files of such a folder as pages by themselves, without `frame.py`."""
    from app import app

    assert isinstance(app, App)
    assert app.script_path.resolve() == ROOT / "components" / "frame.py"
    assert not (app.script_path.parent / "pages").exists()
