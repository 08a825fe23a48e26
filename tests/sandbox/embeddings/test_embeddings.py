"""Embeddings of the sandbox: the format and errors of the API, and similarities that make sense."""

import base64
import hashlib
import math
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path
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
Vectors = NDArray[np.float32]


def embed_texts(texts: Any, family: str = SMALL, dimensions: int = 1536) -> Vectors:
    full = dict(MODELS)[family]
    return embed(list(texts), family, full, min(full, dimensions))


def create_error(client: OpenAI, **params: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as excinfo:
        client.embeddings.create(**{"model": SMALL, "input": "hi", **params})
    return excinfo.value


@pytest.mark.parametrize(("model", "dimensions"), MODELS)
def test_returns_the_default_dimensions_of_the_model(client: OpenAI, model: str, dimensions: int) -> None:
    response = client.embeddings.create(model=model, input="hello")
    assert (response.object, response.model, response.data[0].object) == ("list", model, "embedding")
    assert len(response.data[0].embedding) == dimensions


async def test_answers_the_async_client(client: OpenAI, async_client: AsyncOpenAI) -> None:
    response = await async_client.embeddings.create(model=SMALL, input=["one", "two"])
    assert response.data == client.embeddings.create(model=SMALL, input=["one", "two"]).data


def test_returns_embeddings_in_the_order_of_the_inputs(client: OpenAI) -> None:
    data = client.embeddings.create(model=SMALL, input=["one", "two", "three"]).data
    assert [item.index for item in data] == [0, 1, 2]
    assert data[1].embedding == client.embeddings.create(model=SMALL, input="two").data[0].embedding


def test_bills_the_tokens_of_all_inputs(client: OpenAI) -> None:
    usage = client.embeddings.create(model=SMALL, input=["hello there", "안녕하세요"]).usage
    expected = sum(len(encode(text, "cl100k_base")) for text in ("hello there", "안녕하세요"))
    assert (usage.prompt_tokens, usage.total_tokens) == (expected, expected)


def test_sends_the_same_values_as_floats_and_as_base64(http_client: httpx2.Client) -> None:
    params = {"model": SMALL, "input": "hello", "dimensions": 8}
    plain = http_client.post("/v1/embeddings", json=params).json()["data"][0]["embedding"]
    packed = http_client.post("/v1/embeddings", json={**params, "encoding_format": "base64"}).json()
    sent = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    assert sent.tolist() == np.array(plain, np.float32).tolist()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc")
@pytest.mark.parametrize("encoding_format", ["float", "base64"])
def test_takes_less_than_400_mb_for_the_largest_request(encoding_format: str) -> None:
    command = [sys.executable, "-m", "core.sandbox", "--port", "0", "--key", "key", "--latency", "instant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = re.search(r"http://\S+/v1", process.stdout.readline())
        assert url is not None
        body = {"model": "text-embedding-3-large", "encoding_format": encoding_format}
        response = httpx2.post(
            f"{url.group()}/embeddings",
            json={**body, "input": [f"text {number}" for number in range(2_048)]},
            headers={"authorization": "Bearer key"},
            timeout=60,
            trust_env=False,
        )
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        process.terminate()
        process.communicate()
    assert response.content.count(b'"index":') == 2_048
    peak_kb = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak_kb is not None
    assert int(peak_kb[1]) < 400_000


@pytest.mark.parametrize("dimensions", [1, 2, 256, 1024, 1535, 1536])
def test_truncates_dimensions_and_normalises_again(client: OpenAI, dimensions: int) -> None:
    short = client.embeddings.create(model=SMALL, input="hello", dimensions=dimensions).data[0].embedding
    prefix = np.array(client.embeddings.create(model=SMALL, input="hello").data[0].embedding[:dimensions])
    assert np.allclose(short, prefix / np.linalg.norm(prefix), atol=1e-6)


@pytest.mark.parametrize("is_list", [False, True], ids=["single", "list"])
def test_embeds_token_ids_like_their_text(client: OpenAI, is_list: bool) -> None:
    ids = encode("hello there", "cl100k_base")
    from_ids = client.embeddings.create(model=SMALL, input=[ids] if is_list else ids)
    from_text = client.embeddings.create(model=SMALL, input="hello there")
    assert (from_ids.data, from_ids.usage) == (from_text.data, from_text.usage)


@pytest.mark.parametrize(
    "invalid",
    ["", [], ["a", ""], [[]], [1, "a"], ["a"] * 2049, {"a": 1}, 3, [True], [[10**9]], [[-1]], [None]],
    ids=lambda value: str(value)[:20],
)
def test_rejects_an_invalid_input(http_client: httpx2.Client, invalid: object) -> None:
    response = http_client.post("/v1/embeddings", json={"model": SMALL, "input": invalid})
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("'$.input' is invalid.")


def test_accepts_2048_inputs(client: OpenAI) -> None:
    assert len(client.embeddings.create(model=SMALL, input=["a"] * 2048, dimensions=2).data) == 2048


def test_rejects_an_input_above_the_context_length(client: OpenAI) -> None:
    error = create_error(client, input=["short", " word" * 8193])
    assert "maximum context length is 8192 tokens, however you requested 8193 tokens" in str(error)


def test_rejects_too_many_tokens_in_total(client: OpenAI) -> None:
    error = create_error(client, input=[" word" * 8000] * 38)
    assert (error.code, error.type) == ("max_tokens_per_request",) * 2
    assert "Requested 304000 tokens, max 300000 tokens per request" in str(error)


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({"dimensions": 1537}, 400, "Must be less than or equal to 1536"),
        ({"dimensions": 0}, 400, "below minimum"),
        ({"dimensions": "8"}, 400, "expected an integer"),
        ({"dimensions": 8, "model": "text-embedding-ada-002"}, 400, "does not support specifying dimensions"),
        ({"encoding_format": "hex"}, 400, "'float' and 'base64'"),
        ({"model": "gpt-6-luna"}, 403, "not allowed to generate embeddings"),
        ({"model": "text-embedding-9"}, 404, "does not exist"),
        ({"extra_body": {"size": 3}}, 400, "Unknown parameter"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_rejects_invalid_parameters_with_the_errors_of_the_api(
    client: OpenAI, params: dict[str, Any], status: int, message: str
) -> None:
    error = create_error(client, **params)
    assert error.status_code == status
    assert message in str(error)


@pytest.mark.parametrize(("fault", "status"), [("401", 401), ("429", 429), ("500", 500)])
def test_returns_a_requested_fault(client: OpenAI, fault: str, status: int) -> None:
    error = create_error(client, extra_headers={"x-sandbox-fault": fault})
    assert error.status_code == status


def test_does_not_import_numpy_at_startup() -> None:
    """The import takes a tenth of a second."""
    code = "import sys, core.sandbox.app; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(max_size=60), st.integers(1, 1536))
def test_returns_a_unit_vector_for_every_text(text: str, dimensions: int) -> None:
    vectors = embed_texts([text], dimensions=dimensions)
    assert vectors.shape == (1, dimensions)
    assert math.isclose(float(np.linalg.norm(vectors)), 1.0, abs_tol=1e-5)


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=4))
def test_returns_the_same_vector_in_any_batch(text: str, others: list[str]) -> None:
    assert np.allclose(embed_texts([*others, text])[-1], embed_texts([text])[0], atol=1e-5)


@pytest.mark.parametrize("dimensions", [256, 1536])
@pytest.mark.parametrize("family", [SMALL, "text-embedding-3-large"])
def test_ranks_the_document_first_that_answers_the_question(family: str, dimensions: int) -> None:
    scores = (
        embed_texts(similarity_samples.QUESTIONS, family, dimensions)
        @ embed_texts(similarity_samples.DOCUMENTS, family, dimensions).T
    )
    hits = int((scores.argmax(axis=1) == np.arange(len(similarity_samples.QUESTIONS))).sum())
    assert hits >= len(similarity_samples.QUESTIONS) - 1


@pytest.mark.parametrize(
    "pairs", [similarity_samples.ENGLISH_PAIRS, similarity_samples.KOREAN_PAIRS], ids=["English", "Korean"]
)
def test_ranks_a_paraphrase_above_unrelated_texts(pairs: tuple[tuple[str, str], ...]) -> None:
    scores = embed_texts(a for a, _ in pairs) @ embed_texts(b for _, b in pairs).T
    assert (scores.argmax(axis=1) == np.arange(len(pairs))).all()


@pytest.mark.parametrize("family", dict(MODELS))
def test_gives_translations_a_higher_similarity_than_unrelated_texts(family: str) -> None:
    korean, english, python = embed_texts(
        [similarity_samples.KOREAN_WEATHER, similarity_samples.ENGLISH_WEATHER, similarity_samples.PYTHON],
        family,
    )
    assert korean @ english > max(korean @ python, english @ python)


def test_has_high_similarities_with_the_old_model() -> None:
    vectors = embed_texts([similarity_samples.PYTHON, "The cat sleeps."], "text-embedding-ada-002")
    assert vectors[0] @ vectors[1] > 0.6


def random_text(size: int, seed: int = 1) -> str:
    """Return random letters, in which nearly every n-gram is another feature."""
    return "".join(Random(seed).choices("abcdefghijklmnopqrstuvwxyz   ", k=size))


def test_sums_the_directions_of_the_features() -> None:
    text = random_text(3_000)
    weights = extract_features(text, FeatureWeights(1.1, 0.6))
    decay = 1 / np.sqrt(1 + np.arange(1536) / 64)
    digests = [hashlib.shake_128(f"{SMALL}/{name}".encode()).digest(192) for name in weights]
    bits = np.unpackbits(np.frombuffer(b"".join(digests), np.uint8).reshape(len(weights), -1), axis=1)
    expected = (np.array(list(weights.values())) @ (bits * 2.0 - 1)) * decay
    assert len(weights) > 4_096
    assert np.allclose(embed_texts([text])[0], expected / np.linalg.norm(expected), atol=1e-6)


def test_uses_little_memory_for_long_random_texts() -> None:
    embed_texts(["load the word lists first"])
    tracemalloc.start()
    try:
        embed_texts([random_text(17_000, seed) for seed in range(3)])
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
