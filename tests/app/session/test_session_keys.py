"""Only the session module uses `st.session_state`, and every widget key belongs to one module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.session import session
from tests.app.conftest import ROOT

MODULES = sorted(
    path
    for folder in ("components", "pages")
    for path in (ROOT / folder).rglob("*.py")
    if path != ROOT / "components" / "session" / "session.py"
)

VALUE_FUNCTIONS = {
    f"session.{function.__name__}" for function in (session.widget_value, session.set_widget_value)
}


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


def widget_keys(path: Path) -> Iterator[ast.expr]:
    """Yield the keys of the widgets in *path*, and of those whose value it reads or sets."""
    for call in calls(path):
        if ast.unparse(call.func) in VALUE_FUNCTIONS:
            yield call.args[0]
        elif isinstance(call.func, ast.Attribute):
            yield from (keyword.value for keyword in call.keywords if keyword.arg == "key")


def string_constants(path: Path) -> dict[str, str]:
    """Return the static prefixes of the constants of *path* by name."""
    constants: dict[str, str] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = static_prefix(node.value, constants)
    return constants


def static_prefix(key: ast.expr, constants: dict[str, str]) -> str:
    """Return the text of *key* up to its first part whose value is not in the source."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return key.value
    if isinstance(key, ast.Name):
        return constants.get(key.id, "")
    if not isinstance(key, ast.JoinedStr):
        return ""
    text = ""
    for part in key.values:
        prefix = static_prefix(part.value if isinstance(part, ast.FormattedValue) else part, constants)
        if not prefix:
            break
        text += prefix
    return text


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_uses_the_session_state_in_one_module_only(path: Path) -> None:
    assert "session_state" not in path.read_text()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_widget_keys_from_session_modules_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("components")
        if not (node.module or "").endswith(".session")
        for alias in node.names
    }

    names = {node.id for key in widget_keys(path) for node in ast.walk(key) if isinstance(node, ast.Name)}

    assert names & modules == set()


def test_uses_a_widget_key_in_one_module_only() -> None:
    users: dict[str, set[str]] = {}
    for path in MODULES:
        constants = string_constants(path)
        for key in filter(None, (static_prefix(key, constants) for key in widget_keys(path))):
            users.setdefault(key, set()).add(relative(path))

    assert {key: modules for key, modules in users.items() if len(modules) > 1} == {}
