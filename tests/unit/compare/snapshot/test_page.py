"""Snapshots: pages that need nothing else, in which nothing but their own script runs."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from core.compare.boards.board import Board, Case
from core.compare.boards.cells import Cells, check_cells
from core.compare.boards.checks import Contains
from core.compare.snapshot.page import blind_snapshot, snapshot_html
from core.compare.statistics.variant_statistics import Rate, board_statistics
from core.errors.types import Explanation
from core.runs.run import RunState
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

CREATED = datetime(2026, 11, 26, tzinfo=UTC)


class PageParser(HTMLParser):
    """Collects the tags, the attributes and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def board_with(text: str) -> Board:
    """Return a board that has *text* in every place that a user or a model fills."""
    board = board_of(
        variant_of(text or "x", id="a", name=text[:50]),
        variant_of("Hi", id="b", instructions=text),
        name=text[:50] or "x",
        repetitions=2,
        checks=(Contains(text=text[:50] or "x"),),
    )
    return board.with_cases([Case(id="c0", variables={text or "x": text}, expected=text or None)])


def page_of(board: Board, cells: Cells) -> str:
    statistics = board_statistics(board, cells, check_cells(board, cells))
    return snapshot_html(board, cells, statistics, CREATED)


@given(
    st.text(max_size=60)
    | st.sampled_from(["</script><script>alert(1)</script>", '" onclick="x', "<img src=//evil>", "&lt;b&gt;"])
)
def test_shows_any_text_as_text(text: str) -> None:
    board = board_with(text)
    failure = Explanation(text, "")
    cells = cells_of(
        board,
        lambda key: run_of(text) if key.variant_id == "a" else run_of(state=RunState.FAILED, error=failure),
    )

    plain = board_with("x")
    states = {"a": RunState.DONE, "b": RunState.FAILED}
    plain_cells = cells_of(plain, lambda key: run_of("x", states[key.variant_id]))
    allowed = PageParser(page_of(plain, plain_cells) + blind_snapshot(plain, plain_cells, CREATED).html).tags
    for html in (page_of(board, cells), blind_snapshot(board, cells, CREATED).html):
        page = PageParser(html)
        assert page.tags <= allowed
        assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
        assert html.count("<script>") == 1


def test_allows_its_own_style_and_script_and_nothing_to_be_loaded() -> None:
    board = board_with("x")
    html = page_of(board, {})

    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        source = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)[0]
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_has_no_address_key_or_header_of_a_server() -> None:
    board = board_with("x")
    cells = cells_of(
        board, lambda _: run_of("Hi", base_url="https://user.example/v1", headers={"x-request-id": "req-1"})
    )

    html = page_of(board, cells)

    assert "example/v1" not in html
    assert "req-1" not in html
    assert "profile_id" not in html


def test_shows_equal_replies_once_with_their_number_and_counts_failures() -> None:
    board = board_of(variant_of(id="a"), cases=1, repetitions=4)
    cells = cells_of(
        board,
        lambda key: (
            run_of("Seoul")
            if key.repetition < 4
            else run_of(state=RunState.FAILED, error=Explanation("Overloaded", ""))
        ),
    )

    text = PageParser(page_of(board, cells)).text

    assert "3 times" in text
    assert "1 failed: Overloaded" in text


def test_draws_the_comparisons_that_variants_have_won() -> None:
    board = board_of(variant_of(id="a", name="Quick"), variant_of(id="b", name="Good"))
    cells = cells_of(board, lambda _: run_of("Hi"))

    html = snapshot_html(
        board, cells, board_statistics(board, cells, {}), CREATED, {"a": Rate(3, 4), "b": Rate(1, 4)}
    )

    assert 'aria-label="Comparisons won. Quick: 75%; Good: 25%"' in html
    assert "Checks passed" not in html


def test_hides_the_variants_of_a_blind_snapshot_and_lists_them_in_its_key() -> None:
    variants = [variant_of(id=name, name=f"Secret {name}", model=f"model-{name}") for name in "abc"]
    board = board_of(*variants, cases=30)
    cells = cells_of(board, lambda key: run_of(f"Reply {key.case_id} {key.variant_id}"))

    snapshot = blind_snapshot(board, cells, CREATED)

    page = PageParser(snapshot.html)
    assert "Secret" not in snapshot.html
    assert "model-" not in snapshot.html
    assert board.id not in snapshot.html
    assert not [value for _, value in page.attributes if value in "abc" and value]
    assert snapshot.key.variants == {name: f"Secret {name}" for name in "abc"}
    assert len(set(snapshot.key.cases)) > 1
    shown = re.findall(r"Reply (c\d+) (\w)", page.text)
    by_case = {case: tuple(name for other, name in shown if other == case) for case, _ in shown}
    assert [by_case[case.id] for case in board.cases] == list(snapshot.key.cases)


def test_writes_200_cases_of_6_variants() -> None:
    board = board_of(*(variant_of(id=name) for name in "abcdef"), cases=200)
    cells = cells_of(board, lambda _: run_of("A reply of a few words. " * 20))

    html = page_of(board, cells)

    assert html.count('class="card"') == 1_200
    assert len(html) < 2_000_000
