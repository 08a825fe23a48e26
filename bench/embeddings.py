"""How soon the views of many vectors are there, and what 10,000 texts take: `python -m bench.embeddings`."""

import argparse
import asyncio
import os
import resource
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the app does

import numpy as np

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
from core.sandbox.server import SandboxServer

_MUST_VIEWS = 1.0
_MUST_MEGABYTES = 1_500
_SPACE = EmbeddingSpec("text-embedding-3-small")


def _vectors(rows: int, length: int = 1536) -> Matrix:
    """Thirty groups of rows, as texts have subjects."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((30, length))
    return normalise(
        (centres[rng.integers(0, 30, rows)] + rng.standard_normal((rows, length))).astype(np.float32)
    )


def _views(rows: Matrix) -> dict[str, Callable[[], object]]:
    """What is computed for each view, from vectors that have just arrived."""
    near = nearest_neighbours(rows)
    few = rows[even_sample(len(rows), 50)]

    def dimensions() -> object:
        short = truncate_dimensions(rows, 256)
        return compare_neighbours((rows, near), (short, nearest_neighbours(short)))

    return {
        "neighbours": lambda: nearest_neighbours(rows),
        "heatmap": lambda: leaf_order(cosine_similarity(few)),
        "map": lambda: project_pca(rows),
        "duplicates, outliers": lambda: (near_duplicates(near, 0.9), mean_knn_similarity(near)),
        "histogram": lambda: histogram(rows),
        "query": lambda: ranking(rows[0], rows),
        "256 dimensions": dimensions,
    }


def _report_views(rows: int, runs: int) -> None:
    total = 0.0
    for name, view in _views(_vectors(rows)).items():
        seconds = statistics.median(_timed(view) for _ in range(runs))
        total += seconds
        print(f"{rows:>6,} x 1,536  {name:<22} {seconds * 1000:8.0f} ms")
    print(f"{rows:>6,} x 1,536  {'all views':<22} {total * 1000:8.0f} ms (must for 2,000: {_MUST_VIEWS:g} s)")


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


async def _lag(worst: list[float]) -> None:
    """Note how late the loop wakes up: that long is a reply on another page held up."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.01)
        worst.append(time.perf_counter() - started - 0.01)


async def _embed(server: SandboxServer, texts: int) -> None:
    from openai import AsyncOpenAI

    subjects = ("rain", "code", "dogs", "pasta", "banks", "trains", "music")
    items = [
        InputText(line, f"Text {line} is about {subjects[line % 7]} and no. {line * 31}")
        for line in range(texts)
    ]
    began = time.perf_counter()
    work = EmbeddingJob(prepare_batch(items, "cl100k_base"), [_SPACE], VectorCache())
    counted = time.perf_counter() - began
    lags: list[float] = []
    watch = asyncio.create_task(_lag(lags))
    async with AsyncOpenAI(base_url=server.url, api_key=server.key, max_retries=0) as client:
        await work.run(client)
    watch.cancel()
    assert work.result
    spent = time.perf_counter() - began - counted
    print(
        f"{texts:,} texts: counted in {counted:.1f} s, embedded and compared in {spent:.1f} s over "
        f"{len(work.logs)} requests; loop late by {statistics.quantiles(lags, n=100)[98] * 1000:.0f} ms "
        f"(p99) and {max(lags) * 1000:.0f} ms (worst)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--texts", type=int, default=10_000)
    options = parser.parse_args()
    for rows in (200, 2_000, options.texts):
        _report_views(rows, options.runs)
    with SandboxServer() as server:
        asyncio.run(_embed(server, options.texts))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory, sandbox included: {megabytes:,.0f} MB (must: {_MUST_MEGABYTES:,} MB)")


if __name__ == "__main__":
    main()
