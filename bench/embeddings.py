"""Time of the analyses of many vectors, time and memory of 10,000 texts: `python -m bench.embeddings`."""

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the app does

import numpy as np
from pydantic import SecretStr

from core.calls import CallService
from core.client.client import close_http_clients
from core.client.profile import Profile
from core.embeddings.batching import prepare_batch
from core.embeddings.cache import VectorCache
from core.embeddings.clustering import even_sample, leaf_order
from core.embeddings.comparison import compare_neighbours
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingJob
from core.embeddings.request import EmbeddingSpec
from core.embeddings.similarity import (
    histogram,
    mean_knn_similarity,
    near_duplicates,
    nearest_neighbours,
    ranking,
)
from core.embeddings.vectors import Matrix, cosine_similarity, normalise, project_pca, truncate_dimensions
from core.runs.jobs import Jobs
from core.sandbox.server import SandboxServer
from core.storage.store import Store

_MAX_SECONDS = 1.0
_MAX_MEGABYTES = 1_500
_SPEC = EmbeddingSpec("text-embedding-3-small")


def _vectors(rows: int, length: int = 1536) -> Matrix:
    """Return vectors in thirty clusters, like texts about thirty subjects."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((30, length))
    vectors = centres[rng.integers(0, 30, rows)] + rng.standard_normal((rows, length))
    return normalise(vectors.astype(np.float32))


def _analyses(vectors: Matrix) -> dict[str, Callable[[], object]]:
    """Return the computation of each panel."""
    neighbours = nearest_neighbours(vectors)
    sample = vectors[even_sample(len(vectors), 50)]

    def dimensions() -> object:
        truncated = truncate_dimensions(vectors, 256)
        return compare_neighbours((vectors, neighbours), (truncated, nearest_neighbours(truncated)))

    return {
        "neighbours": lambda: nearest_neighbours(vectors),
        "heatmap": lambda: leaf_order(cosine_similarity(sample)),
        "map": lambda: project_pca(vectors),
        "duplicates, outliers": lambda: (near_duplicates(neighbours, 0.9), mean_knn_similarity(neighbours)),
        "histogram": lambda: histogram(vectors),
        "query": lambda: ranking(vectors[0], vectors),
        "256 dimensions": dimensions,
    }


def _report_analyses(rows: int, runs: int) -> None:
    total = 0.0
    for name, analysis in _analyses(_vectors(rows)).items():
        seconds = statistics.median(_measure(analysis) for _ in range(runs))
        total += seconds
        print(f"{rows:>6,} x 1,536  {name:<22} {seconds * 1000:8.0f} ms")
    print(f"{rows:>6,} x 1,536  {'all':<22} {total * 1000:8.0f} ms (limit for 2,000: {_MAX_SECONDS:g} s)")


def _measure(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


async def _measure_loop_delay(delays: list[float]) -> None:
    """Record how late the event loop wakes up: replies on other pages are delayed as much."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.01)
        delays.append(time.perf_counter() - started - 0.01)


async def _embed(server: SandboxServer, texts: int) -> None:
    subjects = ("rain", "code", "dogs", "pasta", "banks", "trains", "music")
    inputs = [
        InputText(line, f"Text {line} is about {subjects[line % 7]} and no. {line * 31}")
        for line in range(texts)
    ]
    started = time.perf_counter()
    job = EmbeddingJob(prepare_batch(inputs, "cl100k_base"), [_SPEC], VectorCache())
    prepared = time.perf_counter()
    delays: list[float] = []
    watch = asyncio.create_task(_measure_loop_delay(delays))
    profile = Profile(
        id="bench",
        name="Benchmark",
        kind="custom",
        base_url=server.url,
        api_key=SecretStr(server.key),
        max_retries=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(directory=Path(folder))
        calls = CallService(Jobs(), lambda: store, "local", "bench", lambda _run: None)
        await job.run(calls, profile)
        await close_http_clients()
        store.close()
    watch.cancel()
    assert job.result
    ended = time.perf_counter()
    print(
        f"{texts:,} texts: prepared in {prepared - started:.1f} s, "
        f"embedded and compared in {ended - prepared:.1f} s over {len(job.logs)} requests; "
        f"loop delay {statistics.quantiles(delays, n=100)[98] * 1000:.0f} ms "
        f"(p99), {max(delays) * 1000:.0f} ms (maximum)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--texts", type=int, default=10_000)
    options = parser.parse_args()
    for rows in (200, 2_000, options.texts):
        _report_analyses(rows, options.runs)
    with SandboxServer() as server:
        asyncio.run(_embed(server, options.texts))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory, sandbox included: {megabytes:,.0f} MB (limit: {_MAX_MEGABYTES:,} MB)")


if __name__ == "__main__":
    main()
