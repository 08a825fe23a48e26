"""The code snippets run unchanged and send exactly the request that was sent."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.client.profile import OPENAI_URL
from core.completions.request import ChatSettings
from core.sandbox.server import SandboxServer
from core.snippets import SnippetOptions, chat_snippets, image_files, literal
from tests.scripts import run_snippet

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TEXT_LIKE_CODE = "Say \"it's\" $HOME `id` \\n {x} \n'''end''' \nEND_OF_BODY\n 한국어 🙂 \x1b[0m"
OPENAI = SnippetOptions(OPENAI_URL)
LONG_DATA_URL = "data:image/png;base64," + "iVBORw0KGgoA" * 40


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def params(text: str) -> dict[str, Any]:
    settings = ChatSettings(model="gpt-4o-mini", temperature=0.5, stop=("###",), seed=1)
    return settings.request_params([{"role": "user", "content": text}])


@given(json_values)
def test_writes_a_literal_that_evaluates_to_the_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(json_values, st.integers(0, 40))
def test_writes_an_indented_literal_that_evaluates_to_the_value(value: Any, indent: int) -> None:
    assert ast.literal_eval(literal(value, indent)) == value


@pytest.mark.parametrize("index", [0, 1, 2], ids=["sync", "async", "curl"])
def test_escapes_text_that_looks_like_code(server: SandboxServer, tmp_path: Path, index: int) -> None:
    snippet = chat_snippets(params(TEXT_LIKE_CODE), SnippetOptions(server.url))[index]

    assert run_snippet(snippet, tmp_path, OPENAI_API_KEY=server.key).strip()


@pytest.mark.parametrize("index", [0, 1], ids=["sync", "async"])
def test_reads_a_long_image_from_a_file(index: int) -> None:
    part = {"type": "image_url", "image_url": {"url": LONG_DATA_URL}}
    params = ChatSettings(model="gpt-4o").request_params([{"role": "user", "content": [part]}])

    source = chat_snippets(params, OPENAI)[index].source

    assert 'Path("image_1.png").read_bytes()' in source
    assert LONG_DATA_URL not in source
    compile(source, "snippet", "exec")


def test_writes_only_a_base_url_other_than_openais() -> None:
    openai, other = (
        chat_snippets(params("Hi"), SnippetOptions(url))[0].source
        for url in (OPENAI_URL, "http://127.0.0.1:1/v1")
    )

    assert "client = OpenAI()" in openai
    assert 'base_url="http://127.0.0.1:1/v1"' in other


def test_writes_no_key_by_default() -> None:
    for url in (OPENAI_URL, "http://127.0.0.1:1/v1"):
        python, _async, curl = chat_snippets(params("Hi"), SnippetOptions(url))

        assert ("os.environ" in python.source) is (url != OPENAI_URL)
        assert "Bearer $OPENAI_API_KEY" in curl.source


def test_writes_the_key_of_the_sandbox() -> None:
    options = SnippetOptions("http://127.0.0.1:1/v1", api_key="sandbox")

    python, python_async, curl = chat_snippets(params("Hi"), options)

    for snippet in (python, python_async):
        assert 'api_key="sandbox", base_url="http://127.0.0.1:1/v1"' in snippet.source
        assert "import os" not in snippet.source
    assert "Authorization: Bearer sandbox" in curl.source


def data_url(number: int, image_format: str = "png") -> str:
    return f"data:image/{image_format};base64," + f"{number:04}" * 60


@pytest.mark.parametrize(
    ("name", "image_format", "file_name"),
    [
        pytest.param("chart.png", "png", "chart.png", id="its own"),
        pytest.param("photo.JPG", "jpeg", "photo.JPG", id="another extension of the format"),
        pytest.param("scan.tiff", "png", "scan.png", id="converted"),
        pytest.param("그림 1.png", "png", "그림 1.png", id="another script"),
        pytest.param("../../.ssh/id", "png", "_.._.ssh_id.png", id="a path"),
        pytest.param('C:\\a"b.png', "png", "C_a_b.png", id="a path of Windows"),
        pytest.param("..", "png", "image_1.png", id="the parent folder"),
        pytest.param("", "svg+xml", "image_1.svg", id="no name"),
        pytest.param("a" * 200 + ".png", "png", "a" * 56 + ".png", id="a long name"),
    ],
)
def test_names_a_file_in_the_current_folder(name: str, image_format: str, file_name: str) -> None:
    url = data_url(1, image_format)

    (file,) = image_files({"url": url}, SnippetOptions(OPENAI_URL, image_names=(name,))).values()

    assert file.name == file_name
    assert Path(file.name).name == file.name


def test_gives_files_of_the_same_name_different_names_and_a_repeated_image_one_file() -> None:
    urls = [data_url(1), "data:image/png;base64,AAAA", data_url(2), data_url(1), data_url(3)]
    names = ("a.png", "short.png", "a.png", "a.png", "")

    files = image_files({"images": urls}, SnippetOptions(OPENAI_URL, image_names=names))

    assert {urls.index(url): file.name for url, file in files.items()} == {
        0: "a.png",
        2: "a_2.png",
        4: "image_3.png",
    }


def test_writes_an_invalid_image_as_it_is() -> None:
    url = data_url(1) + "!"

    assert image_files({"url": url}, OPENAI) == {}


def test_offers_the_body_of_a_long_request_as_a_file() -> None:
    part = {"type": "image_url", "image_url": {"url": LONG_DATA_URL}}
    params = ChatSettings(model="gpt-4o").request_params([{"role": "user", "content": [part]}])

    curl = chat_snippets(params, OPENAI)[2]

    assert "--data-binary @request.json" in curl.source
    assert [file.name for file in curl.files] == ["request.json"]
    assert json.loads(curl.files[0].content) == params
