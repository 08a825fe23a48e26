"""The results of a board as they are shown: read again while it runs, in rows that can be filtered."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import (
    CURRENT,
    Cell,
    Cells,
    CellState,
    cell_state,
    cell_states,
    check_cells,
    request_digests,
)
from core.compare.boards.checks import SIMILARITY_UNKNOWN, CheckResult, Similarity, normalise_whitespace
from core.compare.boards.repository import BoardRepository, SavedResult
from core.compare.variants.reply import reply_text


class CaseFilter(StrEnum):
    """What a row of the table must have."""

    ALL = "all"
    DIFFERENT = "different"
    FAILED = "failed"
    CHECK_FAILED = "check failed"
    UNRATED = "unrated"


@dataclass(frozen=True, slots=True)
class BoardRow:
    """The cells of a case and a repetition by variant. *number* is that of the case, from 1."""

    number: int
    case: Case
    repetition: int
    keys: Mapping[str, CellKey]


class _Matches(NamedTuple):
    """The filters that a row matches, and the runs that must be rated so that it is not unrated."""

    filters: Collection[CaseFilter]
    run_ids: Sequence[str]


class BoardResults:
    """The results of *board*. After the first `refresh`, another one reads and checks only what is new."""

    def __init__(self, board: Board, similarity: Similarity = lambda _model, _a, _b: None) -> None:
        self.board = board
        self.similarity = similarity
        self.cells: Cells = {}
        self.states: Mapping[CellKey, CellState] = {}
        self.checks: dict[CellKey, list[CheckResult]] = {}
        self._digests = request_digests(board)
        self._last_number = 0
        self._not_ended: list[SavedResult] = []
        self._rows: Sequence[BoardRow] = ()
        # Kept, because the page asks for all rows on each of its runs, and few have new results.
        self._matches: dict[tuple[str, int], _Matches] = {}

    def refresh(self, repository: BoardRepository) -> None:
        """Read the results from the database that are new, or whose runs had not ended before."""
        results = [*self._not_ended, *repository.results_after(self.board.id, self._last_number)]
        if not results and self.states:
            return
        self._last_number = max((result.number for result in results), default=self._last_number)
        new = repository.latest_cells(results)
        numbers = {result.run_id: result.number for result in results}
        ended = {key: numbers[cell.run.id] for key, cell in new.items()}
        self._not_ended = [result for result in results if result.number > ended.get(result.key, 0)]
        self.cells = {**self.cells, **new}
        self._update_states(new)
        self.checks |= check_cells(self.board, new, self.similarity)
        for key in new:
            self._matches.pop((key.case_id, key.repetition), None)

    def _update_states(self, new: Cells) -> None:
        if not self.states:
            self.states = cell_states(self.board, self.cells, self._digests)
            return
        changed = {
            key: cell_state(cell, self._digests[key.variant_id, key.case_id])
            for key, cell in new.items()
            if key in self.states  # else it is of a variant or case that was removed or disabled
        }
        self.states = {**self.states, **changed}

    def check_again(self, similarity: Similarity) -> None:
        """Check all results by *similarity*, which is known from now on."""
        self.similarity = similarity
        self.checks = check_cells(self.board, self.cells, similarity)
        self._matches.clear()

    @property
    def current(self) -> dict[CellKey, Cell]:
        """The results of the board as it is now, neither missing nor stale."""
        return {key: self.cells[key] for key, state in self.states.items() if state in CURRENT}

    def count(self, state: CellState) -> int:
        return sum(each is state for each in self.states.values())

    def rows(self) -> Sequence[BoardRow]:
        """Return a row for each repetition of each case, in the order of the cases."""
        if not self._rows:
            variants, repetitions = self.board.enabled_variants, range(1, self.board.repetitions + 1)
            self._rows = [
                BoardRow(
                    number,
                    case,
                    repetition,
                    {variant.id: CellKey(variant.id, case.id, repetition) for variant in variants},
                )
                for number, case in enumerate(self.board.cases, 1)
                for repetition in repetitions
            ]
        return self._rows

    def matches(self, row: BoardRow, row_filter: CaseFilter, rated: Collection[str]) -> bool:
        """Whether *row* has what *row_filter* asks for. *rated* are the ids of the rated runs."""
        place = row.case.id, row.repetition
        if place not in self._matches:
            self._matches[place] = self._match(row)
        matches = self._matches[place]
        if row_filter is CaseFilter.UNRATED:
            return any(run_id not in rated for run_id in matches.run_ids)
        return row_filter in matches.filters

    def _match(self, row: BoardRow) -> _Matches:
        keys = [key for key in row.keys.values() if self.states.get(key) in CURRENT]
        complete = [self.cells[key].run for key in keys if self.cells[key].has_reply]
        is_match = {
            CaseFilter.ALL: True,
            CaseFilter.DIFFERENT: len({normalise_whitespace(reply_text(run)) for run in complete}) > 1,
            CaseFilter.FAILED: any(self.states[key] is CellState.FAILED for key in keys),
            CaseFilter.CHECK_FAILED: any(self.has_failed_check(key) for key in keys),
        }
        return _Matches({each for each in is_match if is_match[each]}, [run.id for run in complete])

    def check_counts(self) -> list[Counter[bool | None]]:
        """Return for each check how many of the present replies passed it, as `CheckResult.passed`."""
        # Also of lost replies, whose speed and cost are known.
        done = [self.checks[key] for key, cell in self.current.items() if cell.is_done]
        return [
            Counter(results[number].passed for results in done) for number in range(len(self.board.checks))
        ]

    @property
    def unknown_similarities(self) -> dict[CellKey, Cell]:
        """The present replies whose similarity to the text of a check is not computed."""
        return {
            key: self.cells[key]
            for key, state in self.states.items()
            if state is CellState.DONE and SIMILARITY_UNKNOWN in self.checks[key]
        }

    def has_failed_check(self, key: CellKey) -> bool:
        return any(result.passed is False for result in self.checks.get(key, ()))


def failed_checks(board: Board, results: Sequence[CheckResult]) -> list[tuple[str, str]]:
    """Return what a reply fails of the checks of *board*, as the label of each check and the reason."""
    return [
        (check.label, result.reason)
        for check, result in zip(board.checks, results, strict=True)
        if result.passed is False
    ]
