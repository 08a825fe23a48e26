"""All findings by line, of which the report has the first ones."""

from itertools import pairwise

import pytest

from core.batches.check.finding_list import FindingList
from core.batches.check.findings import FindingKind, LineFinding

BLANK = FindingKind("blank_line", "blank_line", "")
DUPLICATE = FindingKind("duplicate_custom_id", "duplicate", "custom_id")


def blank(line: int | None) -> LineFinding:
    return LineFinding(line, "blank_line", "The line is blank.", fix="blank_line")


def duplicate(line: int, text: str) -> LineFinding:
    return LineFinding(line, "duplicate_custom_id", text, "custom_id", "duplicate")


def test_has_every_line_of_each_kind_in_order() -> None:
    listed = FindingList([blank(2), duplicate(3, "a")], {BLANK: [2, 5, 9], DUPLICATE: [3, 4]})

    assert [(finding.line, finding.code) for finding in listed] == [
        (2, "blank_line"),
        (3, "duplicate_custom_id"),
        (4, "duplicate_custom_id"),
        (5, "blank_line"),
        (9, "blank_line"),
    ]
    assert len(listed) == 5


def test_names_the_line_whose_message_may_differ() -> None:
    listed = FindingList([duplicate(3, "a"), duplicate(4, "b")], {DUPLICATE: [3, 4, 7]})

    assert [finding.message for finding in listed] == ["a", "b", "As in line 3: a"]


def test_begins_with_what_concerns_the_whole_file() -> None:
    whole = LineFinding(None, "file_too_large", "Too large.", fix="split")
    listed = FindingList([blank(1), whole], {BLANK: [1]})

    assert [finding.line for finding in listed] == [None, 1]
    assert len(listed) == 2


def test_counts_several_findings_of_one_line() -> None:
    listed = FindingList([duplicate(3, "a"), duplicate(3, "b")], {DUPLICATE: [3, 4]})

    assert len(listed) == len([*listed]) == 3


@pytest.mark.parametrize("count", [0, 1, 100, 50_000])
def test_pages_hold_every_finding_once(count: int) -> None:
    listed = FindingList([blank(1)][:count], {BLANK: range(1, count + 1)} if count else {})

    pages = [listed.page(number, 10_000) for number in range(1, 7)]

    lines = [finding.line or 0 for page in pages for finding in page]
    assert len(lines) == len(listed) == count
    assert all(before < after for before, after in pairwise(lines))
