"""The similarity of replies to the texts of checks, by embeddings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.compare.boards.board import Board
from core.compare.boards.cells import Cells
from core.compare.boards.checks import EXPECTED, CheckedReply, IsSimilar
from core.compare.variants.variant import content_digest
from core.errors.types import Explanation

if TYPE_CHECKING:
    from core.calls import CallService
    from core.client.profile import Profile
    from core.embeddings.cache import VectorCache
    from core.embeddings.vectors import Matrix
    from core.runner.runners import Runners


@dataclass(frozen=True, slots=True)
class TextSimilarity:
    """The cosines between texts by their `similarity_digest`; *error* is why some are missing.

    Only these are saved: the embeddings of all replies may be gigabytes.
    """

    values: Mapping[str, float]
    error: Explanation | None = None

    def __call__(self, model: str, a: str, b: str) -> float | None:
        """Return how similar two texts are; None if that is not known."""
        return self.values.get(similarity_digest(model, a, b))


def similarity_digest(model: str, a: str, b: str) -> str:
    """Return a hash of two texts and the model whose embeddings are compared."""
    return content_digest([model, a, b])


async def embed_replies(
    board: Board,
    cells: Cells,
    calls: "CallService",
    profile: "Profile",
    cache: "VectorCache",
    runners: "Runners",
) -> TextSimilarity:
    """Request the embeddings that the checks of *board* compare, those in *cache* excepted.

    Raises PlaygroundError without a vocabulary.
    """
    from core.embeddings.batching import prepare_batch
    from core.embeddings.inputs import InputText
    from core.embeddings.job import EmbeddingJob
    from core.embeddings.request import EmbeddingSpec
    from core.tokens.encodings import encoding_for_model

    values: dict[str, float] = {}
    error: Explanation | None = None
    for model, texts in _texts(board, cells).items():
        inputs = [InputText(number, text) for number, text in enumerate(texts, 1)]
        spec = EmbeddingSpec(model)
        job = EmbeddingJob(prepare_batch(inputs, encoding_for_model(model).name), [spec], cache)
        await job.run(calls, profile, runners=runners)
        error = error or job.error
        if job.result:
            rows = zip(job.result.inputs, job.result.vectors[spec], strict=True)
            vectors: dict[str, Matrix] = {item.text: vector for item, vector in rows}
            for one, other in _pairs_of(model, board, cells):
                if one in vectors and other in vectors:
                    values[similarity_digest(model, one, other)] = float(vectors[one] @ vectors[other])
    return TextSimilarity(values, error)


def _pairs_of(model: str, board: Board, cells: Cells) -> Iterator[tuple[str, str]]:
    """Yield the texts that are compared by the embeddings of *model*."""
    for check in board.checks:
        if isinstance(check, IsSimilar) and check.model == model:
            yield from _pairs(check, board, cells)


def _texts(board: Board, cells: Cells) -> dict[str, list[str]]:
    """Return the distinct texts to embed by model."""
    by_model: dict[str, dict[str, None]] = {}
    for check in board.checks:
        if isinstance(check, IsSimilar):
            texts = (text for pair in _pairs(check, board, cells) for text in pair if text.strip())
            by_model.setdefault(check.model, {}).update(dict.fromkeys(texts))
    return {model: list(texts) for model, texts in by_model.items() if texts}


def _pairs(check: IsSimilar, board: Board, cells: Cells) -> Iterator[tuple[str, str]]:
    cases = {case.id: case for case in board.cases}
    for key, cell in cells.items():
        case = cases.get(key.case_id)
        if case and cell.has_reply and (case.expected or "{{" + EXPECTED + "}}" not in check.text):
            yield check.texts(CheckedReply(cell.run, case.values))
