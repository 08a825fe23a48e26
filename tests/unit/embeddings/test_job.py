"""Many texts at once: against the sandbox, with everything that can come between."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import orjson
import pytest

from core.calls import CallService
from core.client.profile import Profile
from core.embeddings.batching import RequestLimits, prepare_batch
from core.embeddings.cache import VectorCache
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingJob, EmbeddingResult
from core.embeddings.request import EmbeddingSpec
from core.runs.run import RunState
from core.sandbox.server import SandboxServer
from tests.servers import ReceivedRequest, StubResponse, http_response, stub_server
from tests.unit.conftest import profile_for

SMALL, SHORT = EmbeddingSpec("text-embedding-3-small"), EmbeddingSpec("text-embedding-3-small", 64)
ONE_EACH, TWO_EACH = RequestLimits(inputs=1), RequestLimits(inputs=2)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def profile(server: SandboxServer) -> Profile:
    server.reset()
    return profile_for(server.url, server.key)


def texts(*some: str) -> list[InputText]:
    return [InputText(line, text) for line, text in enumerate(some, 1)]


def work_on(
    *some: str, spaces: tuple[EmbeddingSpec, ...] = (SHORT,), cache: VectorCache | None = None
) -> EmbeddingJob:
    return EmbeddingJob(
        prepare_batch(texts(*some), "cl100k_base"), spaces, VectorCache() if cache is None else cache
    )


def result(work: EmbeddingJob) -> EmbeddingResult:
    assert work.result, work.error
    return work.result


async def test_embeds_every_text_in_every_space(calls: CallService, profile: Profile) -> None:
    work = work_on("a", "b", "c", spaces=(SMALL, SHORT))
    await work.run(calls, profile, TWO_EACH)
    assert (work.state, work.completed, work.total, len(work.logs)) == (RunState.DONE, 6, 6, 4)
    assert {space: rows.shape for space, rows in result(work).vectors.items()} == {
        SMALL: (3, 1536),
        SHORT: (3, 64),
    }


async def test_keeps_row_and_text_together_whatever_the_packing(calls: CallService, profile: Profile) -> None:
    some = [f"text number {number}" for number in range(9)]
    together, apart = work_on(*some), work_on(*some)
    await together.run(calls, profile)
    await apart.run(calls, profile, TWO_EACH)
    assert np.allclose(result(together).vectors[SHORT], result(apart).vectors[SHORT], atol=1e-6)


async def test_makes_a_run_of_every_request(calls: CallService, profile: Profile) -> None:
    work = work_on("a", "b", "c")
    await work.run(calls, profile, TWO_EACH)
    runs = [log.snapshot() for log in work.logs]
    assert [run.params["input"] for run in runs] == [["a", "b"], ["c"]]
    assert all(run.usage and run.request_id and run.response and run.model == SHORT.model for run in runs)


async def test_gives_duplicates_the_same_vector_for_one_price(calls: CallService, profile: Profile) -> None:
    work = work_on("same", "other", "same")
    await work.run(calls, profile)
    rows = result(work).vectors[SHORT]
    assert rows[0] @ rows[2] == pytest.approx(1, abs=1e-5)
    assert work.logs[0].snapshot().params["input"] == ["same", "other"]


async def test_asks_for_nothing_twice(calls: CallService, profile: Profile) -> None:
    cache = VectorCache()
    await work_on("a", "b", cache=cache).run(calls, profile)
    again = work_on("b", "c", cache=cache)
    await again.run(calls, profile)
    assert again.cache_hits == 1
    assert [log.snapshot().params["input"] for log in again.logs] == [["c"]]


async def test_averages_the_parts_of_a_long_text_by_their_tokens(
    calls: CallService, profile: Profile
) -> None:
    long = " ".join(["word"] * 30)
    prepared = prepare_batch(texts(long), "cl100k_base", "average", max_tokens=12)
    work = EmbeddingJob(prepared, [SMALL], VectorCache())
    await work.run(calls, profile)
    parts = work_on(*(piece.text for piece in prepared.chunks), spaces=(SMALL,))
    await parts.run(calls, profile)
    rows = result(parts).vectors[SMALL][list(prepared.chunk_indices[0])]
    mean = np.average(rows, axis=0, weights=[prepared.chunks[at].tokens for at in prepared.chunk_indices[0]])
    assert np.allclose(result(work).vectors[SMALL][0], mean / np.linalg.norm(mean), atol=1e-5)


async def test_goes_on_after_a_failure_where_it_ended(
    calls: CallService, profile: Profile, server: SandboxServer
) -> None:
    cache = VectorCache()
    server.settings.update({"faults": ["500"]})
    failed = work_on("a", "b", "c", "d", cache=cache)
    await failed.run(calls, profile, ONE_EACH)
    assert failed.state is RunState.FAILED
    assert failed.error
    again = work_on("a", "b", "c", "d", cache=cache)
    await again.run(calls, profile)
    assert (again.state, again.cache_hits) == (RunState.DONE, failed.completed)


async def test_retries_what_is_worth_it(calls: CallService, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500"]})
    work = work_on("a")
    await work.run(calls, profile_for(server.url, server.key, max_retries=1))
    assert work.state is RunState.DONE
    assert len(work.logs[0].snapshot().attempts) == 1


async def test_keeps_what_had_arrived_when_stopped(
    server: SandboxServer, calls: CallService, profile: Profile
) -> None:
    cache = VectorCache()
    await work_on("a", cache=cache).run(calls, profile)
    server.settings.update({"pace": "ttft=30"})
    work = work_on("a", "b", cache=cache)
    task = asyncio.create_task(work.run(calls, profile))
    while not work.logs:
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (work.state, work.completed, work.result) == (RunState.STOPPED, 1, None)


async def test_counts_only_what_the_cache_had_room_for(calls: CallService, profile: Profile) -> None:
    work = work_on("a", "b", "c", cache=VectorCache(max_bytes=2 * 64 * 4))
    await work.run(calls, profile)
    assert (work.completed, work.cached_count()) == (3, 2)


async def test_takes_little_more_memory_than_its_vectors(calls: CallService, profile: Profile) -> None:
    cache, spaces = VectorCache(), tuple(EmbeddingSpec(f"m{number}") for number in range(4))
    some = [str(number) for number in range(50)]
    for space, text in product(spaces, some):
        cache.put(profile.base_url, space, text, np.ones(20_000, np.float32))
    work = work_on(*some, spaces=spaces, cache=cache)
    tracemalloc.start()
    try:
        await work.run(calls, profile)
        assert tracemalloc.get_traced_memory()[1] < 1.3 * sum(
            rows.nbytes for rows in result(work).vectors.values()
        )
    finally:
        tracemalloc.stop()


async def test_sends_no_more_after_a_refusal(calls: CallService, server: SandboxServer) -> None:
    work = work_on(*map(str, range(40)))
    await work.run(calls, profile_for(server.url, "sk-wrong"), ONE_EACH)
    assert work.error
    assert (work.error.status, work.state) == (401, RunState.FAILED)
    assert len(work.logs) <= 8


def vectors_for(make: Callable[[int], list[Any]]) -> Callable[[ReceivedRequest], StubResponse]:
    """A server whose vectors *make* decides, from the number of inputs."""

    def script(request: ReceivedRequest) -> StubResponse:
        rows = make(len(orjson.loads(request.body)["input"]))
        data = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
        return http_response({"object": "list", "model": "odd", "data": data})

    return script


@pytest.fixture
def embed_with(calls: CallService) -> Callable[..., Awaitable[EmbeddingJob]]:
    """Run a job against a server whose vectors *make* decides."""

    async def embed(make: Callable[[int], list[Any]], job: EmbeddingJob) -> EmbeddingJob:
        async with stub_server(vectors_for(make)) as stub:
            await job.run(calls, profile_for(stub.url), TWO_EACH)
        return job

    return embed


EmbedWith = Callable[[Callable[[int], list[Any]], EmbeddingJob], Awaitable[EmbeddingJob]]


@pytest.mark.parametrize("odd", [[0.0, 0.0], [None, 1.0]], ids=["zeros", "no numbers"])
async def test_leaves_out_texts_whose_vector_has_no_direction(odd: list[Any], embed_with: EmbedWith) -> None:
    work = await embed_with(
        lambda inputs: [odd] + [[3.0, 4.0]] * (inputs - 1), work_on("a", "b", spaces=(SMALL,))
    )
    assert [item.text for item in result(work).inputs] == ["b"]
    assert [(remark.line, remark.kind) for remark in result(work).warnings] == [(1, "odd vector")]
    assert np.isfinite(result(work).vectors[SMALL]).all()


async def test_scales_vectors_to_unit_length(embed_with: EmbedWith) -> None:
    work = await embed_with(lambda inputs: [[3.0, 4.0]] * inputs, work_on("a"))
    assert result(work).vectors[SHORT][0] == pytest.approx([0.6, 0.8])


async def test_says_that_dimensions_were_ignored(embed_with: EmbedWith) -> None:
    work = await embed_with(lambda inputs: [[1.0] * 8] * inputs, work_on("a"))
    assert "sent 8 numbers where 64 were requested" in result(work).warnings[-1].message


async def test_refuses_lengths_that_change_between_requests(embed_with: EmbedWith) -> None:
    work = await embed_with(lambda inputs: [[1.0] * inputs] * inputs, work_on("a", "b", "c"))
    assert work.error
    assert "different lengths: 1, 2" in work.error.title
