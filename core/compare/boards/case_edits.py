"""The changes that a person makes to cases in a table of variables."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.compare.boards.board import MAX_CASES, Case
from core.compare.boards.checks import EXPECTED

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class CaseEdits:
    """The changed columns of rows by their number from 0, the rows that were added, and those deleted."""

    edited: Mapping[int, Row] = field(default_factory=dict)
    added: Sequence[Row] = ()
    deleted: Sequence[int] = ()

    def apply(self, cases: Sequence[Case], editor: str) -> list[Case]:
        """Return *cases* with these changes; the name of the *editor* makes the ids of added ones."""
        deleted = set(self.deleted)
        remaining = [
            _with_row(case, self.edited.get(number, {}))
            for number, case in enumerate(cases)
            if number not in deleted
        ]
        added = [
            _with_row(Case(id=hashlib.sha256(f"{editor}/{number}".encode()).hexdigest()[:12]), row)
            for number, row in enumerate(self.added)
        ]
        return [*remaining, *added][:MAX_CASES]


def _with_row(case: Case, row: Row) -> Case:
    variables = {**case.variables, **{name: text or "" for name, text in row.items() if name != EXPECTED}}
    expected = (row[EXPECTED] or None) if EXPECTED in row else case.expected
    return Case(id=case.id, variables=variables, expected=expected)
