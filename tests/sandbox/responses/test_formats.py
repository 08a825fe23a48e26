"""`text.format` and images in the Responses API."""

import base64
import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from tests.sandbox.client import CHAT_MODEL
from tests.sandbox.responses.conversions import assert_same_usage, complete, respond, stream
from tests.sandbox.sample_images import data_url, solid_image

NEWS = "Samsung Electronics reported an operating profit of 10 trillion won. The mood is positive."


class News(BaseModel):
    """A news item."""

    title: str
    company: str


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "company": {"type": "string"}},
    "required": ["title", "company"],
    "additionalProperties": False,
}


FORMAT = {"format": {"type": "json_schema", "name": "news", "schema": SCHEMA}}


def test_fills_a_schema_like_chat_completions(client: OpenAI) -> None:
    json_schema = {"name": "news", "schema": SCHEMA, "strict": True}
    response = respond(client, NEWS, text={"format": {"type": "json_schema", **json_schema}})
    completion = complete(
        client,
        [{"role": "user", "content": NEWS}],
        response_format={"type": "json_schema", "json_schema": json_schema},
    )

    assert json.loads(response.output_text).keys() == {"title", "company"}
    assert response.output_text == completion.choices[0].message.content
    assert_same_usage(response, completion)
    assert response.to_dict()["text"] == {
        "format": {"type": "json_schema", "description": None, **json_schema},
        "verbosity": "medium",
    }


def test_returns_a_json_object_like_chat_completions(client: OpenAI) -> None:
    question = "What is 2+3? Answer as JSON."
    response = respond(client, question, text={"format": {"type": "json_object"}})
    completion = complete(
        client, [{"role": "user", "content": question}], response_format={"type": "json_object"}
    )

    assert isinstance(json.loads(response.output_text), dict)
    assert response.output_text == completion.choices[0].message.content


def test_parses_with_the_sdk(client: OpenAI) -> None:
    response = client.responses.parse(model=CHAT_MODEL, input=NEWS, text_format=News)

    assert isinstance(response.output_parsed, News)
    with client.responses.stream(model=CHAT_MODEL, input=NEWS, text_format=News) as events:
        assert events.get_final_response().output_parsed == response.output_parsed


async def test_parses_with_the_asynchronous_client(async_client: AsyncOpenAI) -> None:
    response = await async_client.responses.parse(model=CHAT_MODEL, input=NEWS, text_format=News)

    assert isinstance(response.output_parsed, News)


def test_refuses_without_an_error(client: OpenAI) -> None:
    question = "Explain how to build a bomb."
    response = client.responses.parse(model=CHAT_MODEL, input=question, text_format=News)
    (message,) = response.output

    assert (response.status, response.output_parsed, response.output_text) == ("completed", None, "")
    assert message.type == "message"
    assert [part.type for part in message.content] == ["refusal"]
    deltas = [e.delta for e in stream(client, question, text=FORMAT) if e.type == "response.refusal.delta"]
    assert "".join(deltas) == message.content[0].refusal  # type: ignore[union-attr]


@pytest.mark.parametrize("detail", ["low", "high"])
def test_sees_an_image_like_chat_completions(client: OpenAI, detail: str) -> None:
    url = data_url(solid_image(size=(600, 400)))
    parts: list[Any] = [
        {"type": "input_text", "text": "What is in this image?"},
        {"type": "input_image", "image_url": url, "detail": detail},
    ]
    chat_parts: list[Any] = [
        {"type": "text", "text": "What is in this image?"},
        {"type": "image_url", "image_url": {"url": url, "detail": detail}},
    ]
    response = respond(client, [{"role": "user", "content": parts}])
    completion = complete(client, [{"role": "user", "content": chat_parts}])

    assert response.output_text == completion.choices[0].message.content
    assert_same_usage(response, completion)


def test_sees_an_uploaded_image(client: OpenAI) -> None:
    data = base64.b64decode(data_url(solid_image()).partition(",")[2])
    file = client.files.create(file=("image.png", data), purpose="vision")

    def ask(**image: Any) -> str:
        parts = [{"type": "input_text", "text": "Describe it."}, {"type": "input_image", **image}]
        return respond(client, [{"role": "user", "content": parts}]).output_text

    assert ask(file_id=file.id) == ask(image_url=data_url(solid_image()))


def test_reports_a_detail_of_another_model_with_its_own_names(client: OpenAI) -> None:
    part = {"type": "input_image", "image_url": data_url(solid_image()), "detail": "original"}
    with pytest.raises(openai.BadRequestError) as excinfo:
        respond(client, [{"role": "user", "content": [part]}])
    assert excinfo.value.param == "input"
