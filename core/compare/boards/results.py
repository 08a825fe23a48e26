"""The results of a board as they are shown: read again while it runs, in rows that can be filtered."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import Cell, Cells, CellState, cell_states, check_cells, request_digests
from core.compare.boards.checks import SIMILARITY_UNKNOWN, CheckResult, Similarity, normalise_whitespace
from core.compare.boards.repository import BoardRepository, SavedResult
from core.compare.variants.reply import reply_text
from core.runs.run import Run

_CURRENT = (CellState.DONE, CellState.FAILED)


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
        self._answers: dict[str, str] = {}

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
        self.states = cell_states(self.board, self.cells, self._digests)
        self.checks |= check_cells(self.board, new, self.similarity)

    def check_again(self, similarity: Similarity) -> None:
        """Check all results by *similarity*, which is known from now on."""
        self.similarity = similarity
        self.checks = check_cells(self.board, self.cells, similarity)

    @property
    def current(self) -> dict[CellKey, Cell]:
        """The results of the board as it is now, neither missing nor stale."""
        return {key: self.cells[key] for key, state in self.states.items() if state in _CURRENT}

    def count(self, state: CellState) -> int:
        return sum(each is state for each in self.states.values())

    def rows(self) -> list[BoardRow]:
        """Return a row for each repetition of each case, in the order of the cases."""
        variants, repetitions = self.board.enabled_variants, range(1, self.board.repetitions + 1)
        return [
            BoardRow(
                number,
                case,
                repetition,
                {variant.id: CellKey(variant.id, case.id, repetition) for variant in variants},
            )
            for number, case in enumerate(self.board.cases, 1)
            for repetition in repetitions
        ]

    def matches(self, row: BoardRow, row_filter: CaseFilter, rated: Collection[str]) -> bool:
        """Whether *row* has what *row_filter* asks for. *rated* are the ids of the rated runs."""
        keys = [key for key in row.keys.values() if self.states.get(key) in _CURRENT]
        match row_filter:
            case CaseFilter.ALL:
                return True
            case CaseFilter.FAILED:
                return any(self.states[key] is CellState.FAILED for key in keys)
            case CaseFilter.CHECK_FAILED:
                return any(self.has_failed_check(key) for key in keys)
        complete = [self.cells[key].run for key in keys if self.cells[key].has_reply]
        if row_filter is CaseFilter.UNRATED:
            return any(run.id not in rated for run in complete)
        return len({self._answer(run) for run in complete}) > 1

    def _answer(self, run: Run) -> str:
        """Return the reply without its layout. All rows are compared on every run of the page."""
        if run.id not in self._answers:
            self._answers[run.id] = normalise_whitespace(reply_text(run))
        return self._answers[run.id]

    def check_counts(self) -> list[Counter[bool | None]]:
        """Return for each check how many of the present replies passed it, as `CheckResult.passed`."""
        done = [self.checks[key] for key, state in self.states.items() if state is CellState.DONE]
        return [
            Counter(results[number].passed for results in done) for number in range(len(self.board.checks))
        ]

    @property
    def unknown_similarities(self) -> int:
        """The number of present replies whose similarity to the text of a check is not computed."""
        return sum(
            SIMILARITY_UNKNOWN in self.checks[key]
            for key, state in self.states.items()
            if state is CellState.DONE
        )

    def has_failed_check(self, key: CellKey) -> bool:
        return any(result.passed is False for result in self.checks.get(key, ()))


def failed_checks(board: Board, results: Sequence[CheckResult]) -> list[tuple[str, str]]:
    """Return what a reply fails of the checks of *board*, as the label of each check and the reason."""
    return [
        (check.label, result.reason)
        for check, result in zip(board.checks, results, strict=True)
        if result.passed is False
    ]
