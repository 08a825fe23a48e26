"""The code snippets run unchanged and send exactly the request that was sent."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chat.request import ChatSettings
from core.client.profile import OPENAI_URL
from core.sandbox.server import SandboxServer
from core.snippets import chat_snippets, literal

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TEXT_LIKE_CODE = "Say \"it's\" $HOME `id` \\n {x} \n'''end''' \nEND_OF_BODY\n 한국어 🙂 \x1b[0m"
LONG_DATA_URL = "data:image/png;base64," + "iVBORw0KGgo" * 40


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def params(text: str, stream: bool = True) -> dict[str, Any]:
    settings = ChatSettings(model="gpt-4o-mini", stream=stream, temperature=0.5, stop=("###",), seed=1)
    return settings.request_params([{"role": "user", "content": text}])


def run(command: list[str], server: SandboxServer, folder: Path, source: str) -> str:
    """Return what *command* prints when it gets *source* as input, with the key in the environment."""
    environ = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": server.key, "PYTHONUTF8": "1"}
    result = subprocess.run(
        command, input=source, cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@given(json_values)
def test_writes_a_literal_that_evaluates_to_the_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(json_values, st.integers(0, 40))
def test_writes_an_indented_literal_that_evaluates_to_the_value(value: Any, indent: int) -> None:
    assert ast.literal_eval(literal(value, indent)) == value


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("label", ["Python", "Python async"])
def test_prints_the_reply_in_python(server: SandboxServer, tmp_path: Path, label: str, stream: bool) -> None:
    snippet = next(
        snippet
        for snippet in chat_snippets(params("What is 6 times 7?", stream), server.url)
        if snippet.label == label
    )

    assert "42" in run([sys.executable, "-"], server, tmp_path, snippet.source)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_prints_the_reply_with_curl(server: SandboxServer, tmp_path: Path, stream: bool) -> None:
    snippet = chat_snippets(params("What is 6 times 7?", stream), server.url)[2]

    output = run(["sh"], server, tmp_path, snippet.source)

    assert "42" in output
    assert ("chat.completion.chunk" in output) is stream


@pytest.mark.parametrize("index", [0, 1, 2], ids=["sync", "async", "curl"])
def test_escapes_text_that_looks_like_code(server: SandboxServer, tmp_path: Path, index: int) -> None:
    source = chat_snippets(params(TEXT_LIKE_CODE), server.url)[index].source

    assert run(["sh"] if index == 2 else [sys.executable, "-"], server, tmp_path, source).strip()


@pytest.mark.parametrize("index", [0, 1], ids=["sync", "async"])
def test_reads_a_long_image_from_a_file(index: int) -> None:
    part = {"type": "image_url", "image_url": {"url": LONG_DATA_URL}}
    params = ChatSettings(model="gpt-4o").request_params([{"role": "user", "content": [part]}])

    source = chat_snippets(params, OPENAI_URL)[index].source

    assert 'Path("image_1.png").read_bytes()' in source
    assert LONG_DATA_URL not in source
    compile(source, "snippet", "exec")


def test_writes_only_a_base_url_other_than_openais() -> None:
    openai, other = (
        chat_snippets(params("Hi"), url)[0].source for url in (OPENAI_URL, "http://127.0.0.1:1/v1")
    )

    assert "client = OpenAI()" in openai
    assert 'base_url="http://127.0.0.1:1/v1"' in other
