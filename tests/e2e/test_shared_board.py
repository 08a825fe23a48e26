"""A board that two apps share on PostgreSQL: each shows what the other one does, without a click."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.compare.boards.board import Case
from core.compare.boards.example import example_board
from core.compare.export.board_file import board_to_json
from tests.e2e.app_server import AppServer, Upstream, running_app
from tests.e2e.test_compare_board import (
    button,
    filter_button,
    import_board,
    press,
    results_so_far,
    select_row,
)
from tests.postgresql import postgres_server

CASES = 200


@pytest.fixture
def apps(tmp_path: Path, upstream: Upstream) -> Iterator[tuple[AppServer, AppServer]]:
    """Two processes with one database, and the same server to send to."""
    with ExitStack() as stack:
        url = stack.enter_context(stack.enter_context(postgres_server()).new_database("team"))
        environ = {**upstream.environ, "DATABASE_URL": url}
        first, second = [
            stack.enter_context(running_app(tmp_path / name, environ)) for name in ("first", "second")
        ]
        yield first, second


@pytest.fixture
def other_page(browser: Browser) -> Iterator[Page]:
    """A page of another browser session."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.timeout(300)  # a database, two starts, and calls that take their time
def test_shows_in_each_app_what_the_other_one_does(
    page: Page, other_page: Page, apps: tuple[AppServer, AppServer], upstream: Upstream
) -> None:
    first, second = apps
    example = example_board("elsewhere", ["gpt-4o-mini"])
    cases = [Case(variables={"message": f"Write to ada{number}@example.com."}) for number in range(CASES)]
    board = example.with_variants(example.variants[:1]).with_cases(cases)
    import_board(page, first, "board.json", board_to_json(board, {}, {}))
    expect(button(page, f"Run {CASES} cells")).to_be_visible()
    other_page.goto(f"{second.url}/compare{page.url[page.url.index('?') :]}")
    # The first page of a process, beside another one and a database.
    expect(button(other_page, f"Run {CASES} cells")).to_be_visible(timeout=60_000)

    upstream.set_latency("ttft=2")
    press(page, f"Run {CASES} cells")
    expect(results_so_far(other_page, CASES)).to_be_visible()
    expect(filter_button(other_page, "Unrated [1-9]")).to_be_visible()

    press(other_page, "Cancel")
    expect(button(other_page, "remaining cells")).to_be_visible()
    expect(button(page, "remaining cells")).to_be_visible()

    select_row(page, 1)
    select_row(other_page, 1)
    unrated = int(re.sub(r"\D", "", filter_button(page, "Unrated").inner_text()))
    other_page.get_by_role("radio", name="Thumbs up").click()
    expect(page.get_by_role("radio", name="Thumbs up")).to_be_checked()
    expect(filter_button(page, f"Unrated {unrated - 1}")).to_be_visible()
