"""The history of months: 100,000 runs searched, filtered, opened, deleted, restored and downloaded."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.seed_history import DISTINCT_RUNS, RARE_WORDS, distinct_runs, seed_history
from core.history.texts import last_text
from core.storage.store import Store
from tests.e2e.app_server import AppServer, Upstream, running_app, wait_until
from tests.e2e.pages import settle
from tests.e2e.test_history_page import open_first_run

RUNS, REPLY_WORDS = 100_000, 4
# Of two characters, fewer than an index of trigrams has, and of three.
SHORT, LONG = RARE_WORDS


@pytest.fixture(scope="module")
def _app_with_runs(
    _upstream: Upstream, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[AppServer]:
    data = tmp_path_factory.mktemp("runs")
    store = Store.open(directory=data)
    seed_history(store, RUNS, REPLY_WORDS)
    store.close()
    with running_app(data, _upstream.environ) as server:
        page = browser.new_page()  # the first one of a process waits for its imports, too
        page.goto(f"{server.url}/history")
        page.get_by_role("searchbox", name="Search").wait_for()
        page.close()
        yield server


@pytest.fixture
def history(page: Page, _app_with_runs: AppServer) -> Page:
    """The History page with 100,000 runs."""
    page.goto(f"{_app_with_runs.url}/history")
    expect_count(page, RUNS)
    return page


def expect_count(page: Page, count: int) -> None:
    expect(page.get_by_text(f"{count:,} runs.", exact=False)).to_be_visible()


def search(page: Page, word: str) -> None:
    page.get_by_role("searchbox", name="Search").fill(word)


def expect_in_column(page: Page, column: str, text: str) -> None:
    """Wait until all cells of a column that are in view contain *text*, while the list is replaced."""
    # The list is a canvas with a table for assistive technology.
    table = page.locator("[data-testid=stDataFrame]").last

    def all_contain() -> bool:
        number = table.locator("th").filter(has_text=column).get_attribute("aria-colindex")
        cells = table.locator(f"td[aria-colindex='{number}']").all_inner_texts()
        return bool(cells) and all(text in cell for cell in cells)

    wait_until(all_contain)


def test_searches_for_words_of_two_and_of_three_characters(history: Page) -> None:
    search(history, SHORT)
    expect_count(history, RUNS // RARE_WORDS[SHORT])
    expect_in_column(history, "Match", SHORT)

    search(history, LONG)
    expect_count(history, RUNS // RARE_WORDS[LONG])
    open_first_run(history)

    expect(history.locator(".st-key-history-run [data-testid=stText]").first).to_contain_text(LONG)
    expect(history).to_have_url(re.compile(r"run=[0-9a-f]{32}"))


def test_filters_by_page_and_model(history: Page) -> None:
    matching = [run for run in distinct_runs(REPLY_WORDS) if SHORT in last_text(run.params)]
    assert len(matching) == DISTINCT_RUNS // RARE_WORDS[SHORT]
    by_page = [run for run in matching if run.capability == "chat"]
    by_both = [run for run in by_page if run.model == by_page[0].model]
    copies = RUNS // DISTINCT_RUNS
    search(history, SHORT)
    expect_count(history, len(matching) * copies)

    history.get_by_role("button", name="Filters").click()
    choose(history, "Page", "Chat")
    expect_count(history, len(by_page) * copies)
    choose(history, "Model", by_both[0].model)
    expect_count(history, len(by_both) * copies)

    assert 0 < len(by_both) < len(by_page) < len(matching)
    expect_in_column(history, "Page", "Chat")


def choose(page: Page, name: str, option: str) -> None:
    """Select *option* in the filter called *name*."""
    page.get_by_role("combobox", name=name).click()
    page.get_by_role("option", name=option, exact=True).click()
    page.get_by_role("combobox", name=name).press("Escape")


def test_deletes_all_matching_runs_and_restores_them(history: Page) -> None:
    search(history, LONG)
    expect_count(history, 100)
    settle(history)

    history.get_by_role("button", name="Delete all 100", exact=True).click()
    expect(history.get_by_text("No runs match this search.")).to_be_visible()
    history.get_by_role("button", name="Reset").click()
    expect_count(history, RUNS - 100)
    history.get_by_role("button", name="Undo").click()

    expect_count(history, RUNS)


def test_downloads_all_matching_runs_as_lines_of_json(history: Page) -> None:
    search(history, SHORT)
    expect_count(history, 1_000)

    with history.expect_download() as download:
        history.get_by_role("link", name="Export all 1,000").click()

    assert download.value.suggested_filename == "history.jsonl"
    lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert len({line["id"] for line in lines}) == len(lines) == 1_000
    assert all(SHORT in line["params"]["messages"][0]["content"] for line in lines)
    # Neither another page nor an empty tab.
    assert [tab.url for tab in history.context.pages] == [history.url]
    assert history.url.endswith("/history")
