"""An embeddings request as code: it runs as it is, and makes the same request."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.embeddings.snippets import embedding_snippets
from core.sandbox.server import SandboxServer

PARAMS: dict[str, Any] = {
    "model": "text-embedding-3-small",
    "input": ['it\'s "quoted"', "두 줄\nthe second"],
    "dimensions": 8,
    "encoding_format": "base64",
}
MANY = {**PARAMS, "input": [f"text {number}" for number in range(60)]}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.mark.parametrize("params", [PARAMS, MANY], ids=["few", "many"])
@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_writes_python_that_runs(
    server: SandboxServer, tmp_path: Path, params: dict[str, Any], number: int
) -> None:
    (tmp_path / "input.json").write_text(json.dumps(params["input"]))
    source = embedding_snippets(params, server.url)[number].source
    environ = {"OPENAI_API_KEY": server.key, "PYTHONPATH": "", "NO_PROXY": "127.0.0.1"}
    process = subprocess.run(
        [sys.executable, "-c", source], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert process.stdout == f"{len(params['input'])} embeddings of 8 dimensions\n", process.stderr


def test_omits_the_base_url_of_openai() -> None:
    source = embedding_snippets(PARAMS, "https://api.openai.com/v1/")[0].source
    assert "client = OpenAI()" in source
    assert ast.parse(source)


def test_writes_the_body_for_curl() -> None:
    source = embedding_snippets(PARAMS, "http://127.0.0.1:1/v1")[2].source
    body = json.loads(source.partition("'END_OF_BODY'\n")[2].rpartition("END_OF_BODY")[0])
    assert body == {name: value for name, value in PARAMS.items() if name != "encoding_format"}


@pytest.mark.parametrize("number", [0, 1, 2], ids=["sync", "async", "curl"])
def test_reads_many_texts_from_a_file(number: int) -> None:
    source = embedding_snippets(MANY, "http://127.0.0.1:1/v1")[number].source
    assert "text 59" not in source
    assert "input.json" in source or "@request.json" in source
