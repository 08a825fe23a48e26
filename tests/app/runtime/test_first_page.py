"""The first page is drawn before what it can do without is loaded, which takes longer than the page."""

import ast
import json
import subprocess
import sys

import pytest

from tests.app.conftest import ROOT

LATER = ["openai", "sqlalchemy", "tiktoken", "numpy", "pandas", "PIL"]
_TOLD = "\nimport sys, json; print(json.dumps([name for name in sys.argv[1:] if name in sys.modules]))"


def imports_of(script: str) -> str:
    tree = ast.parse((ROOT / script).read_text())
    return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


@pytest.mark.parametrize("page", ["home", "chat"])
def test_imports_neither_the_sdk_nor_the_database(page: str) -> None:
    script = imports_of("components/frame.py") + "\n" + imports_of(f"pages/{page}.py") + _TOLD

    done = subprocess.run([sys.executable, "-c", script, *LATER], cwd=ROOT, capture_output=True, check=True)

    assert json.loads(done.stdout) == []


def test_knows_what_to_look_for() -> None:
    script = "import openai" + _TOLD

    done = subprocess.run([sys.executable, "-c", script, *LATER], cwd=ROOT, capture_output=True, check=True)

    assert json.loads(done.stdout) == ["openai"]
