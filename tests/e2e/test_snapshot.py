"""A board as one HTML file, opened from disk on a phone without a network."""

from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from core.compare.boards.cells import check_cells
from core.compare.snapshot.ballots import read_ballot, tally
from core.compare.snapshot.page import blind_snapshot, snapshot_html
from core.compare.statistics.variant_statistics import board_statistics
from tests.e2e.test_themes import serious_violations
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

BOARD = board_of(
    *(variant_of(id=name, name=f"Variant {name}") for name in "abc"), cases=3, name="Which <b>model</b>?"
)
SECONDS = {"a": 2.0, "b": 1.0, "c": 3.0}
CELLS = cells_of(BOARD, lambda key: run_of(f"대답 {key.variant_id}", total=SECONDS[key.variant_id]))
CREATED = datetime(2026, 11, 26, tzinfo=UTC)


def open_file(page: Page, path: Path, html: str) -> None:
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


def test_sorts_the_figures_and_fits_a_phone(offline_phone: Page, tmp_path: Path) -> None:
    page, statistics = offline_phone, board_statistics(BOARD, CELLS, check_cells(BOARD, CELLS))
    open_file(page, tmp_path / "board.html", snapshot_html(BOARD, CELLS, statistics, CREATED))

    page.get_by_role("button", name="Total").click()
    expect(page.locator("tbody td:first-child")).to_have_text(["Variant b", "Variant a", "Variant c"])
    page.get_by_role("button", name="Total").click()
    expect(page.locator("tbody td:first-child")).to_have_text(["Variant c", "Variant a", "Variant b"])

    expect(page.get_by_role("heading", name="Which <b>model</b>?")).to_be_visible()
    expect(page.get_by_text("대답 a").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert serious_violations(page) == []


def test_downloads_a_ballot_that_the_key_can_count(offline_phone: Page, tmp_path: Path) -> None:
    page, snapshot = offline_phone, blind_snapshot(BOARD, CELLS, CREATED)
    open_file(page, tmp_path / "vote.html", snapshot.html)

    for number, case in enumerate(snapshot.key.cases, 1):
        letter = "ABC"[case.index("b")]
        page.get_by_role("group", name=f"Case {number}", exact=True).get_by_label(letter, exact=True).check()
    page.get_by_label("Your name").fill("Ada")
    expect(page.get_by_text("3 of 3 cases")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download ballot").click()

    ballot = read_ballot(Path(download.value.path()).read_text(encoding="utf-8"))
    result = tally(snapshot.key, [ballot])
    assert ballot.voter == "Ada"
    assert result.wins["b"].share == 1
    assert result.wins["a"].share == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert serious_violations(page) == []
