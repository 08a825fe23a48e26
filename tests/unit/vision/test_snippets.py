"""The code of a question is valid Python, with each way to provide its images."""

import ast

import pytest

from core.vision.snippets import INPUT_METHODS, InputMethod, vision_snippet

OPENAI = "https://api.openai.com/v1"
DATA = "data:image/jpeg;base64," + "A" * 400
PARTS = [
    {"type": "text", "text": 'What is "this"?\nAnd that?'},
    {"type": "image_url", "image_url": {"url": DATA, "detail": "low"}},
    {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "high"}},
]
PARAMS = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": PARTS}]}


@pytest.mark.parametrize("method", INPUT_METHODS)
@pytest.mark.parametrize("base_url", [OPENAI, "http://127.0.0.1:8123/v1"])
def test_returns_valid_python_without_image_data(method: InputMethod, base_url: str) -> None:
    source = vision_snippet(PARAMS, base_url, method).source

    ast.parse(source)
    assert "AAAA" not in source


def test_reads_a_file_for_base64() -> None:
    assert 'Path("image_1.jpeg").read_bytes()' in vision_snippet(PARAMS, OPENAI, "base64").source


def test_uses_an_example_url_for_each_data_url() -> None:
    source = vision_snippet(PARAMS, OPENAI, "url").source

    assert '"https://example.org/image-1.jpg"' in source
    assert '"https://example.org/a.png"' in source


def test_uploads_the_images_and_sends_their_ids() -> None:
    source = vision_snippet(PARAMS, OPENAI, "file id").source

    assert 'client.files.create(file=Path("image_1.jpeg"), purpose="vision")' in source
    assert '"file_id": image_2.id, "detail": "high"' in source
    assert "client.responses.create(" in source
