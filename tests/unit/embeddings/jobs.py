"""Embedding jobs for tests."""

from core.embeddings.batching import RequestLimits, prepare_batch
from core.embeddings.cache import VectorCache
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingJob, EmbeddingResult
from core.embeddings.request import EmbeddingSpec

SMALL, SHORT = EmbeddingSpec("text-embedding-3-small"), EmbeddingSpec("text-embedding-3-small", 64)
ONE_EACH, TWO_EACH = RequestLimits(inputs=1), RequestLimits(inputs=2)


def input_texts(*texts: str) -> list[InputText]:
    return [InputText(line, text) for line, text in enumerate(texts, 1)]


def job_for(
    *texts: str, specs: tuple[EmbeddingSpec, ...] = (SHORT,), cache: VectorCache | None = None
) -> EmbeddingJob:
    batch = prepare_batch(input_texts(*texts), "cl100k_base")
    return EmbeddingJob(batch, specs, VectorCache() if cache is None else cache)


def result_of(job: EmbeddingJob) -> EmbeddingResult:
    assert job.result, job.error
    return job.result
