"""Who names and touches what a session holds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import ROOT

MODULES = sorted(
    path
    for folder in ("components", "pages")
    for path in (ROOT / folder).rglob("*.py")
    if path != ROOT / "components" / "session.py"
)


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def keys(path: Path) -> Iterator[ast.expr]:
    """The keys of the widgets in *path*, and of those whose value it reads or sets."""
    for call in calls(path):
        if ast.unparse(call.func) in ("session.value", "session.set_value"):
            yield call.args[0]
        elif isinstance(call.func, ast.Attribute):
            yield from (keyword.value for keyword in call.keywords if keyword.arg == "key")


def constants(path: Path) -> dict[str, str]:
    """The texts that have a name in *path*."""
    found: dict[str, str] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = written(node.value, found)
    return found


def written(key: ast.expr, named: dict[str, str]) -> str:
    """What *key* is as far as the source says it, up to its first part that only a run knows."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    if isinstance(key, ast.Name):
        return named.get(key.id, "")
    if not isinstance(key, ast.JoinedStr):
        return ""
    text = ""
    for part in key.values:
        piece = written(part.value if isinstance(part, ast.FormattedValue) else part, named)
        if not piece:
            break
        text += piece
    return text


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_touches_the_session_in_one_module_only(path: Path) -> None:
    assert "session_state" not in path.read_text()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_takes_a_key_from_the_session_or_from_itself(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("components")
        for alias in node.names
    } - {"session"}

    used = {node.id for key in keys(path) for node in ast.walk(key) if isinstance(node, ast.Name)}

    assert used & modules == set()


def test_names_a_widget_in_one_module_only() -> None:
    owners: dict[str, set[str]] = {}
    for path in MODULES:
        named = constants(path)
        for key in filter(None, (written(key, named) for key in keys(path))):
            owners.setdefault(key, set()).add(relative(path))

    assert {key: files for key, files in owners.items() if len(files) > 1} == {}
