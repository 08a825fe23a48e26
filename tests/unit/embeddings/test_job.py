"""Many texts at once: against the sandbox, with everything that can come between."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import orjson
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from core.client.retry import RetryPolicy
from core.embeddings.batching import RequestLimits, prepare_batch
from core.embeddings.cache import VectorCache
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingJob, EmbeddingResult, RequestOptions
from core.embeddings.request import EmbeddingSpec
from core.runs.run import RunState
from core.sandbox.server import SandboxServer
from tests.servers import ReceivedRequest, StubResponse, http_response, stub_server

SMALL, SHORT = EmbeddingSpec("text-embedding-3-small"), EmbeddingSpec("text-embedding-3-small", 64)
IN_TWOS = RequestOptions(RequestLimits(inputs=2), RetryPolicy(0))


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
async def client(server: SandboxServer) -> AsyncIterator[AsyncOpenAI]:
    server.reset()
    async with DefaultAsyncHttpx2Client(trust_env=False) as http_client:
        yield AsyncOpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)


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


async def test_embeds_every_text_in_every_space(client: AsyncOpenAI) -> None:
    work = work_on("a", "b", "c", spaces=(SMALL, SHORT))
    await work.run(client, IN_TWOS)
    assert (work.state, work.completed, work.total, len(work.logs)) == (RunState.DONE, 6, 6, 4)
    assert {space: rows.shape for space, rows in result(work).vectors.items()} == {
        SMALL: (3, 1536),
        SHORT: (3, 64),
    }


async def test_keeps_row_and_text_together_whatever_the_packing(client: AsyncOpenAI) -> None:
    some = [f"text number {number}" for number in range(9)]
    together, apart = work_on(*some), work_on(*some)
    await together.run(client)
    await apart.run(client, IN_TWOS)
    assert np.allclose(result(together).vectors[SHORT], result(apart).vectors[SHORT], atol=1e-6)


async def test_makes_a_run_of_every_request(client: AsyncOpenAI) -> None:
    work = work_on("a", "b", "c")
    await work.run(client, IN_TWOS)
    runs = [log.snapshot() for log in work.logs]
    assert [run.params["input"] for run in runs] == [["a", "b"], ["c"]]
    assert all(run.usage and run.request_id and run.response and run.model == SHORT.model for run in runs)


async def test_gives_duplicates_the_same_vector_for_one_price(client: AsyncOpenAI) -> None:
    work = work_on("same", "other", "same")
    await work.run(client)
    rows = result(work).vectors[SHORT]
    assert rows[0] @ rows[2] == pytest.approx(1, abs=1e-5)
    assert work.logs[0].snapshot().params["input"] == ["same", "other"]


async def test_asks_for_nothing_twice(client: AsyncOpenAI) -> None:
    cache = VectorCache()
    await work_on("a", "b", cache=cache).run(client)
    again = work_on("b", "c", cache=cache)
    await again.run(client)
    assert again.cache_hits == 1
    assert [log.snapshot().params["input"] for log in again.logs] == [["c"]]


async def test_averages_the_parts_of_a_long_text_by_their_tokens(client: AsyncOpenAI) -> None:
    long = " ".join(["word"] * 30)
    prepared = prepare_batch(texts(long), "cl100k_base", "average", max_tokens=12)
    work = EmbeddingJob(prepared, [SMALL], VectorCache())
    await work.run(client)
    parts = work_on(*(piece.text for piece in prepared.chunks), spaces=(SMALL,))
    await parts.run(client)
    rows = result(parts).vectors[SMALL][list(prepared.chunk_indices[0])]
    mean = np.average(rows, axis=0, weights=[prepared.chunks[at].tokens for at in prepared.chunk_indices[0]])
    assert np.allclose(result(work).vectors[SMALL][0], mean / np.linalg.norm(mean), atol=1e-5)


async def test_goes_on_after_a_failure_where_it_ended(client: AsyncOpenAI, server: SandboxServer) -> None:
    cache = VectorCache()
    server.settings.update({"faults": ["500"]})
    failed = work_on("a", "b", "c", "d", cache=cache)
    await failed.run(client, RequestOptions(RequestLimits(inputs=1), RetryPolicy(0)))
    assert failed.state is RunState.FAILED
    assert failed.error
    again = work_on("a", "b", "c", "d", cache=cache)
    await again.run(client)
    assert (again.state, again.cache_hits) == (RunState.DONE, failed.completed)


async def test_retries_what_is_worth_it(client: AsyncOpenAI, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500"]})
    work = work_on("a")
    await work.run(client, RequestOptions(retry_policy=RetryPolicy(1, rng=lambda: 1.0)))
    assert work.state is RunState.DONE
    assert len(work.logs[0].snapshot().attempts) == 1


async def test_keeps_what_had_arrived_when_stopped(server: SandboxServer, client: AsyncOpenAI) -> None:
    cache = VectorCache()
    await work_on("a", cache=cache).run(client)
    server.settings.update({"pace": "ttft=30"})
    work = work_on("a", "b", cache=cache)
    task = asyncio.create_task(work.run(client))
    while not work.logs:
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (work.state, work.completed, work.result) == (RunState.STOPPED, 1, None)


async def test_counts_only_what_the_cache_had_room_for(client: AsyncOpenAI) -> None:
    work = work_on("a", "b", "c", cache=VectorCache(max_bytes=2 * 64 * 4))
    await work.run(client)
    assert (work.completed, work.cached_count()) == (3, 2)


async def test_takes_little_more_memory_than_its_vectors(client: AsyncOpenAI) -> None:
    cache, spaces = VectorCache(), tuple(EmbeddingSpec(f"m{number}") for number in range(4))
    some = [str(number) for number in range(50)]
    for space, text in product(spaces, some):
        cache.put(str(client.base_url), space, text, np.ones(20_000, np.float32))
    work = work_on(*some, spaces=spaces, cache=cache)
    tracemalloc.start()
    try:
        await work.run(client)
        assert tracemalloc.get_traced_memory()[1] < 1.3 * sum(
            rows.nbytes for rows in result(work).vectors.values()
        )
    finally:
        tracemalloc.stop()


async def test_sends_no_more_after_a_refusal(client: AsyncOpenAI) -> None:
    work = work_on(*map(str, range(40)))
    await work.run(
        client.with_options(api_key="sk-wrong"), RequestOptions(RequestLimits(inputs=1), RetryPolicy(0))
    )
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


async def made_by(
    make: Callable[[int], list[Any]], work: EmbeddingJob, manner: RequestOptions = IN_TWOS
) -> EmbeddingJob:
    async with (
        stub_server(vectors_for(make)) as quirky,
        AsyncOpenAI(base_url=quirky.url, api_key="k", max_retries=0) as sdk,
    ):
        await work.run(sdk, manner)
    return work


@pytest.mark.parametrize("odd", [[0.0, 0.0], [None, 1.0]], ids=["zeros", "no numbers"])
async def test_leaves_out_texts_whose_vector_has_no_direction(odd: list[Any]) -> None:
    work = await made_by(
        lambda inputs: [odd] + [[3.0, 4.0]] * (inputs - 1), work_on("a", "b", spaces=(SMALL,))
    )
    assert [item.text for item in result(work).inputs] == ["b"]
    assert [(remark.line, remark.kind) for remark in result(work).warnings] == [(1, "odd vector")]
    assert np.isfinite(result(work).vectors[SMALL]).all()


async def test_scales_vectors_to_unit_length() -> None:
    work = await made_by(lambda inputs: [[3.0, 4.0]] * inputs, work_on("a"))
    assert result(work).vectors[SHORT][0] == pytest.approx([0.6, 0.8])


async def test_says_that_dimensions_were_ignored() -> None:
    work = await made_by(lambda inputs: [[1.0] * 8] * inputs, work_on("a"))
    assert "sent 8 numbers where 64 were asked for" in result(work).warnings[-1].message


async def test_refuses_lengths_that_change_between_requests() -> None:
    work = await made_by(lambda inputs: [[1.0] * inputs] * inputs, work_on("a", "b", "c"))
    assert work.error
    assert "different lengths: 1, 2" in work.error.title


def test_forgets_the_least_used_beyond_its_budget() -> None:
    cache, row = VectorCache(max_bytes=2 * 8), np.ones(2, np.float32)
    cache.put("s", SMALL, "a", row)
    cache.put("s", SMALL, "b", row)
    cache.get("s", SMALL, "a")
    cache.put("s", SMALL, "c", row)
    assert cache.get("s", SMALL, "b") is None
    assert cache.get("s", SMALL, "a") is not None
    assert len(cache) == 2


@pytest.mark.parametrize(
    "other", [("t", SMALL, "a"), ("s", SHORT, "a"), ("s", SMALL, "b")], ids=["server", "space", "text"]
)
def test_tells_vectors_apart_by_all_they_depend_on(other: tuple[str, EmbeddingSpec, str]) -> None:
    cache = VectorCache()
    cache.put("s", SMALL, "a", np.ones(2, np.float32))
    assert cache.get(*other) is None
