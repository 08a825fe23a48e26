"""Embedding jobs against the sandbox: requests, cache, failures, cancellation, results."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest

from core.calls import CallService
from core.client.profile import Profile
from core.embeddings.batching import prepare_batch
from core.embeddings.cache import VectorCache
from core.embeddings.job import EmbeddingJob
from core.embeddings.request import EmbeddingSpec
from core.runner.options import DEFAULT_OPTIONS
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.runners import Runners
from core.runner.work import WorkItem, WorkJob
from core.runs.run import RunState
from core.sandbox.server import SandboxServer
from core.storage.store import Store
from tests.unit.conftest import profile_for
from tests.unit.embeddings.jobs import ONE_EACH, SHORT, SMALL, TWO_EACH, input_texts, job_for, result_of


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def profile(server: SandboxServer) -> Profile:
    server.reset()
    return profile_for(server.url, server.key)


async def test_embeds_every_text_with_every_spec(calls: CallService, profile: Profile) -> None:
    job = job_for("a", "b", "c", specs=(SMALL, SHORT))
    await job.run(calls, profile, TWO_EACH)
    assert (job.state, job.completed, job.total, len(job.logs)) == (RunState.DONE, 6, 6, 4)
    assert {spec: vectors.shape for spec, vectors in result_of(job).vectors.items()} == {
        SMALL: (3, 1536),
        SHORT: (3, 64),
    }


async def test_returns_the_same_vectors_however_requests_are_split(
    calls: CallService, profile: Profile
) -> None:
    texts = [f"text number {number}" for number in range(9)]
    one_request, five_requests = job_for(*texts), job_for(*texts)
    await one_request.run(calls, profile)
    await five_requests.run(calls, profile, TWO_EACH)
    vectors, expected = (result_of(job).vectors[SHORT] for job in (five_requests, one_request))
    assert np.allclose(vectors, expected, atol=1e-6)


async def test_records_a_run_for_every_request(calls: CallService, profile: Profile) -> None:
    job = job_for("a", "b", "c")
    await job.run(calls, profile, TWO_EACH)
    runs = [log.snapshot() for log in job.logs]
    assert [run.params["input"] for run in runs] == [["a", "b"], ["c"]]
    assert all(run.usage and run.request_id and run.response and run.model == SHORT.model for run in runs)


async def test_requests_duplicates_once(calls: CallService, profile: Profile) -> None:
    job = job_for("same", "other", "same")
    await job.run(calls, profile)
    vectors = result_of(job).vectors[SHORT]
    assert vectors[0] @ vectors[2] == pytest.approx(1, abs=1e-5)
    assert job.logs[0].snapshot().params["input"] == ["same", "other"]


async def test_requests_only_what_is_not_cached(calls: CallService, profile: Profile) -> None:
    cache = VectorCache()
    await job_for("a", "b", cache=cache).run(calls, profile)
    job = job_for("b", "c", cache=cache)
    await job.run(calls, profile)
    assert job.cache_hits == 1
    assert [log.snapshot().params["input"] for log in job.logs] == [["c"]]


async def test_names_the_runs_that_received_its_vectors(calls: CallService, profile: Profile) -> None:
    cache = VectorCache()
    first, second = job_for("a", "b", cache=cache), job_for("b", "c", "a", cache=cache)
    await first.run(calls, profile)
    await second.run(calls, profile)
    cached = job_for("a", "c", cache=cache)
    await cached.run(calls, profile)

    assert second.run_ids == (first.logs[0].id, second.logs[0].id)
    assert (cached.logs, cached.run_ids) == ([], second.run_ids)


async def test_averages_the_chunks_of_a_long_text_weighted_by_tokens(
    calls: CallService, profile: Profile
) -> None:
    batch = prepare_batch(input_texts(" ".join(["word"] * 30)), "cl100k_base", "average", max_tokens=12)
    job = EmbeddingJob(batch, [SMALL], VectorCache())
    await job.run(calls, profile)
    chunk_job = job_for(*(chunk.text for chunk in batch.chunks), specs=(SMALL,))
    await chunk_job.run(calls, profile)
    indices = list(batch.chunk_indices[0])
    vectors = result_of(chunk_job).vectors[SMALL][indices]
    mean = np.average(vectors, axis=0, weights=[batch.chunks[index].tokens for index in indices])
    assert np.allclose(result_of(job).vectors[SMALL][0], mean / np.linalg.norm(mean), atol=1e-5)


async def test_resumes_after_a_failure(calls: CallService, profile: Profile, server: SandboxServer) -> None:
    cache = VectorCache()
    server.settings.update({"faults": ["500"]})
    failed = job_for("a", "b", "c", "d", cache=cache)
    await failed.run(calls, profile, ONE_EACH)
    assert failed.state is RunState.FAILED
    assert failed.error
    resumed = job_for("a", "b", "c", "d", cache=cache)
    await resumed.run(calls, profile)
    assert (resumed.state, resumed.cache_hits) == (RunState.DONE, failed.completed)


async def test_retries_a_server_error(calls: CallService, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500"]})
    job = job_for("a")
    await job.run(calls, profile_for(server.url, server.key, max_retries=1))
    assert job.state is RunState.DONE
    assert len(job.logs[0].snapshot().attempts) == 1


async def test_counts_completed_vectors_when_stopped(
    server: SandboxServer, calls: CallService, profile: Profile
) -> None:
    cache = VectorCache()
    await job_for("a", cache=cache).run(calls, profile)
    server.settings.update({"latency": "ttft=30"})
    job = job_for("a", "b", cache=cache)
    task = asyncio.create_task(job.run(calls, profile))
    while not job.logs:
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (job.state, job.completed, job.result) == (RunState.STOPPED, 1, None)


async def test_counts_only_vectors_that_are_still_cached(calls: CallService, profile: Profile) -> None:
    job = job_for("a", "b", "c", cache=VectorCache(max_bytes=2 * 64 * 4))
    await job.run(calls, profile)
    assert (job.completed, job.cached_count()) == (3, 2)


async def test_uses_little_more_memory_than_its_vectors(calls: CallService, profile: Profile) -> None:
    cache, specs = VectorCache(), tuple(EmbeddingSpec(f"m{number}") for number in range(4))
    texts = [str(number) for number in range(50)]
    for spec, text in product(specs, texts):
        cache.put(profile.base_url, spec, text, np.ones(20_000, np.float32))
    job = job_for(*texts, specs=specs, cache=cache)
    tracemalloc.start()
    try:
        await job.run(calls, profile)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * sum(vectors.nbytes for vectors in result_of(job).vectors.values())


async def test_sends_no_more_requests_after_an_error(calls: CallService, server: SandboxServer) -> None:
    job = job_for(*map(str, range(40)))
    await job.run(calls, profile_for(server.url, "sk-wrong"), ONE_EACH)
    assert job.error
    assert (job.error.status, job.state) == (401, RunState.FAILED)
    assert len(job.logs) <= 8


async def test_leaves_no_job_behind(calls: CallService, store: Store, profile: Profile) -> None:
    await job_for("a", "b").run(calls, profile, ONE_EACH)

    assert JobRepository(store, calls.owner).list("embeddings") == []


async def test_deletes_the_job_of_a_process_that_was_killed(
    calls: CallService, store: Store, profile: Profile
) -> None:
    jobs = JobRepository(store, calls.owner)
    yesterday = datetime.now(UTC) - timedelta(days=2)
    jobs.create(WorkJob("embeddings", "p", profile.base_url, "m", created_at=yesterday), [WorkItem("0")])

    await job_for("a").run(calls, profile)

    assert jobs.list("embeddings") == []


class RecordingRunners(Runners):
    """Remembers the priority of each job."""

    def __init__(self) -> None:
        super().__init__()
        self.priorities: list[int] = []

    async def start(self, *args: Any, **more: Any) -> Runner:
        self.priorities.append(more["options"].priority)
        return await super().start(*args, **more)


async def test_goes_before_jobs_in_the_background(calls: CallService, profile: Profile) -> None:
    runners = RecordingRunners()

    await job_for("a").run(calls, profile, runners=runners)

    assert [priority > DEFAULT_OPTIONS.priority for priority in runners.priorities] == [True]
