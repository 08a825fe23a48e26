"""A board with its results, the earlier ones too, ratings and verdicts as one JSON file, and back."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import CURRENT, Cell, Cells, cell_states, request_digests
from core.compare.boards.judge import Winner
from core.compare.export.board_requests import BoardRequests
from core.compare.judging.ratings import Rating
from core.compare.judging.verdicts import Verdict
from core.compare.variants.reply import reply_text
from core.files.json_validation import validate_json
from core.runs.run import Run, RunState, from_json, to_json

_MAX_RUNS = 100_000
_MAX_VERDICTS = 1_000_000
_MAX_CHARACTERS = 500_000_000
# The texts of a run, and how short one is left in it: the key of its place in the file would be as long.
_TEXTS = ("text", "reasoning")
_SHORT_TEXT = 40


class _SavedCell(BaseModel):
    """A run at a place. *text* and *reasoning* are keys of the texts of the file; short ones are in *run*."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str
    case: str
    repetition: int = Field(ge=1)
    digest: str = Field(max_length=64)
    run: dict[str, Any]
    text: str | None = None
    reasoning: str | None = None
    rating: Rating | None = None


class _SavedVerdict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    first_run: str
    second_run: str
    winner: Winner | None
    reason: str = Field(default="", max_length=100_000)


class _BoardFile(BaseModel):
    """Version 1 has no *earlier* runs, and all texts in the runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["openai-sdk-playground/board"] = "openai-sdk-playground/board"
    version: Literal[1, 2] = 2
    board: Board
    cells: tuple[_SavedCell, ...] = Field(default=(), max_length=_MAX_RUNS)
    earlier: tuple[_SavedCell, ...] = Field(default=(), max_length=_MAX_RUNS)
    verdicts: tuple[_SavedVerdict, ...] = Field(default=(), max_length=_MAX_VERDICTS)
    texts: dict[str, str] = {}

    @model_validator(mode="after")
    def _reject_unknown_texts(self) -> Self:
        cells = (*self.cells, *self.earlier)
        keys = [key for cell in cells for key in (cell.text, cell.reasoning) if key is not None]
        if unknown := set(keys) - self.texts.keys():
            raise ValueError(f"There is no text {min(unknown)[:64]}, which a run has.")
        # A short file may refer to a long text very often.
        if sum(len(self.texts[key]) for key in keys) > _MAX_CHARACTERS:
            raise ValueError(f"The texts of all runs have more than {_MAX_CHARACTERS:,} characters.")
        return self


@dataclass(frozen=True, slots=True)
class ImportedBoard:
    """A board with ids of its own, its results, ratings by the id of the run, and its judge's verdicts.

    *earlier* are the results that others have replaced, the earliest first.
    """

    board: Board
    cells: Cells
    earlier: Sequence[Cell]
    ratings: Mapping[str, Rating]
    verdicts: Sequence[Verdict]


def board_to_json(
    board: Board,
    cells: Cells,
    ratings: Mapping[str, Rating],
    verdicts: Sequence[Verdict] = (),
    earlier: Sequence[Cell] = (),
) -> str:
    """Write *board* with its results, without addresses of servers, headers, requests and responses.

    *verdicts* are those of its judge; without the runs in which it gave them. *earlier* are the results that
    *cells* have replaced, the earliest first; of very many, the latest are written.
    """
    texts: dict[str, str] = {}
    saved = tuple(_saved_cell(cell, ratings, texts) for cell in cells.values())
    current = {cell.run.id for cell in cells.values()}
    replaced = [cell for cell in earlier if cell.run.id not in current]
    room = max(_MAX_RUNS - len(saved), 0)
    saved_earlier = tuple(
        _saved_cell(cell, ratings, texts) for cell in replaced[max(len(replaced) - room, 0) :]
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
    file = _BoardFile(board=board, cells=saved, earlier=saved_earlier, verdicts=judged, texts=texts)
    written = file.model_dump(mode="json")
    for each in (*written["cells"], *written["earlier"]):
        for name in ("text", "reasoning", "rating"):
            if each[name] is None:
                del each[name]
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


def _saved_cell(cell: Cell, ratings: Mapping[str, Rating], texts: dict[str, str]) -> _SavedCell:
    """Return *cell* without its longer texts, which are added to *texts* by their hash, once if equal."""
    run = json.loads(to_json(_without_wire(cell.run)))
    keys = {}
    for name in _TEXTS:
        if len(text := run[name]) > _SHORT_TEXT:
            keys[name] = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
            texts[keys[name]] = run.pop(name)
    return _SavedCell(
        variant=cell.key.variant_id,
        case=cell.key.case_id,
        repetition=cell.key.repetition,
        digest=cell.digest,
        # Without what most runs do not have, which is half of the file.
        run={name: value for name, value in run.items() if value not in (None, "", {}, [])},
        rating=ratings.get(cell.run.id),
        **keys,
    )


def board_from_json(text: str, profile_ids: Collection[str], default_profile_id: str) -> ImportedBoard:
    """Read a file that `board_to_json` wrote, and that may have been edited since.

    Variants and a judge of an unknown server get the default one. Board and runs get new ids, so that nothing
    that is saved is replaced. Requests are built again for the runs that have the one of the board as it is.
    Raises FileValidationError with the lines.
    """
    file = validate_json(text, TypeAdapter(_BoardFile))
    board = _with_known_servers(file.board, profile_ids, default_profile_id)
    board = board.model_copy(update={"id": uuid4().hex})
    requests = BoardRequests(file.board)
    # The latest first, if there is not enough room for the requests of all.
    latest, earlier = (_read_cells(saved, file.texts, requests) for saved in (file.cells, file.earlier))
    read = [*earlier, *latest]
    new_ids = {str(saved.run.get("id")): cell.run.id for saved, cell in read}
    ratings = {cell.run.id: saved.rating for saved, cell in read if saved.rating}
    verdicts = [
        Verdict(new_ids[saved.first_run], new_ids[saved.second_run], saved.winner, saved.reason)
        for saved in file.verdicts
        if {saved.first_run, saved.second_run} <= new_ids.keys()
    ]
    cells = _with_new_digests(file.board, board, {cell.key: cell for _, cell in latest})
    return ImportedBoard(board, cells, [cell for _, cell in earlier], ratings, verdicts)


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


def _read_cells(
    saved_cells: Sequence[_SavedCell], texts: Mapping[str, str], requests: BoardRequests
) -> list[tuple[_SavedCell, Cell]]:
    """Return the cells with new ids, each after what was read, without those whose run is not valid."""
    cells = []
    for saved in saved_cells:
        try:
            run = from_json(json.dumps(saved.run))
        except ValidationError:
            continue
        if saved.text is not None:
            run = replace(run, text=texts[saved.text])
        if saved.reasoning is not None:
            run = replace(run, reasoning=texts[saved.reasoning])
        # Nothing is running of what comes from a file, and no run of another page.
        state = RunState.INTERRUPTED if run.state is RunState.RUNNING else run.state
        run = replace(run, id=uuid4().hex, capability="compare", state=state, headers={})
        key = CellKey(saved.variant, saved.case, saved.repetition)
        cells.append((saved, Cell(key, saved.digest, requests.add_request(run, key, saved.digest))))
    return cells


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
