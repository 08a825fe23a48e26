"""The estimated tokens of a line are those of the same request elsewhere in the app."""

from typing import Any

import pytest

from core.batches.check.line_tokens import line_tokens
from core.images.image import placeholder_image
from core.tokens.encodings import count_tokens
from core.tokens.estimate import estimate_tokens
from tests.unit.batches.input_lines import CHAT, EMBEDDINGS, MODEL, RESPONSES

SCHEMA = {"type": "object", "properties": {"제목": {"type": "string"}}}
TOOL = {"type": "function", "function": {"name": "f", "description": "Find.", "parameters": SCHEMA}}
IMAGE = placeholder_image(640, 480)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "서울의 날씨"}]},
        {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]},
        {"messages": [{"role": "user", "content": "hi"}], "tools": [TOOL]},
        {
            "messages": [{"role": "user", "content": "hi"}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "A", "schema": SCHEMA}},
        },
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": IMAGE}}]}]},
    ],
)
def test_counts_a_chat_as_the_estimate_does(body: dict[str, Any]) -> None:
    body = {"model": MODEL, **body}
    assert line_tokens(body, CHAT) == estimate_tokens(body).tokens


def test_counts_a_response_as_the_same_chat() -> None:
    image = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": IMAGE}}]
    messages = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": image}]
    parts = [{"type": "input_text", "text": "What?"}, {"type": "input_image", "image_url": IMAGE}]
    response = {"model": MODEL, "instructions": "Be brief.", "input": [{"role": "user", "content": parts}]}
    assert line_tokens(response, RESPONSES) == line_tokens({"model": MODEL, "messages": messages}, CHAT)
    text, chat = {"input": "비"}, {"messages": [{"role": "user", "content": "비"}]}
    assert line_tokens({"model": MODEL, **text}, RESPONSES) == line_tokens({"model": MODEL, **chat}, CHAT)


def test_counts_texts_and_tokens_of_other_endpoints() -> None:
    embeddings = {"model": "text-embedding-3-small", "input": ["서울의 날씨", "비"]}
    count = sum(count_tokens(text, "cl100k_base") for text in ("서울의 날씨", "비"))
    assert line_tokens(embeddings, EMBEDDINGS) == count
    assert line_tokens({"model": "text-embedding-3-small", "input": [[1, 2], [3]]}, EMBEDDINGS) == 3
    assert line_tokens({"model": "omni-moderation-latest", "input": ["hi", "hi"]}, "/v1/moderations") == 2
    assert line_tokens({"model": "gpt-3.5-turbo-instruct", "prompt": "hi"}, "/v1/completions") == 1
