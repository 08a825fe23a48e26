"""The code of a question is valid Python, with each way to provide its images."""

import ast
import json

import pytest

from core.responses.request import response_params
from core.snippets import SnippetOptions
from core.vision.snippets import INPUT_METHODS, InputMethod, vision_snippets

OPENAI = SnippetOptions("https://api.openai.com/v1", image_names=("cat.jpg",))
DATA = "data:image/jpeg;base64," + "A" * 400
PARTS = [
    {"type": "text", "text": 'What is "this"?\nAnd that?'},
    {"type": "image_url", "image_url": {"url": DATA, "detail": "low"}},
    {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "high"}},
]
PARAMS = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": PARTS}]}


@pytest.mark.parametrize("method", INPUT_METHODS)
@pytest.mark.parametrize("base_url", [OPENAI.base_url, "http://127.0.0.1:8123/v1"])
def test_returns_valid_python_without_image_data(method: InputMethod, base_url: str) -> None:
    for snippet in vision_snippets(PARAMS, "chat.completions", SnippetOptions(base_url), method):
        if snippet.language == "python":
            ast.parse(snippet.source)
        assert "AAAA" not in snippet.source


def test_reads_the_file_of_the_image_for_base64() -> None:
    snippet = vision_snippets(PARAMS, "chat.completions", OPENAI, "base64")[0]

    assert 'Path("cat.jpg").read_bytes()' in snippet.source
    assert [(file.name, len(file.content)) for file in snippet.files] == [("cat.jpg", 300)]


def test_uses_an_example_url_for_each_data_url() -> None:
    for snippet in vision_snippets(PARAMS, "chat.completions", OPENAI, "url"):
        assert '"https://example.org/image-1.jpg"' in snippet.source
        assert '"https://example.org/a.png"' in snippet.source
        assert snippet.files == ()


def test_uploads_the_images_and_sends_their_ids() -> None:
    python, python_async = vision_snippets(PARAMS, "chat.completions", OPENAI, "file id")

    assert 'file=Path("cat.jpg"), purpose="vision"' in python.source
    assert '"file_id": image_1.id, "detail": "low"' in python.source
    assert '"image_url": "https://example.org/a.png"' in python.source
    assert "await client.responses.create(" in python_async.source


def test_sends_a_request_of_the_responses_api_as_it_is() -> None:
    python, _python_async, curl = vision_snippets(response_params(PARAMS), "responses", OPENAI, "base64")

    assert 'Path("cat.jpg").read_bytes()' in python.source
    assert "client.responses.create(" in python.source
    assert "/v1/responses" in curl.source
    assert json.loads(curl.files[0].content) == response_params(PARAMS)
