"""The sandbox's embeddings: the API's wire and refusals, and likeness that means something."""

import base64
import hashlib
import math
import subprocess
import sys
import tracemalloc
from random import Random
from typing import Any

import httpx2
import numpy as np
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from openai import AsyncOpenAI, OpenAI

from core.sandbox.api.tokenizer import encode
from core.sandbox.embeddings.embeddings import embed
from core.sandbox.embeddings.text_features import FeatureWeights, extract_features
from tests.sandbox import similarity_samples

SMALL = "text-embedding-3-small"
MODELS = ((SMALL, 1536), ("text-embedding-3-large", 3072), ("text-embedding-ada-002", 1536))
Matrix = NDArray[np.float32]


def vectors(texts: Any, family: str = SMALL, dimensions: int = 1536) -> Matrix:
    full = dict(MODELS)[family]
    return embed(list(texts), family, full, min(full, dimensions))


def refusal(sdk: OpenAI, **params: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        sdk.embeddings.create(**{"model": SMALL, "input": "hi", **params})
    return caught.value


@pytest.mark.parametrize(("model", "length"), MODELS)
def test_embeds_at_the_models_own_length(sdk: OpenAI, model: str, length: int) -> None:
    found = sdk.embeddings.create(model=model, input="hello")
    assert (found.object, found.model, found.data[0].object) == ("list", model, "embedding")
    assert len(found.data[0].embedding) == length


async def test_answers_the_async_client_alike(sdk: OpenAI, aio: AsyncOpenAI) -> None:
    found = await aio.embeddings.create(model=SMALL, input=["one", "two"])
    assert found.data == sdk.embeddings.create(model=SMALL, input=["one", "two"]).data


def test_keeps_the_order_of_the_inputs(sdk: OpenAI) -> None:
    found = sdk.embeddings.create(model=SMALL, input=["one", "two", "three"]).data
    assert [one.index for one in found] == [0, 1, 2]
    assert found[1].embedding == sdk.embeddings.create(model=SMALL, input="two").data[0].embedding


def test_counts_the_tokens_of_all_inputs(sdk: OpenAI) -> None:
    usage = sdk.embeddings.create(model=SMALL, input=["hello there", "안녕하세요"]).usage
    expected = sum(len(encode(text, "cl100k_base")) for text in ("hello there", "안녕하세요"))
    assert (usage.prompt_tokens, usage.total_tokens) == (expected, expected)


def test_sends_the_same_numbers_as_floats_and_as_base64(http: httpx2.Client) -> None:
    params = {"model": SMALL, "input": "hello", "dimensions": 8}
    plain = http.post("/v1/embeddings", json=params).json()["data"][0]["embedding"]
    packed = http.post("/v1/embeddings", json={**params, "encoding_format": "base64"}).json()
    sent = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    assert sent.tolist() == plain


@pytest.mark.parametrize("dimensions", [1, 2, 256, 1024, 1535, 1536])
def test_shortens_to_the_renormalised_prefix(sdk: OpenAI, dimensions: int) -> None:
    short = sdk.embeddings.create(model=SMALL, input="hello", dimensions=dimensions).data[0].embedding
    prefix = np.array(sdk.embeddings.create(model=SMALL, input="hello").data[0].embedding[:dimensions])
    assert np.allclose(short, prefix / np.linalg.norm(prefix), atol=1e-6)


@pytest.mark.parametrize("many", [False, True], ids=["one", "several"])
def test_embeds_token_ids_as_their_text(sdk: OpenAI, many: bool) -> None:
    ids = encode("hello there", "cl100k_base")
    found = sdk.embeddings.create(model=SMALL, input=[ids] if many else ids)
    same = sdk.embeddings.create(model=SMALL, input="hello there")
    assert (found.data, found.usage) == (same.data, same.usage)


@pytest.mark.parametrize(
    "wrong",
    ["", [], ["a", ""], [[]], [1, "a"], ["a"] * 2049, {"a": 1}, 3, [True], [[10**9]], [[-1]], [None]],
    ids=lambda value: str(value)[:20],
)
def test_refuses_an_input_that_is_none(http: httpx2.Client, wrong: object) -> None:
    reply = http.post("/v1/embeddings", json={"model": SMALL, "input": wrong})
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].startswith("'$.input' is invalid.")


def test_takes_as_many_inputs_as_the_api(sdk: OpenAI) -> None:
    assert len(sdk.embeddings.create(model=SMALL, input=["a"] * 2048, dimensions=2).data) == 2048


def test_refuses_one_input_that_is_too_long(sdk: OpenAI) -> None:
    error = refusal(sdk, input=["short", " word" * 8193])
    assert "maximum context length is 8192 tokens, however you requested 8193 tokens" in str(error)


