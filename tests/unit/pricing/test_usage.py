"""Usage is parsed from every known format, and an invalid number never becomes a token count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CompletionUsage, CreateEmbeddingResponse
from openai.types.responses import ResponseUsage

from core.pricing.usage import Usage

CHAT = {
    "prompt_tokens": 1000,
    "completion_tokens": 100,
    "total_tokens": 1100,
    "prompt_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 200},
    "completion_tokens_details": {"reasoning_tokens": 60},
}
RESPONSES = {
    "input_tokens": 1000,
    "output_tokens": 100,
    "total_tokens": 1100,
    "input_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 200},
    "output_tokens_details": {"reasoning_tokens": 60},
}
EMBEDDINGS = {
    "object": "list",
    "model": "text-embedding-3-small",
    "data": [],
    "usage": {"prompt_tokens": 8, "total_tokens": 8},
}
FULL = Usage(1000, 100, 400, 200, 60)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.dictionaries(st.sampled_from(sorted({*CHAT, *RESPONSES, "cached_tokens"})), inner),
)


@pytest.mark.parametrize(
    ("body", "usage"),
    [
        pytest.param(CHAT, FULL, id="chat completion"),
        pytest.param(RESPONSES, FULL, id="response"),
        pytest.param(CompletionUsage.model_validate(CHAT), FULL, id="chat completion of the SDK"),
        pytest.param(ResponseUsage.model_validate(RESPONSES), FULL, id="response of the SDK"),
        pytest.param(EMBEDDINGS["usage"], Usage(8), id="embedding"),
        pytest.param(
            CreateEmbeddingResponse.model_validate(EMBEDDINGS).usage, Usage(8), id="embedding of the SDK"
        ),
        pytest.param({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4), id="no details"),
        pytest.param(
            {"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": None},
            Usage(3, 4),
            id="null details",
        ),
        pytest.param(
            {"prompt_tokens": 900, "completion_tokens": 4, "prompt_tokens_details": {"image_tokens": 765}},
            Usage(900, 4, image_tokens=765),
            id="images",
        ),
        pytest.param({"prompt_tokens": 3.0, "completion_tokens": 4.0}, Usage(3, 4), id="whole floats"),
    ],
)
def test_parses_every_format(body: object, usage: Usage) -> None:
    assert Usage.of(body) == usage


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="none"),
        pytest.param({}, id="empty"),
        pytest.param("12 tokens", id="text"),
        pytest.param({"prompt_tokens": None, "completion_tokens": None}, id="null"),
        pytest.param({"prompt_tokens": -1, "completion_tokens": 4}, id="negative input"),
        pytest.param({"prompt_tokens": 3, "completion_tokens": -4}, id="negative output"),
        pytest.param({"prompt_tokens": 2 * 10**9, "completion_tokens": 4}, id="huge"),
        pytest.param({"prompt_tokens": 3, "completion_tokens": float("inf")}, id="infinite"),
        pytest.param({"prompt_tokens": "3", "completion_tokens": 4}, id="string"),
        pytest.param({"prompt_tokens": True, "completion_tokens": 4}, id="boolean"),
        pytest.param({"prompt_tokens": 3.5, "completion_tokens": 4}, id="half a token"),
        pytest.param({"completion_tokens": 4}, id="only output"),
    ],
)
def test_is_none_for_an_invalid_number(body: object) -> None:
    assert Usage.of(body) is None


@pytest.mark.parametrize(
    ("details", "usage"),
    [
        ({"cached_tokens": -5}, Usage(10, 1)),
        ({"cached_tokens": 99}, Usage(10, 1, cached_tokens=10)),
        ({"cached_tokens": 8, "cache_write_tokens": 8}, Usage(10, 1, 8, 2)),
        ({"cached_tokens": "many"}, Usage(10, 1)),
    ],
    ids=["negative", "more than the total", "more than the rest", "text"],
)
def test_corrects_invalid_details(details: dict[str, Any], usage: Usage) -> None:
    body = {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": details}

    assert Usage.of(body) == usage


@given(json_values)
def test_never_raises_and_is_never_negative(body: object) -> None:
    usage = Usage.of(body)

    assert usage is None or 0 <= usage.cached_tokens + usage.cache_write_tokens <= usage.input_tokens


@given(st.lists(st.builds(Usage, *[st.integers(0, 10**6)] * 5)))
def test_sums_usages(parts: list[Usage]) -> None:
    assert sum(parts, Usage()).total_tokens == sum(part.total_tokens for part in parts)
