"""An embeddings request as code: it runs as it is, and makes the same request."""

import ast
import json
from typing import Any

import pytest

from core.embeddings.snippets import embedding_snippets
from core.snippets import SnippetOptions

PARAMS: dict[str, Any] = {
    "model": "text-embedding-3-small",
    "input": ['it\'s "quoted"', "두 줄\nthe second"],
    "dimensions": 8,
    "encoding_format": "base64",
}
MANY = {**PARAMS, "input": [f"text {number} 한글" for number in range(60)]}
LOCAL = SnippetOptions("http://127.0.0.1:1/v1")


def without_encoding(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name != "encoding_format"}


def test_omits_the_base_url_of_openai() -> None:
    source = embedding_snippets(PARAMS, SnippetOptions("https://api.openai.com/v1/"))[0].source
    assert "client = OpenAI()" in source
    assert ast.parse(source)


def test_writes_the_body_for_curl() -> None:
    source = embedding_snippets(PARAMS, LOCAL)[2].source
    body = json.loads(source.partition("'END_OF_BODY'\n")[2].rpartition("END_OF_BODY")[0])
    assert body == without_encoding(PARAMS)


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_reads_many_texts_from_a_file(number: int) -> None:
    snippet = embedding_snippets(MANY, LOCAL)[number]
    assert "text 59" not in snippet.source
    assert [(file.name, json.loads(file.content)) for file in snippet.files] == [
        ("input.json", MANY["input"])
    ]


def test_reads_a_long_body_from_a_file() -> None:
    snippet = embedding_snippets(MANY, LOCAL)[2]
    assert "--data-binary @request.json" in snippet.source
    assert json.loads(snippet.files[0].content) == without_encoding(MANY)
