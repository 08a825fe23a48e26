"""The code that is shown runs as it stands, and makes the very call that was made."""

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

from core.chat.completion import ChatSettings
from core.sandbox.server import SandboxServer
from core.snippets import OPENAI_URL, chat_snippets, literal

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
AWKWARD = "Say \"it's\" $HOME `id` \\n {x} \n'''end''' \nEND_OF_BODY\n 한국어 🙂 \x1b[0m"
PIXEL = "data:image/png;base64," + "iVBORw0KGgo" * 40


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


def params(text: str, stream: bool = True) -> dict[str, Any]:
    settings = ChatSettings(model="gpt-4o-mini", stream=stream, temperature=0.5, stop=("###",), seed=1)
    return settings.params([{"role": "user", "content": text}])


def run(command: list[str], server: SandboxServer, folder: Path, source: str) -> str:
    """What *command* prints, given *source* and a key in the environment."""
    environ = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": server.key, "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, input=source, cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@given(json_values)
def test_writes_a_literal_that_evaluates_back(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(json_values, st.integers(0, 40))
def test_writes_a_literal_that_evaluates_back_wherever_it_stands(value: Any, indent: int) -> None:
    assert ast.literal_eval(literal(value, indent)) == value


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("label", ["Python", "Python async"])
def test_prints_the_reply_in_python(server: SandboxServer, tmp_path: Path, label: str, stream: bool) -> None:
    snippet = next(
        one for one in chat_snippets(params("What is 6 times 7?", stream), server.url) if one.label == label
    )

    assert "42" in run([sys.executable, "-"], server, tmp_path, snippet.source)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
def test_prints_the_reply_with_curl(server: SandboxServer, tmp_path: Path, stream: bool) -> None:
    snippet = chat_snippets(params("What is 6 times 7?", stream), server.url)[2]

    printed = run(["sh"], server, tmp_path, snippet.source)

    assert "42" in printed
    assert ("chat.completion.chunk" in printed) is stream


@pytest.mark.parametrize("index", [0, 1, 2], ids=["sync", "async", "curl"])
def test_survives_text_that_looks_like_code(server: SandboxServer, tmp_path: Path, index: int) -> None:
    source = chat_snippets(params(AWKWARD), server.url)[index].source

    assert run(["sh"] if index == 2 else [sys.executable, "-"], server, tmp_path, source).strip()


@pytest.mark.parametrize("index", [0, 1], ids=["sync", "async"])
def test_reads_a_long_image_from_a_file(index: int) -> None:
    part = {"type": "image_url", "image_url": {"url": PIXEL}}
    settings = ChatSettings(model="gpt-4o").params([{"role": "user", "content": [part]}])

    source = chat_snippets(settings, OPENAI_URL)[index].source

    assert 'Path("image_1.png").read_bytes()' in source
    assert PIXEL not in source
    compile(source, "snippet", "exec")


def test_names_the_base_url_only_where_it_is_another() -> None:
    ours, theirs = (
        chat_snippets(params("Hi"), url)[0].source for url in (OPENAI_URL, "http://127.0.0.1:1/v1")
    )

    assert "client = OpenAI()" in ours
    assert 'base_url="http://127.0.0.1:1/v1"' in theirs
