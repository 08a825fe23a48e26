"""Store a board of the Compare page in the database of the playground, with or without its results."""

from pathlib import Path

from bench.streamed_reply import MODEL
from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import Cell, request_digests
from core.compare.boards.checks import Contains, MaxTokens
from core.compare.boards.repository import BoardRepository
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.history.indexer import HistoryIndexer
from core.pricing.usage import Usage
from core.prompts.prompts import PromptMessage
from core.runs.run import Run, RunState
from core.storage.store import Store

# The id of the profile that the environment of the app describes.
_PROFILE = "environment"
_VARIANTS = 6
_SENTENCE = "The reply to {case} by {variant} explains it in a sentence with several words of usual length. "


def seed_board(data: Path, base_url: str, cases: int, *, repetitions: int = 1, finished: bool) -> str:
    """Write a board with six variants into the data directory of a running app, and return its id."""
    board = Board(
        name="Benchmark",
        variants=tuple(_variant(number) for number in range(_VARIANTS)),
        cases=tuple(Case(variables={"question": f"Question {number}"}) for number in range(cases)),
        repetitions=repetitions,
        checks=(Contains(text="sentence"), MaxTokens(tokens=500)),
    )
    store = Store.open(directory=data)
    repository = BoardRepository(store)
    repository.save(board)
    if finished:
        digests = request_digests(board)
        repository.add_results(
            board.id,
            [
                Cell(key, digests[key.variant_id, key.case_id], _run(key, base_url))
                for key in board.cell_keys()
            ],
        )
        indexer = HistoryIndexer(store)
        indexer.index(indexer.outstanding())
    store.close()
    return board.id


def _variant(number: int) -> Variant:
    message = PromptMessage(role="user", content=f"In style {number}: {{{{question}}}}")
    return Variant(
        name=f"Style {number}", profile_id=_PROFILE, messages=(message,), settings=ChatSettings(model=MODEL)
    )


def _run(key: CellKey, base_url: str) -> Run:
    text = _SENTENCE.format(case=key.case_id, variant=key.variant_id) * 6
    message = {"role": "assistant", "content": text, "refusal": None}
    return Run(
        "compare",
        "chat.completions.create",
        {"model": MODEL, "messages": [{"role": "user", "content": "A question"}], "stream": True},
        profile="OpenAI",
        base_url=base_url,
        state=RunState.DONE,
        text=text,
        finish_reason="stop",
        model=MODEL,
        usage=Usage(input_tokens=20, output_tokens=100),
        first_token=0.2,
        total=1.0,
        response={"object": "chat.completion", "choices": [{"index": 0, "message": message}]},
    )
