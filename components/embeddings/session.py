"""The state of the Embeddings page between reruns, and the job that runs without it."""

import time
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from components.runtime import resources
from components.session import session
from components.session.panel_cache import PanelCache
from core.client.profile import Profile
from core.embeddings.batching import EmbeddingBatch
from core.embeddings.cache import VectorCache
from core.embeddings.job import EmbeddingJob, EmbeddingResult
from core.embeddings.request import EmbeddingSpec
from core.errors.types import PlaygroundError
from core.runs import event_loop
from core.runs.run import RunState

# Seconds that a script waits for a small job, so that its result is drawn without a progress bar first.
_SHORT_WAIT = 0.6


@dataclass(slots=True, eq=False)
class EmbeddingSession:
    """The prepared texts, the job that embeds them, the last query, and a cache of every vector so far."""

    cache: VectorCache = field(default_factory=VectorCache)
    batch: EmbeddingBatch | None = None
    batch_key: object = None
    job: EmbeddingJob | None = None
    query_job: EmbeddingJob | None = None
    started: float = 0.0
    elapsed: float = 0.0
    announced: bool = False
    task: "Future[None] | None" = None
    profile: Profile | None = None
    panel_cache: PanelCache = field(default_factory=PanelCache)

    @property
    def busy(self) -> bool:
        return self.job is not None and self.job.state is RunState.RUNNING

    @property
    def result(self) -> EmbeddingResult | None:
        return self.job.result if self.job else None

    def start(self, batch: EmbeddingBatch, specs: list[EmbeddingSpec]) -> None:
        """Embed *batch* in the background."""
        self.stop()
        self.profile = session.profile()
        self.job, self.query_job = EmbeddingJob(batch, specs, self.cache), None
        self.started, self.announced = time.monotonic(), False
        self.task = self._submit(self.job)
        self.task.add_done_callback(self._on_done)
        wait([self.task], _SHORT_WAIT)

    def run_query(
        self, batch: EmbeddingBatch, specs: tuple[EmbeddingSpec, ...], timeout: float = 30.0
    ) -> EmbeddingJob:
        """Embed a query on the server that embedded the texts, and wait for it."""
        job = EmbeddingJob(batch, specs, self.cache)
        task = self._submit(job)
        if wait([task], timeout).not_done:
            task.cancel()
            job.fail(PlaygroundError("The query was not embedded in time", "Try again."))
        self.query_job = job
        return job

    def stop(self) -> None:
        """Close the requests under way; vectors that have arrived stay in the cache."""
        if self.task:
            self.task.cancel()

    def _submit(self, job: EmbeddingJob) -> "Future[None]":
        profile = self.profile or session.profile()
        return event_loop.submit(job.run(session.live_session().calls, profile, runners=resources.runners()))

    def _on_done(self, task: "Future[None]") -> None:
        self.elapsed = time.monotonic() - self.started
        if self.busy and self.job and task is self.task:  # cancelled before its first step
            self.job.state = RunState.STOPPED


def embedding_session() -> EmbeddingSession:
    """Return the state of this browser session."""
    return session.session_object(EmbeddingSession)
