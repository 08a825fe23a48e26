"""Embedding jobs whose server returns unusual vectors: without direction, invalid, of other lengths."""

from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import orjson
import pytest

from core.calls import CallService
from core.embeddings.cache import VectorCache
from core.embeddings.job import EmbeddingJob
from core.runs.run import RunState
from tests.servers import ReceivedRequest, StubResponse, http_response, stub_server
from tests.unit.conftest import profile_for
from tests.unit.embeddings.jobs import SHORT, SMALL, TWO_EACH, job_for, result_of

MakeVectors = Callable[[int], list[Any]]
EmbedWith = Callable[[MakeVectors, EmbeddingJob], Awaitable[EmbeddingJob]]


def vectors_response(make_vectors: MakeVectors) -> Callable[[ReceivedRequest], StubResponse]:
    """Answer with what *make_vectors* returns for the number of inputs."""

    def respond(request: ReceivedRequest) -> StubResponse:
        vectors = make_vectors(len(orjson.loads(request.body)["input"]))
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ]
        return http_response({"object": "list", "model": "stub", "data": data})

    return respond


@pytest.fixture
def embed_with(calls: CallService) -> EmbedWith:
    """Run a job against a server with given vectors, two inputs per request."""

    async def embed(make_vectors: MakeVectors, job: EmbeddingJob) -> EmbeddingJob:
        async with stub_server(vectors_response(make_vectors)) as stub:
            await job.run(calls, profile_for(stub.url), TWO_EACH)
        return job

    return embed


@pytest.mark.parametrize("invalid", [[0.0, 0.0], [None, 1.0]], ids=["zeros", "null"])
async def test_skips_texts_whose_vector_has_no_direction(invalid: list[Any], embed_with: EmbedWith) -> None:
    job = job_for("a", "b", specs=(SMALL,))
    result = result_of(await embed_with(lambda inputs: [invalid] + [[3.0, 4.0]] * (inputs - 1), job))
    assert [item.text for item in result.inputs] == ["b"]
    assert [(warning.line, warning.kind) for warning in result.warnings] == [(1, "invalid vector")]
    assert np.isfinite(result.vectors[SMALL]).all()


@pytest.mark.parametrize(
    ("invalid", "fault"),
    [
        ([0.0, 0.0], "of zeros"),
        ([None, None], "with invalid numbers"),
        ([np.nan, np.inf], "with invalid numbers"),
    ],
    ids=["zeros", "null", "NaN"],
)
@pytest.mark.parametrize("texts", [("a",), ("a", "b", "c", "d", "e")], ids=["one text", "five texts"])
async def test_names_the_fault_if_no_vector_has_a_direction(
    invalid: list[Any], fault: str, texts: tuple[str, ...], embed_with: EmbedWith
) -> None:
    cache = VectorCache()
    job = await embed_with(lambda inputs: [invalid] * inputs, job_for(*texts, specs=(SMALL,), cache=cache))

    assert job.state is RunState.FAILED
    assert job.error
    assert job.error.title.startswith(f"{SMALL.model} returned only embeddings {fault}")
    assert len(cache) == 0


async def test_fails_the_run_of_a_single_text_without_direction(embed_with: EmbedWith) -> None:
    job = await embed_with(lambda _: [[0.0, 0.0]], job_for("a", specs=(SMALL,)))

    run = job.logs[0].snapshot()
    assert (run.state, run.error) == (RunState.FAILED, job.error)


async def test_caches_no_vector_without_a_direction(embed_with: EmbedWith) -> None:
    cache = VectorCache()
    await embed_with(lambda _: [[0.0, 0.0], [3.0, 4.0]], job_for("a", "b", specs=(SMALL,), cache=cache))

    assert len(cache) == 1


async def test_normalises_vectors(embed_with: EmbedWith) -> None:
    job = await embed_with(lambda inputs: [[3.0, 4.0]] * inputs, job_for("a"))
    assert result_of(job).vectors[SHORT][0] == pytest.approx([0.6, 0.8])


async def test_warns_about_ignored_dimensions(embed_with: EmbedWith) -> None:
    job = await embed_with(lambda inputs: [[1.0] * 8] * inputs, job_for("a"))
    assert "returned 8 dimensions instead of 64" in result_of(job).warnings[-1].message


async def test_rejects_lengths_that_change_between_requests(embed_with: EmbedWith) -> None:
    job = await embed_with(lambda inputs: [[1.0] * inputs] * inputs, job_for("a", "b", "c"))
    assert job.error
    assert "different lengths: 1, 2" in job.error.title
