"""Requests to the embeddings endpoint, against a server that answers in several ways."""

from typing import Any

import pytest
from openai import AsyncOpenAI

from core.calls import execute
from core.client.retry import RetryPolicy
from core.embeddings.request import EmbeddingsCall, EmbeddingSpec
from core.embeddings.response import EmbeddingResponse
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from tests.servers import StubResponse, http_response, stub_server


def response(embedding: list[Any]) -> StubResponse:
    entry = {"object": "embedding", "embedding": embedding, "index": 0}
    return http_response({"object": "list", "data": [entry], "model": "m"})


async def call(answer: StubResponse) -> tuple[Run, list[EmbeddingResponse]]:
    """Return the run of one call to a server that gives *answer*, and its parsed responses."""
    params, responses = EmbeddingSpec("m").params(["a"]), list[EmbeddingResponse]()
    log = RunLog(Run("embeddings", EmbeddingsCall.endpoint, params))
    async with (
        stub_server(answer) as server,
        AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as client,
    ):
        await execute(
            client,
            EmbeddingsCall(lambda received, _run_id: responses.append(received)),
            params,
            log,
            RetryPolicy(0),
        )
    return log.snapshot(), responses


async def test_accepts_floats_from_a_server_that_ignores_base64() -> None:
    run, responses = await call(response([3.0, 4.0]))
    assert run.state is RunState.DONE
    assert responses[0].vectors.tolist() == [[3.0, 4.0]]


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (response([[1.0], [2.0]]), "one embedding per token"),
        (http_response("<html>hello</html>"), "HTML or text instead of JSON"),
        (http_response({"error": {"message": "Incorrect API key"}}, 401), "key"),
        (http_response({"error": {"code": 501, "message": "does not support embeddings"}}, 501), ""),
        (http_response({"detail": "Not Found"}, 404), ""),
    ],
    ids=["per token", "page", "401", "501", "404"],
)
async def test_ends_a_failed_run_with_an_explanation(answer: StubResponse, title: str) -> None:
    run, responses = await call(answer)
    assert (run.state, responses) == (RunState.FAILED, [])
    assert run.error
    assert title in run.error.title


def test_sends_dimensions_only_if_the_model_supports_them() -> None:
    assert EmbeddingSpec("text-embedding-3-small", 256).params(["a"])["dimensions"] == 256
    assert "dimensions" not in EmbeddingSpec("text-embedding-ada-002", 256).params(["a"])
    assert EmbeddingSpec("some-local-embedder", 64).params(["a"])["dimensions"] == 64
