"""Structured outputs with the SDK: parse, stream, refusals, truncation, and errors."""

import json
from enum import StrEnum
from typing import Any

import pytest
from openai import (
    AsyncOpenAI,
    BadRequestError,
    ContentFilterFinishReasonError,
    LengthFinishReasonError,
    OpenAI,
)
from pydantic import BaseModel, Field

from tests.sandbox.client import CHAT_MODEL, ChatHelper

KOREAN_NEWS = (
    "삼성전자가 3분기 영업이익 10조 원을 돌파하며 시장 기대를 웃도는 호실적을 기록했다. "
    "반도체 부문이 실적 개선을 이끌었다. 회사는 내년에도 성장세가 이어질 것으로 기대한다고 밝혔다."
)
FORBIDDEN = "how to build a bomb at home?"


class Sentiment(StrEnum):
    """The tone of a news item."""

    POSITIVE = "긍정"
    NEUTRAL = "중립"
    NEGATIVE = "부정"


class News(BaseModel):
    """A news item."""

    title: str
    summary: str = Field(description="한두 문장 요약")
    sentiment: Sentiment
    keywords: list[str]


class Tree(BaseModel):
    """A value with parts of the same form."""

    value: str
    children: list["Tree"]


def messages(text: str) -> list[Any]:
    return [{"role": "system", "content": "뉴스를 분석하세요."}, {"role": "user", "content": text}]


def test_parses_a_pydantic_model(client: OpenAI) -> None:
    completion = client.chat.completions.parse(
        model=CHAT_MODEL, messages=messages(KOREAN_NEWS), response_format=News
    )
    choice = completion.choices[0]
    news = choice.message.parsed
    assert news
    assert (choice.finish_reason, choice.message.refusal) == ("stop", None)
    assert news.title.startswith("삼성전자가 3분기 영업이익")
    assert all(sentence in KOREAN_NEWS for sentence in news.summary.split(". "))
    assert news.sentiment is Sentiment.POSITIVE
    assert "삼성전자" in news.keywords
    # Keys in the order of the schema, without spaces.
    assert (choice.message.content or "").startswith('{"title":"')


async def test_parses_asynchronously(async_client: AsyncOpenAI) -> None:
    completion = await async_client.chat.completions.parse(
        model=CHAT_MODEL, messages=messages("Root."), response_format=Tree
    )
    assert isinstance(completion.choices[0].message.parsed, Tree)


def test_streams_small_deltas(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model=CHAT_MODEL, messages=messages(KOREAN_NEWS), response_format=News
    ) as stream:
        deltas = [event for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert len(deltas) > 20
    assert any(event.parsed for event in deltas[:-1])
    assert final.choices[0].message.parsed


async def test_streams_asynchronously(async_client: AsyncOpenAI) -> None:
    async with async_client.chat.completions.stream(
        model=CHAT_MODEL, messages=messages(KOREAN_NEWS), response_format=News
    ) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.parsed


@pytest.mark.parametrize(
    ("text", "headers"),
    [(FORBIDDEN, {}), (KOREAN_NEWS, {"x-sandbox-fault": "refusal"})],
    ids=["text", "fault"],
)
def test_refuses_on_request(client: OpenAI, text: str, headers: dict[str, str]) -> None:
    completion = client.chat.completions.parse(
        model=CHAT_MODEL, messages=messages(text), response_format=News, extra_headers=headers
    )
    message = completion.choices[0].message
    assert message.refusal
    assert (message.content, message.parsed) == (None, None)


def test_streams_a_refusal(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model=CHAT_MODEL, messages=messages(FORBIDDEN), response_format=News
    ) as stream:
        types = [event.type for event in stream]
    assert types.count("refusal.delta") > 3
    assert "refusal.done" in types
    assert "content.delta" not in types


def test_gives_the_log_probabilities_of_a_refusal_as_such(chat: ChatHelper) -> None:
    params: dict[str, Any] = {"response_format": json_schema(), "logprobs": True}
    logprobs = chat(FORBIDDEN, **params).choices[0].logprobs
    assert logprobs
    assert logprobs.content is None
    assert logprobs.refusal
    streamed = [choice for chunk in chat.stream(FORBIDDEN, **params) for choice in chunk.choices]
    assert any(choice.logprobs and choice.logprobs.refusal for choice in streamed)
    assert "".join(choice.delta.refusal or "" for choice in streamed).startswith("I'm sorry")


def test_cuts_the_json_at_the_token_limit(client: OpenAI) -> None:
    with pytest.raises(LengthFinishReasonError) as excinfo:
        client.chat.completions.parse(
            model=CHAT_MODEL,
            messages=messages(KOREAN_NEWS),
            response_format=News,
            max_completion_tokens=10,
        )
    usage = excinfo.value.completion.usage
    assert usage
    assert usage.completion_tokens == 10


def test_filters_the_content_on_request(client: OpenAI) -> None:
    with pytest.raises(ContentFilterFinishReasonError):
        client.chat.completions.parse(
            model=CHAT_MODEL,
            messages=messages(KOREAN_NEWS),
            response_format=News,
            extra_headers={"x-sandbox-fault": "content-filter"},
        )


def json_schema(**changes: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True, **changes}}


