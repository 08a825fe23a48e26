"""The results of a board, and which of its cells have to be run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.compare.boards.board import Board, CellKey
from core.compare.boards.checks import CheckedReply, CheckResult, Similarity
from core.compare.variants.requests import request_digest, variant_request
from core.runs.run import Run, RunState


@dataclass(frozen=True, slots=True)
class Cell:
    """A result: the latest run at a place of a board, and the digest of the request that it answers."""

    key: CellKey
    digest: str
    run: Run

    @property
    def is_done(self) -> bool:
        return self.run.state is RunState.DONE

    @property
    def has_reply(self) -> bool:
        """Whether there is a complete reply to read: one that was not recorded may be lost."""
        return self.is_done and self.run.has_content


Cells = Mapping[CellKey, Cell]


class CellState(StrEnum):
    """What a place of a board has. A cell is stale if its variant or its values were edited since.

    A lost one has figures only: its call has succeeded, and its reply was not recorded.
    """

    MISSING = "missing"
    FAILED = "failed"
    STALE = "stale"
    LOST = "lost"
    DONE = "done"


# Without lost ones, which are paid: while recording is off, their replies may be lost after each run again.
ALL_UNFINISHED = frozenset(CellState) - {CellState.DONE, CellState.LOST}
CURRENT = frozenset({CellState.DONE, CellState.FAILED, CellState.LOST})


def request_digests(board: Board) -> dict[tuple[str, str], str]:
    """Return the digest of the request of each enabled variant and case, as it would be sent now."""
    return {
        (variant.id, case.id): request_digest(variant, variant_request(variant, case.variables).params)
        for variant in board.enabled_variants
        for case in board.cases
    }


def cell_states(
    board: Board, cells: Cells, digests: Mapping[tuple[str, str], str] | None = None
) -> dict[CellKey, CellState]:
    """Return the state of each place of *board*, in the order in which they are run.

    *digests* are its `request_digests` if they are known: they take most of the time.
    """
    digests = request_digests(board) if digests is None else digests
    return {
        key: cell_state(cells.get(key), digests[key.variant_id, key.case_id]) for key in board.cell_keys()
    }


def cell_state(cell: Cell | None, digest: str) -> CellState:
    """Return the state of a place with *cell*, whose request would have *digest* now."""
    if cell is None:
        return CellState.MISSING
    if cell.digest != digest:
        return CellState.STALE
    if not cell.is_done:
        return CellState.FAILED
    return CellState.DONE if cell.has_reply else CellState.LOST


def current_cells(board: Board, cells: Cells) -> dict[CellKey, Cell]:
    """Return those of *cells* that are results of *board* as it is now, neither missing nor stale."""
    return {key: cells[key] for key, state in cell_states(board, cells).items() if state in CURRENT}


def keys_to_run(
    states: Mapping[CellKey, CellState],
    wanted: Iterable[CellState] = ALL_UNFINISHED,
    under_way: Iterable[CellKey] = (),
) -> list[CellKey]:
    """Return the places in one of the *wanted* states, without those *under_way*, which are paid already."""
    wanted, under_way = set(wanted), set(under_way)
    return [key for key, state in states.items() if state in wanted and key not in under_way]


def check_cells(
    board: Board, cells: Cells, similarity: Similarity = lambda _model, _a, _b: None
) -> dict[CellKey, list[CheckResult]]:
    """Return the result of each check of *board* for each of *cells*."""
    cases = {case.id: case for case in board.cases}
    return {
        key: [
            check.evaluate(CheckedReply(cell.run, cases[key.case_id].values, similarity))
            for check in board.checks
        ]
        for key, cell in cells.items()
        if key.case_id in cases
    }
