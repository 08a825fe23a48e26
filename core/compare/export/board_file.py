"""A board with its results, ratings and verdicts as one JSON file, and back."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import CURRENT, Cell, Cells, cell_states, request_digests
from core.compare.boards.judge import Winner
from core.compare.judging.ratings import Rating
from core.compare.judging.verdicts import Verdict
from core.compare.variants.reply import reply_text
from core.files.json_validation import validate_json
from core.runs.run import Run, RunState, from_json, to_json

_MAX_CELLS = 100_000
_MAX_VERDICTS = 1_000_000


class _SavedCell(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str
    case: str
    repetition: int = Field(ge=1)
    digest: str = Field(max_length=64)
    run: dict[str, Any]
    rating: Rating | None = None


class _SavedVerdict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    first_run: str
    second_run: str
    winner: Winner | None
    reason: str = Field(default="", max_length=100_000)


class _BoardFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["openai-sdk-playground/board"] = "openai-sdk-playground/board"
    version: Literal[1] = 1
    board: Board
    cells: tuple[_SavedCell, ...] = Field(default=(), max_length=_MAX_CELLS)
    verdicts: tuple[_SavedVerdict, ...] = Field(default=(), max_length=_MAX_VERDICTS)


@dataclass(frozen=True, slots=True)
class ImportedBoard:
    """A board with ids of its own, its results, ratings by the id of the run, and its judge's verdicts."""

    board: Board
    cells: Cells
    ratings: Mapping[str, Rating]
    verdicts: Sequence[Verdict]


def board_to_json(
    board: Board, cells: Cells, ratings: Mapping[str, Rating], verdicts: Sequence[Verdict] = ()
) -> str:
    """Write *board* with its results, without addresses of servers, headers, requests and responses.

    *verdicts* are those of its judge; without the runs in which it gave them.
    """
    saved = tuple(
        _SavedCell(
            variant=key.variant_id,
            case=key.case_id,
            repetition=key.repetition,
            digest=cell.digest,
            run=json.loads(to_json(_without_wire(cell.run))),
            rating=ratings.get(cell.run.id),
        )
        for key, cell in cells.items()
    )
    judged = tuple(
        _SavedVerdict(
            first_run=verdict.first_run_id,
            second_run=verdict.second_run_id,
            winner=verdict.winner,
            reason=verdict.reason,
        )
        for verdict in verdicts
    )
    file = _BoardFile(board=board, cells=saved, verdicts=judged).model_dump(mode="json")
    return json.dumps(file, ensure_ascii=False, indent=1) + "\n"


def board_from_json(text: str, profile_ids: Collection[str], default_profile_id: str) -> ImportedBoard:
    """Read a file that `board_to_json` wrote, and that may have been edited since.

    Variants and a judge of an unknown server get the default one. Board and runs get new ids, so that nothing
    that is saved is replaced. Raises FileValidationError with the lines.
    """
    file = validate_json(text, TypeAdapter(_BoardFile))
    board = _with_known_servers(file.board, profile_ids, default_profile_id)
    board = board.model_copy(update={"id": uuid4().hex})
    cells, ratings, new_ids = {}, {}, {}
    for saved in file.cells:
        run = _read_run(saved.run)
        if run is not None:
            key = CellKey(saved.variant, saved.case, saved.repetition)
            cells[key] = Cell(key, saved.digest, run)
            new_ids[str(saved.run.get("id"))] = run.id
            if saved.rating:
                ratings[run.id] = saved.rating
    verdicts = [
        Verdict(new_ids[saved.first_run], new_ids[saved.second_run], saved.winner, saved.reason)
        for saved in file.verdicts
        if {saved.first_run, saved.second_run} <= new_ids.keys()
    ]
    return ImportedBoard(board, _with_new_digests(file.board, board, cells), ratings, verdicts)


def _with_known_servers(board: Board, profile_ids: Collection[str], default_profile_id: str) -> Board:
    new = {"profile_id": default_profile_id}
    variants = [
        variant if variant.profile_id in profile_ids else variant.model_copy(update=new)
        for variant in board.variants
    ]
    judge = board.judge
    if judge and judge.profile_id not in profile_ids:
        judge = judge.model_copy(update=new)
    return board.with_variants(variants).model_copy(update={"judge": judge})


def _without_wire(run: Run) -> Run:
    params = {"model": str(run.params.get("model", "")), "stream": run.stream}
    # Its text with the tools that it calls, which only the response has.
    text = reply_text(replace(run, refusal=""))
    return replace(run, params=params, text=text, base_url="", headers={}, response=None)


def _read_run(saved: dict[str, Any]) -> Run | None:
    try:
        run = from_json(json.dumps(saved))
    except ValidationError:
        return None
    # Nothing is running of what comes from a file, and no run of another page.
    state = RunState.INTERRUPTED if run.state is RunState.RUNNING else run.state
    return replace(run, id=uuid4().hex, capability="compare", state=state, headers={})


def _with_new_digests(before: Board, after: Board, cells: Cells) -> dict[CellKey, Cell]:
    """Return *cells*, of which those that were current for *before* are current for *after*."""
    digests = request_digests(after)
    states = cell_states(before, cells)
    return {
        key: replace(cell, digest=digests[key.variant_id, key.case_id])
        if states.get(key) in CURRENT
        else cell
        for key, cell in cells.items()
    }
