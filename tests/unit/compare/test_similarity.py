"""Similarity of replies by embeddings."""

from core.calls import CallService
from core.compare.boards.board import Case
from core.compare.boards.cells import check_cells
from core.compare.boards.checks import IsSimilar
from core.compare.boards.repository import BoardRepository
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.similarity import TextSimilarity, embed_replies
from core.embeddings.cache import VectorCache
from core.runner.runners import Runners
from core.runs.run import Run
from core.sandbox.server import SandboxServer
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of
from tests.unit.conftest import profile_for

BOARD = board_of(
    variant_of(id="same"), variant_of(id="other"), variant_of(id="empty"), checks=(IsSimilar(minimum=0.9),)
).with_cases([Case(id="c0", expected="The weather in Seoul is sunny."), Case(id="c1")])
REPLIES = {"same": "The weather in Seoul is sunny.", "other": "Bake the bread for an hour.", "empty": " "}
CELLS = cells_of(BOARD, lambda key: run_of(REPLIES[key.variant_id]))


async def test_compares_replies_with_what_is_expected(
    calls: CallService, sandbox: SandboxServer, ended_runs: list[Run]
) -> None:
    cache, profile = VectorCache(), profile_for(sandbox.url, sandbox.key)

    similarity = await embed_replies(BOARD, CELLS, calls, profile, cache, Runners())

    results = check_cells(BOARD, CELLS, similarity)
    by_place = {(key.variant_id, key.case_id): result[0].passed for key, result in results.items()}
    assert by_place == {
        ("same", "c0"): True,
        ("other", "c0"): False,
        ("empty", "c0"): None,
        ("same", "c1"): None,
        ("other", "c1"): None,
        ("empty", "c1"): None,
    }
    assert len(ended_runs) == 1
    judging = JudgingRepository(calls.open_store())
    BoardRepository(calls.open_store()).save(BOARD)
    for _ in range(2):
        judging.add_similarities(BOARD.id, similarity.values)
    assert check_cells(BOARD, CELLS, TextSimilarity(judging.similarities(BOARD.id))) == results
    await embed_replies(BOARD, CELLS, calls, profile, cache, Runners())
    assert len(ended_runs) == 1


async def test_says_why_there_are_no_embeddings(calls: CallService, sandbox: SandboxServer) -> None:
    profile = profile_for(sandbox.url, "wrong-key")

    similarity = await embed_replies(BOARD, CELLS, calls, profile, VectorCache(), Runners())

    assert similarity.error is not None
    assert similarity.error.status == 401
    assert {result[0].passed for result in check_cells(BOARD, CELLS, similarity).values()} == {None}


async def test_requests_nothing_without_such_a_check(calls: CallService, sandbox: SandboxServer) -> None:
    board = BOARD.model_copy(update={"checks": ()})
    profile = profile_for(sandbox.url, "wrong-key")

    similarity = await embed_replies(board, CELLS, calls, profile, VectorCache(), Runners())

    assert (similarity.values, similarity.error) == ({}, None)
