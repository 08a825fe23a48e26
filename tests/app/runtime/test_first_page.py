"""The first page imports no large package that it does not need: that would take longer than drawing it."""

import ast
import json
import subprocess
import sys

import pytest

from tests.app.conftest import ROOT

LARGE_PACKAGES = ["openai", "sqlalchemy", "tiktoken", "numpy", "pandas", "PIL", "mcp"]
PRINT_IMPORTED = "import sys, json; print(json.dumps([name for name in sys.argv[1:] if name in sys.modules]))"


def imported_by(statements: str) -> list[str]:
    """Run *statements* in a new process and return which of the large packages they import."""
    command = [sys.executable, "-c", f"{statements}\n{PRINT_IMPORTED}", *LARGE_PACKAGES]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    imported: list[str] = json.loads(process.stdout)
    return imported


def import_statements(script: str) -> str:
    tree = ast.parse((ROOT / script).read_text())
    return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


@pytest.mark.parametrize("page", ["home", "chat"])
def test_imports_no_large_package(page: str) -> None:
    statements = [import_statements("components/frame.py"), import_statements(f"pages/{page}.py")]

    assert imported_by("\n".join(statements)) == []


def test_detects_a_large_package() -> None:
    assert imported_by("import openai") == ["openai"]
