"""The first pages import nothing large that they do not need: that would take longer than drawing them."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import ROOT

# What other pages need: their tools, schemas, jobs and charts.
OTHER_PAGES = [
    *("jsonschema", "mcp", "pyarrow", "altair", "sklearn", "alembic"),
    *("core.embeddings", "core.extractor", "core.mcp", "core.runner", "core.tools", "core.vision"),
]
LARGE_PACKAGES = ["openai", "sqlalchemy", "tiktoken", "numpy", "pandas", "PIL", "genai_prices", *OTHER_PAGES]
# Chat shows a price, so it loads their table.
NOT_AT_REST = {"home": ["genai_prices", *OTHER_PAGES], "chat": OTHER_PAGES}
PRINT_IMPORTED = "import sys, json; print(json.dumps([name for name in sys.argv[1:] if name in sys.modules]))"
RUN_PAGE = """
import core.servers.connection_test
from core.client.client import preload
from streamlit.testing.v1 import AppTest
from tests.app.conftest import wait_for_connection

preload()
app = AppTest.from_file("components/frame.py", default_timeout=60).run()
wait_for_connection(app.switch_page("../pages/{page}.py").run())
assert not app.exception
"""


def imported_by(statements: str, packages: list[str] = LARGE_PACKAGES, **environ: str) -> list[str]:
    """Run *statements* in a new process and return which of the *packages* they import."""
    command = [sys.executable, "-c", f"{statements}\n{PRINT_IMPORTED}", *packages]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, env=os.environ | environ)
    imported: list[str] = json.loads(process.stdout)
    return imported


def import_statements(script: str) -> str:
    tree = ast.parse((ROOT / script).read_text())
    return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


@pytest.mark.parametrize("page", ["home", "chat"])
def test_imports_no_large_package(page: str) -> None:
    statements = [import_statements("components/frame.py"), import_statements(f"pages/{page}.py")]

    assert imported_by("\n".join(statements)) == []


@pytest.mark.parametrize("page", ["home", "chat"])
def test_loads_nothing_of_other_pages_when_it_is_connected(page: str, tmp_path: Path) -> None:
    statements = RUN_PAGE.format(page=page)

    assert imported_by(statements, NOT_AT_REST[page], PLAYGROUND_DATA_DIR=str(tmp_path)) == []


def test_detects_a_large_package() -> None:
    assert imported_by("import openai") == ["openai"]
