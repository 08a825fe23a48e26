"""A sandbox, and variants and boards for the tests."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import Cell, Cells
from core.compare.variants.requests import request_digest, variant_request
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.prompts.prompts import PromptMessage
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


def variant_of(text: str = "Say hello to {{name}}.", model: str = "gpt-4o-mini", **fields: Any) -> Variant:
    """Return a variant that asks *text*, with settings among *fields*."""
    settings = {key: fields.pop(key) for key in [*fields] if key in ChatSettings.model_fields}
    response_format = settings.pop("response_format", None)
    fields = {"profile_id": "test", **fields}
    return Variant(
        settings=ChatSettings(model=model, **settings),
        messages=(PromptMessage(role="user", content=text),),
        response_format=response_format,
        **fields,
    )


def board_of(*variants: Variant, cases: int = 2, **fields: Any) -> Board:
    """Return a board with *variants* and as many cases, whose {{name}} is a number."""
    return Board(
        variants=variants,
        cases=tuple(Case(id=f"c{number}", variables={"name": str(number)}) for number in range(cases)),
        **fields,
    )


def run_of(text: str = "", state: RunState = RunState.DONE, **fields: Any) -> Run:
    """Return an ended run of a variant with a usage and a cost."""
    ended: dict[str, Any] = {
        "text": text,
        "first_token": 0.5,
        "total": 1.0,
        "usage": Usage(10, 20),
        "cost": Cost(Decimal("0.001"), "Billed"),
        "finish_reason": "stop",
        "state": state,
        **fields,
    }
    return Run("compare", "chat.completions.create", {"model": "gpt-4o-mini", "stream": True}, **ended)


def cells_of(board: Board, result: Callable[[CellKey], Run]) -> Cells:
    """Return a cell at every place of *board*, with the *result* for its place."""
    variants = {variant.id: variant for variant in board.variants}
    cases = {case.id: case for case in board.cases}

    def cell(key: CellKey) -> Cell:
        variant = variants[key.variant_id]
        params = variant_request(variant, cases[key.case_id].variables).params
        return Cell(key, request_digest(variant, params), result(key))

    return {key: cell(key) for key in board.cell_keys()}
