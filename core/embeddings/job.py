"""Embed many texts with several specs: concurrent requests, progress, Stop, resuming from the cache."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby, islice
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.calls import CallService
from core.embeddings.batching import EmbeddingBatch, RequestLimits, split_requests
from core.embeddings.cache import VectorCache
from core.embeddings.inputs import InputText, InputWarning
from core.embeddings.request import EmbeddingsCall, EmbeddingSpec
from core.embeddings.response import EmbeddingResponse
from core.embeddings.similarity import Neighbours, nearest_neighbours
from core.embeddings.vectors import Matrix, has_direction, normalise_in_place
from core.errors.explain import explain
from core.errors.types import Explanation, PlaygroundError
from core.pricing.prices import Cost, total_cost
from core.pricing.usage import Usage
from core.runner.options import INTERACTIVE_OPTIONS
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import WorkItem, WorkJob, WorkRequest
from core.runs.log import RunLog
from core.runs.run import RunState

if TYPE_CHECKING:
    from core.client.profile import Profile

MAX_CONCURRENCY = 4

# A model on this machine takes seconds for a large request: small ones show progress and meet timeouts.
_LOCAL_LIMITS = RequestLimits(inputs=128)

# Jobs of a process that was killed: their vectors are lost, so there is nothing to resume.
_MAX_JOB_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Request:
    """The chunks at *indices*, embedded with one request."""

    spec: EmbeddingSpec
    indices: list[int]


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """Unit vectors of *inputs* by spec, row for row, without inputs that have no direction in some spec.

    `neighbours` holds the ten nearest of each: computing them for 10,000 texts takes seconds.
    """

    inputs: tuple[InputText, ...]
    vectors: Mapping[EmbeddingSpec, Matrix]
    neighbours: Mapping[EmbeddingSpec, Neighbours]
    warnings: tuple[InputWarning, ...]

    @property
    def specs(self) -> tuple[EmbeddingSpec, ...]:
        return tuple(self.vectors)


class EmbeddingJob:
    """Embeds *batch* with *specs*. `completed`, `logs` and `state` may be read from any thread.

    Vectors that have arrived are in the cache as far as it has room, so running the same batch again
    requests only the rest.
    """

    def __init__(self, batch: EmbeddingBatch, specs: Sequence[EmbeddingSpec], cache: VectorCache) -> None:
        self.batch = batch
        self.specs = tuple(dict.fromkeys(specs))
        self.total = len(batch.chunks) * len(self.specs)
        self.state = RunState.RUNNING
        self.error: Explanation | None = None
        self.logs: list[RunLog] = []
        self.completed = 0
        self.cache_hits = 0
        self.result: EmbeddingResult | None = None
        self._cache = cache
        self._cached_run_ids: tuple[str, ...] = ()
        self._rows: dict[EmbeddingSpec, dict[int, Matrix]] = {spec: {} for spec in self.specs}
        self._server = ""
        self._lock = Lock()
        # The vectors belong to the browser session, which waits for them, so the requests end with its tab.
        self._options = replace(
            INTERACTIVE_OPTIONS,
            max_concurrency=MAX_CONCURRENCY,
            stop_on_failure=True,
            in_background=False,
            on_start=self.logs.append,
        )

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs that received the vectors: first the earlier ones of those in the cache."""
        return (*self._cached_run_ids, *(log.id for log in self.logs))

    def cached_count(self) -> int:
        """Count the vectors that are still in the cache, which has a size limit."""
        return sum(
            self._cache.contains(self._server, spec, chunk.text)
            for spec in self.specs
            for chunk in self.batch.chunks
        )

    def usage_and_cost(self) -> tuple[Usage, Cost | None]:
        """Return the usage of all requests so far and their cost; None while no cost is known."""
        runs = [log.snapshot() for log in self.logs]
        usage = sum((run.usage for run in runs if run.usage), Usage())
        return usage, total_cost([run.cost for run in runs if run.cost])

    async def run(
        self,
        calls: CallService,
        profile: "Profile",
        limits: RequestLimits | None = None,
        runners: Runners | None = None,
    ) -> None:
        """Get every vector from the cache or the server of *profile*. *runners* are those of the process.

        Failures end in `state` and `error`; cancellation ends in `state` and is raised.
        """
        self._server = profile.base_url
        limits = limits or (_LOCAL_LIMITS if profile.kind == "local" else RequestLimits())
        try:
            await asyncio.to_thread(self._read_cache)
            await self._request_missing(calls, profile, limits, runners or Runners())
            if not self.error:
                self.result = await asyncio.to_thread(self._build_result)
        except asyncio.CancelledError:
            self.state = RunState.STOPPED
            raise
        except Exception as error:  # noqa: BLE001 - nobody awaits this; `explain` logs bugs, and the page shows it
            self.fail(error)
        finally:
            self._rows = {spec: {} for spec in self.specs}
        self.state = RunState.FAILED if self.error else RunState.DONE

    def fail(self, error: Exception) -> None:
        """End the job with *error*, which may happen before the first request."""
        self.error = explain(error)
        self.state = RunState.FAILED

    def _read_cache(self) -> None:
        run_ids: dict[str, None] = {}
        for spec in self.specs:
            for index, chunk in enumerate(self.batch.chunks):
                if cached := self._cache.get(self._server, spec, chunk.text):
                    self._rows[spec][index] = cached.vector
                    run_ids[cached.run_id] = None
        self._cached_run_ids = tuple(filter(None, run_ids))
        self.cache_hits = self.completed = sum(len(rows) for rows in self._rows.values())

    async def _request_missing(
        self, calls: CallService, profile: "Profile", limits: RequestLimits, runners: Runners
    ) -> None:
        """Request the chunks without a vector, model by model, until one request fails."""
        store = await asyncio.to_thread(calls.open_store)
        jobs = JobRepository(store, calls.owner)
        await asyncio.to_thread(_delete_old_jobs, jobs)
        for model, specs in groupby(self.specs, lambda spec: spec.model):
            requests = list(self._missing_requests(tuple(specs), limits))
            if not requests or self.error:
                continue
            job = WorkJob("embeddings", profile.id, profile.base_url, model)
            items = [WorkItem(str(number)) for number in range(len(requests))]
            try:
                await asyncio.to_thread(jobs.create, job, items)
                prepare = partial(self._prepare, requests)
                runner = await runners.start(job, calls, profile, prepare, options=self._options)
                await runner.wait()
                self.error = runner.error
            finally:
                await asyncio.to_thread(jobs.delete, job.id)

    def _prepare(self, requests: Sequence[_Request], item: WorkItem) -> WorkRequest:
        request = requests[int(item.key)]
        texts = [self.batch.chunks[index].text for index in request.indices]
        return WorkRequest(request.spec.params(texts), EmbeddingsCall(partial(self._store_response, request)))

    def _missing_requests(self, specs: Sequence[EmbeddingSpec], limits: RequestLimits) -> Iterator[_Request]:
        for spec in specs:
            missing = [index for index in range(len(self.batch.chunks)) if index not in self._rows[spec]]
            token_counts = [self.batch.chunks[index].tokens for index in missing]
            for request in split_requests(token_counts, limits):
                yield _Request(spec, [missing[position] for position in request])

    def _store_response(self, request: _Request, response: EmbeddingResponse, run_id: str) -> None:
        """Store the vectors of *request* in the result and in the cache. Runs in a thread."""
        spec, indices = request.spec, request.indices
        valid = has_direction(response.vectors)
        # One text of several can have no direction; if none of a request has, more requests are in vain.
        if not valid.any() and (len(indices) > 1 or len(self.batch.chunks) == 1):
            raise _no_direction_error(spec, response.vectors)
        with self._lock:
            rows = self._rows[spec]
            lengths = {response.vectors.shape[1], *(len(row) for row in islice(rows.values(), 1))}
            if len(lengths) > 1:
                raise PlaygroundError(
                    f"{spec.model} returned embeddings of different lengths: "
                    f"{', '.join(map(str, sorted(lengths)))}",
                    "The model behind this name may have changed. Reload the page and embed again.",
                )
            rows.update(zip(indices, response.vectors, strict=True))
            self.completed += len(indices)
        for position in np.flatnonzero(valid):
            text = self.batch.chunks[indices[position]].text
            self._cache.put(self._server, spec, text, response.vectors[position], run_id)

    def _build_result(self) -> EmbeddingResult:
        """Combine the chunks of each input, and skip inputs without a direction in any spec.

        The rows of a spec are released as soon as its matrix exists: all specs at once would take gigabytes.
        """
        matrices = {spec: self._matrix(self._rows.pop(spec)) for spec in self.specs}
        valid = np.ones(len(self.batch.inputs), bool)
        for spec, matrix in matrices.items():
            directions = has_direction(matrix)
            if len(matrix) and not directions.any():
                raise _no_direction_error(spec, matrix)
            valid &= directions
        if not valid.all():
            for spec in matrices:
                matrices[spec] = matrices[spec][valid]
        for matrix in matrices.values():
            normalise_in_place(matrix)
        neighbours = {spec: nearest_neighbours(matrix) for spec, matrix in matrices.items()}
        inputs = tuple(self.batch.inputs[index] for index in np.flatnonzero(valid))
        warnings = [*self.batch.warnings, *self._vector_warnings(matrices, valid)]
        return EmbeddingResult(inputs, matrices, neighbours, tuple(warnings))

    def _matrix(self, rows: Mapping[int, Matrix]) -> Matrix:
        """Return one vector for each input.

        A text in several chunks gets their mean weighted by tokens, as in OpenAI's Cookbook.
        """
        inputs = self.batch.chunk_indices
        matrix = np.empty((len(inputs), len(next(iter(rows.values()), ()))), np.float32)
        for row, indices in enumerate(inputs):
            if len(indices) == 1:
                matrix[row] = rows[indices[0]]
            else:
                weights = [self.batch.chunks[index].tokens for index in indices]
                chunks = np.stack([rows[index] for index in indices])
                matrix[row] = np.average(chunks, axis=0, weights=weights)
        return matrix

    def _vector_warnings(
        self, matrices: Mapping[EmbeddingSpec, Matrix], valid: NDArray[np.bool_]
    ) -> Iterator[InputWarning]:
        for index in np.flatnonzero(~valid).tolist():
            message = (
                "The embedding is zero or contains invalid numbers, so similarity is undefined: skipped."
            )
            yield InputWarning(self.batch.inputs[index].line, "invalid vector", message)
        for spec, matrix in matrices.items():
            if spec.dimensions and matrix.shape[1] != spec.dimensions:
                message = (
                    f"{spec.model} returned {matrix.shape[1]:,} dimensions instead of {spec.dimensions:,}."
                )
                yield InputWarning(0, "invalid vector", message)


def _no_direction_error(spec: EmbeddingSpec, vectors: Matrix) -> PlaygroundError:
    content = "of zeros" if np.isfinite(vectors).all() else "with invalid numbers (NaN or infinity)"
    return PlaygroundError(
        f"{spec.model} returned only embeddings {content}",
        "Such embeddings cannot be compared. Check the model and its settings on the server, such as its "
        "precision, or choose another model.",
    )


def _delete_old_jobs(jobs: JobRepository) -> None:
    for job in jobs.list("embeddings"):
        if datetime.now(UTC) - job.created_at > _MAX_JOB_AGE:
            jobs.delete(job.id)
