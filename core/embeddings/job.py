"""Many texts in several spaces: concurrent requests, progress, Stop, and going on where it ended."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from core.client.retry import RetryPolicy
from core.embeddings.batching import EmbeddingBatch, RequestLimits, TextChunk, split_requests
from core.embeddings.cache import VectorCache
from core.embeddings.inputs import InputText, InputWarning
from core.embeddings.request import ENDPOINT, EmbeddingSpec, embed
from core.embeddings.response import EmbeddingResponse
from core.embeddings.similarity import Neighbours, nearest_neighbours
from core.embeddings.vectors import Matrix, has_direction, normalise_in_place
from core.errors.explain import explain
from core.errors.types import Explanation, PlaygroundError
from core.runs.log import RunLog
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_CONCURRENCY = 4

Runner = Callable[[RunLog, Coroutine[Any, Any, None]], Awaitable[None]]


async def run_directly(_log: RunLog, work: Coroutine[Any, Any, None]) -> None:
    await work


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """How the requests are made: limits of one, retries, what a run is called, and who sees it through."""

    limits: RequestLimits = field(default_factory=RequestLimits)
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    profile_name: str = ""
    runner: Runner = run_directly


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """Unit vectors of *items* by space, row for row, without those that a space has no direction for.

    `near` holds the ten nearest of each: finding them among 10,000 takes seconds.
    """

    inputs: tuple[InputText, ...]
    vectors: Mapping[EmbeddingSpec, Matrix]
    neighbours: Mapping[EmbeddingSpec, Neighbours]
    warnings: tuple[InputWarning, ...]

    @property
    def specs(self) -> tuple[EmbeddingSpec, ...]:
        return tuple(self.vectors)


class EmbeddingJob:
    """The embedding of *prepared* in *spaces*. `done`, `runs` and `state` may be read from any thread.

    What has arrived is in the cache as far as it has room, so the same work begun again asks for the rest.
    """

    def __init__(self, prepared: EmbeddingBatch, spaces: Sequence[EmbeddingSpec], cache: VectorCache) -> None:
        self.batch = prepared
        self.specs = tuple(dict.fromkeys(spaces))
        self.total = len(prepared.chunks) * len(self.specs)
        self.state = RunState.RUNNING
        self.error: Explanation | None = None
        self.logs: list[RunLog] = []
        self.completed = 0
        self.cache_hits = 0
        self.result: EmbeddingResult | None = None
        self._cache = cache
        self._rows: dict[EmbeddingSpec, dict[int, Matrix]] = {space: {} for space in self.specs}
        self._server = ""
        self._lock = Lock()

    def cached_count(self) -> int:
        """Count the vectors that need not be asked for again: the cache may have forgotten some."""
        pieces = self.batch.chunks
        held = self._cache.contains
        return sum(held(self._server, space, piece.text) for space in self.specs for piece in pieces)

    async def run(self, client: "AsyncOpenAI", options: RequestOptions = RequestOptions()) -> None:
        """Get every vector; failures end in `state` and `error`, cancellation in `state` and as raised."""
        try:
            self._server = str(client.base_url)
            await asyncio.to_thread(self._look_up)
            await self._ask_for_the_rest(client, options)
            if not self.error:
                self.result = await asyncio.to_thread(self._build_result)
        except asyncio.CancelledError:
            self.state = RunState.STOPPED
            raise
        except Exception as bug:  # noqa: BLE001 - nobody awaits this; `explain` logs it, and the page ends
            self.fail(bug)
        finally:
            self._rows = {space: {} for space in self.specs}
        self.state = RunState.FAILED if self.error else RunState.DONE

    async def _ask_for_the_rest(self, client: "AsyncOpenAI", manner: RequestOptions) -> None:
        waiting = [(space, part) for space in self.specs for part in self._requests(space, manner.limits)]
        waiting.reverse()

        async def worker() -> None:
            while waiting and not self.error:
                await self._request(client, *waiting.pop(), manner)

        await _all_of(worker() for _ in range(min(MAX_CONCURRENCY, len(waiting))))

    def fail(self, problem: Exception) -> None:
        """End it with *problem*, which may come before the first request."""
        self.error = explain(problem)
        self.state = RunState.FAILED

    def _look_up(self) -> None:
        for space in self.specs:
            for place, piece in enumerate(self.batch.chunks):
                if (row := self._cache.get(self._server, space, piece.text)) is not None:
                    self._rows[space][place] = row
        self.cache_hits = self.completed = sum(len(rows) for rows in self._rows.values())

    def _requests(self, space: EmbeddingSpec, limits: RequestLimits) -> list[list[int]]:
        missing = [place for place in range(len(self.batch.chunks)) if place not in self._rows[space]]
        sizes = [self.batch.chunks[place].tokens for place in missing]
        return [[missing[at] for at in part] for part in split_requests(sizes, limits)]

    async def _request(
        self, client: "AsyncOpenAI", space: EmbeddingSpec, places: list[int], manner: RequestOptions
    ) -> None:
        pieces = [self.batch.chunks[place] for place in places]
        params = space.params([piece.text for piece in pieces])
        server = self._server.rstrip("/")
        log = RunLog(Run("embeddings", ENDPOINT, params, profile=manner.profile_name, base_url=server))
        self.logs.append(log)

        def take(found: EmbeddingResponse) -> None:
            self._take(space, list(zip(places, pieces, strict=True)), found.vectors)

        await manner.runner(log, embed(client, params, log, manner.retry_policy, take))
        self.error = self.error or log.snapshot().error

    def _take(self, space: EmbeddingSpec, asked: list[tuple[int, TextChunk]], vectors: Matrix) -> None:
        with self._lock:
            known = self._rows[space]
            lengths = {vectors.shape[1], *(len(row) for row in islice(known.values(), 1))}
            if len(lengths) > 1:
                told = ", ".join(map(str, sorted(lengths)))
                raise PlaygroundError(
                    f"{space.model} sent vectors of different lengths: {told}",
                    "The model behind this name may have changed. Reload the page and embed again.",
                )
            known.update({place: row for (place, _), row in zip(asked, vectors, strict=True)})
            self.completed += len(asked)
        for (_, piece), row in zip(asked, vectors, strict=True):
            self._cache.put(self._server, space, piece.text, row)

    def _build_result(self) -> EmbeddingResult:
        """Put items together from their pieces, and leave out those without a direction in any space.

        A space's pieces are let go as soon as its matrix is there: all at once would take gigabytes.
        """
        raw = {space: self._matrix(self._rows.pop(space)) for space in self.specs}
        good = np.ones(len(self.batch.inputs), bool)
        for rows in raw.values():
            good &= has_direction(rows)
        kept = np.flatnonzero(good)
        odd = [self.batch.inputs[at] for at in np.flatnonzero(~good).tolist()]
        remarks = [
            *self.batch.warnings,
            *(_invalid_vector_warning(item) for item in odd),
            *self._length_remarks(raw),
        ]
        if not good.all():
            for space in raw:
                raw[space] = raw[space][kept]
        for rows in raw.values():
            normalise_in_place(rows)
        near = {space: nearest_neighbours(rows) for space, rows in raw.items()}
        return EmbeddingResult(tuple(self.batch.inputs[at] for at in kept), raw, near, tuple(remarks))

    def _matrix(self, rows: Mapping[int, Matrix]) -> Matrix:
        parts = self.batch.chunk_indices
        found = np.empty((len(parts), len(next(iter(rows.values()), ()))), np.float32)
        for at, places in enumerate(parts):
            found[at] = rows[places[0]] if len(places) == 1 else self._mean(rows, places)
        return found

    def _mean(self, rows: Mapping[int, Matrix], places: Sequence[int]) -> Matrix:
        """Average the parts of a long text by their tokens, as OpenAI's Cookbook does for long inputs."""
        weights = [self.batch.chunks[place].tokens for place in places]
        return np.average(np.stack([rows[place] for place in places]), axis=0, weights=weights)

    def _length_remarks(self, raw: Mapping[EmbeddingSpec, Matrix]) -> list[InputWarning]:
        return [
            InputWarning(
                0,
                "odd vector",
                f"{space.model} sent {rows.shape[1]:,} numbers where {space.dimensions:,} were asked for.",
            )
            for space, rows in raw.items()
            if space.dimensions and rows.shape[1] != space.dimensions
        ]


async def _all_of(work: Any) -> None:
    """Run all at once; when one is cancelled or fails, so are the others, and they have ended."""
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(one)


def _invalid_vector_warning(item: InputText) -> InputWarning:
    said = "Its vector is all zero or not made of numbers, so its similarity is undefined: left out."
    return InputWarning(item.line, "odd vector", said)
