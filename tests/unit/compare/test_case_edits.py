"""Cases as they are edited in a table."""

from hypothesis import given
from hypothesis import strategies as st

from core.compare.boards.board import MAX_CASES, Case
from core.compare.boards.case_edits import CaseEdits

CASES = [Case(id=f"c{number}", variables={"name": str(number)}, expected="yes") for number in range(4)]


def test_changes_the_columns_of_a_row_and_no_other() -> None:
    edits = CaseEdits(edited={1: {"name": "Ada"}, 2: {"expected": None, "city": "서울"}})

    assert edits.apply(CASES, "editor") == [
        CASES[0],
        Case(id="c1", variables={"name": "Ada"}, expected="yes"),
        Case(id="c2", variables={"name": "2", "city": "서울"}),
        CASES[3],
    ]


def test_gives_added_rows_the_same_ids_each_time() -> None:
    edits = CaseEdits(added=[{"name": "Ada"}, {}], deleted=[0])
    once, again = edits.apply(CASES, "editor"), edits.apply(CASES, "editor")

    assert once == again
    assert [case.variables for case in once[-2:]] == [{"name": "Ada"}, {}]
    assert len({case.id for case in once}) == len(CASES) + 1
    assert edits.apply(CASES, "another")[-1].id != once[-1].id


def test_changes_nothing_without_edits() -> None:
    assert CaseEdits().apply(CASES, "editor") == CASES


@given(
    deleted=st.lists(st.integers(0, len(CASES) - 1), unique=True),
    added=st.integers(0, 3),
)
def test_has_what_remains_and_what_was_added(deleted: list[int], added: int) -> None:
    cases = CaseEdits(added=[{}] * added, deleted=deleted).apply(CASES, "editor")

    assert len(cases) == len(CASES) - len(deleted) + added
    assert [case for case in CASES if case in cases] == cases[: len(CASES) - len(deleted)]


def test_adds_no_more_cases_than_a_board_may_have() -> None:
    cases = [Case() for _ in range(MAX_CASES)]

    assert CaseEdits(added=[{}]).apply(cases, "editor") == cases
