"""Every upload has a limit of its own, because that of the server is for the largest files."""

import ast
from pathlib import Path

import pytest

from tests.app.conftest import ROOT

MODULES = [
    path for path in sorted((ROOT / "components").rglob("*.py")) if "st.file_uploader(" in path.read_text()
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_limits_the_size_of_an_upload(path: Path) -> None:
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.file_uploader"
    ]

    assert all("max_upload_size" in {keyword.arg for keyword in call.keywords} for call in calls)