def test_ignores_the_schema_on_request(chat: ChatHelper) -> None:
    text = chat.text(
        "count to 3", response_format=json_schema(), extra_headers={"x-sandbox-fault": "schema-ignored"}
    )
    assert text == "1, 2, 3"


def test_counts_the_tokens_of_the_schema(chat: ChatHelper) -> None:
    plain, structured = chat("hello"), chat("hello", response_format=json_schema())
    assert plain.usage
    assert structured.usage
    assert structured.usage.prompt_tokens > plain.usage.prompt_tokens + 10


def test_uses_the_results_of_tools(chat: ChatHelper) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "temperature": {"type": "number"}},
        "required": ["city", "temperature"],
        "additionalProperties": False,
    }
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    conversation = [
        {"role": "user", "content": "How warm is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": '{"city": "Seoul", "temperature": 21.5}'},
    ]
    text = chat.text(messages=conversation, response_format=json_schema(schema=schema))
    assert json.loads(text) == {"city": "Seoul", "temperature": 21.5}


LOOP = {
    "type": "object",
    "properties": {"a": {"$ref": "#"}},
    "required": ["a"],
    "additionalProperties": False,
}
# Each row: test id, response format, and the param and code of the error.
INVALID: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("nothing", {"type": "json_schema"}, "response_format.json_schema", "missing_required_parameter"),
    ("no name", json_schema(name=None), "response_format.json_schema.name", "missing_required_parameter"),
    (
        "no schema",
        json_schema(schema=None),
        "response_format.json_schema.schema",
        "missing_required_parameter",
    ),
    ("name", json_schema(name="a b"), "response_format.json_schema.name", "invalid_value"),
    ("long name", json_schema(name="a" * 65), "response_format.json_schema.name", "string_above_max_length"),
    ("strict as text", json_schema(strict="yes"), "response_format.json_schema.strict", "invalid_type"),
    ("schema as text", json_schema(schema="x"), "response_format.json_schema.schema", "invalid_type"),
    ("unknown field", json_schema(foo=1), "response_format.json_schema.foo", "unknown_parameter"),
    ("flat", {"type": "json_schema", "schema": {}}, "response_format.schema", "unknown_parameter"),
    ("not strict enough", json_schema(schema={"type": "object", "properties": {}}), "response_format", None),
    ("endless", json_schema(schema=LOOP), "response_format", "sandbox_unsupported"),
]


@pytest.mark.parametrize(
    ("response_format", "param", "code"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_rejects(chat: ChatHelper, response_format: dict[str, Any], param: str, code: str | None) -> None:
    with pytest.raises(BadRequestError) as excinfo:
        chat("hi", response_format=response_format)
    assert (excinfo.value.param, excinfo.value.code) == (param, code), excinfo.value.message


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "object", "properties": {}}, "In context=(), 'additionalProperties'"),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string", "enum": ["1", 2]}},
                "required": ["a"],
                "additionalProperties": False,
            },
            "In context=('properties', 'a'), enum value 2 does not validate against {'type': 'string'}.",
        ),
    ],
)
def test_explains_an_invalid_schema_as_the_api_does(
    chat: ChatHelper, schema: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadRequestError) as excinfo:
        chat("hi", response_format=json_schema(schema=schema))
    assert f"Invalid schema for response_format 'x': {message}" in str(excinfo.value)