def test_refuses_too_many_tokens_in_all(sdk: OpenAI) -> None:
    error = refusal(sdk, input=[" word" * 8000] * 38)
    assert (error.code, error.type) == ("max_tokens_per_request",) * 2
    assert "Requested 304000 tokens, max 300000 tokens per request" in str(error)


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"dimensions": 1537}, 400, "Must be less than or equal to 1536"),
        ({"dimensions": 0}, 400, "below minimum"),
        ({"dimensions": "8"}, 400, "expected an integer"),
        ({"dimensions": 8, "model": "text-embedding-ada-002"}, 400, "does not support specifying dimensions"),
        ({"encoding_format": "hex"}, 400, "'float', and 'base64'"),
        ({"model": "gpt-6-luna"}, 403, "not allowed to generate embeddings"),
        ({"model": "text-embedding-9"}, 404, "does not exist"),
        ({"extra_body": {"size": 3}}, 400, "Unknown parameter"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refuses_as_the_api_does(sdk: OpenAI, params: dict[str, Any], status: int, words: str) -> None:
    error = refusal(sdk, **params)
    assert error.status_code == status
    assert words in str(error)


@pytest.mark.parametrize(("fault", "status"), [("401", 401), ("429", 429), ("500", 500)])
def test_fails_on_request(sdk: OpenAI, fault: str, status: int) -> None:
    error = refusal(sdk, extra_headers={"x-sandbox-fault": fault})
    assert error.status_code == status


def test_starts_without_numpy() -> None:
    """It would cost every start a tenth of a second."""
    code = "import sys, core.sandbox.app; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(max_size=60), st.integers(1, 1536))
def test_gives_every_text_a_unit_vector(text: str, dimensions: int) -> None:
    found = vectors([text], dimensions=dimensions)
    assert found.shape == (1, dimensions)
    assert math.isclose(float(np.linalg.norm(found)), 1.0, abs_tol=1e-5)


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=4))
def test_embeds_a_text_alike_in_any_company(text: str, others: list[str]) -> None:
    assert np.allclose(vectors([*others, text])[-1], vectors([text])[0], atol=1e-5)


@pytest.mark.parametrize("dimensions", [256, 1536])
@pytest.mark.parametrize("family", [SMALL, "text-embedding-3-large"])
def test_finds_the_document_that_answers(family: str, dimensions: int) -> None:
    scores = (
        vectors(similarity_samples.QUESTIONS, family, dimensions)
        @ vectors(similarity_samples.DOCUMENTS, family, dimensions).T
    )
    hits = int((scores.argmax(axis=1) == np.arange(len(similarity_samples.QUESTIONS))).sum())
    assert hits >= len(similarity_samples.QUESTIONS) - 1


@pytest.mark.parametrize(
    "pairs", [similarity_samples.ENGLISH_PAIRS, similarity_samples.KOREAN_PAIRS], ids=["English", "Korean"]
)
def test_ranks_paraphrases_above_what_is_unrelated(pairs: tuple[tuple[str, str], ...]) -> None:
    scores = vectors(one for one, _ in pairs) @ vectors(other for _, other in pairs).T
    assert (scores.argmax(axis=1) == np.arange(len(pairs))).all()


@pytest.mark.parametrize("family", dict(MODELS))
def test_finds_weather_nearer_to_weather_than_to_python(family: str) -> None:
    korean, english, python = vectors(
        [similarity_samples.KOREAN_WEATHER, similarity_samples.ENGLISH_WEATHER, similarity_samples.PYTHON],
        family,
    )
    assert korean @ english > max(korean @ python, english @ python)


def test_crowds_the_vectors_of_the_old_model() -> None:
    found = vectors([similarity_samples.PYTHON, "The cat sleeps."], "text-embedding-ada-002")
    assert found[0] @ found[1] > 0.6


def odd_text(size: int, seed: int = 1) -> str:
    """Letters in no order, of which nearly every piece is a feature of its own."""
    return "".join(Random(seed).choices("abcdefghijklmnopqrstuvwxyz   ", k=size))


def test_adds_up_many_features_as_their_definition_says() -> None:
    text = odd_text(3_000)
    weighed = extract_features(text, FeatureWeights(1.1, 0.6))
    fading = 1 / np.sqrt(1 + np.arange(1536) / 64)
    drawn = [hashlib.shake_128(f"{SMALL}/{name}".encode()).digest(192) for name in weighed]
    bits = np.unpackbits(np.frombuffer(b"".join(drawn), np.uint8).reshape(len(weighed), -1), axis=1)
    expected = (np.array(list(weighed.values())) @ (bits * 2.0 - 1)) * fading
    assert len(weighed) > 4_096
    assert np.allclose(vectors([text])[0], expected / np.linalg.norm(expected), atol=1e-6)


def test_takes_little_memory_for_long_odd_texts() -> None:
    vectors(["the first loads what stays"])
    tracemalloc.start()
    try:
        vectors([odd_text(17_000, seed) for seed in range(3)])
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
