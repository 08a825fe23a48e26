"""Six variants of a prompt that stream at once on Compare."""

from playwright.sync_api import Locator, Page

from bench.browser import evaluate_promise
from bench.harness import Harness
from bench.load import Load
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf, ratio

_COLUMNS = 6
_LOAD = Load(300, first=200, gap=10)
_COMPARISON = ".comparison"
_RUN_ALL = f"{_COMPARISON} button.run-all"
_HEADS = f"{_COMPARISON} header.variant"
# Presses the button that matches and resolves with the milliseconds until each of so many replies begins.
_RUN = """(comparison, { button, word, replies }) => new Promise((resolve) => {
  const began = new Map();
  const observer = new MutationObserver(() => {
    for (const cell of comparison.querySelectorAll(".grid > .cell")) {
      if (!began.has(cell) && cell.textContent.includes(word)) began.set(cell, performance.now() - started);
    }
    if (began.size < replies) return;
    observer.disconnect();
    resolve([...began.values()]);
  });
  observer.observe(comparison, { subtree: true, childList: true, characterData: true });
  const started = performance.now();
  comparison.querySelector(button).click();
})"""


def measure(harness: Harness, runs: int) -> MeasureResult:
    """The first token of the last of six replies, and of one alone, in addition to the time of the SDK."""
    alone, six, sdk = [], [], []
    with harness.chromium.tab(harness.playground, "/compare", selector=_RUN_ALL) as tab:
        _add_variants(tab.page)
        comparison = tab.page.locator(_COMPARISON)
        _run(harness, comparison, "button.run-all", _COLUMNS)  # a column can be run alone after that
        for _ in range(runs):
            sdk.append(harness.sdk_baseline(_LOAD)["first"])
            alone += _run(harness, comparison, "header.variant button.run", 1)
            six.append(_run(harness, comparison, "button.run-all", _COLUMNS))
    overheads = [[value - median_or_inf(sdk) for value in values] for values in (alone, map(max, six))]
    row = ResultRow(
        "first token of the last of six, over the bare SDK's",
        f"{_COLUMNS} replies, {_LOAD}",
        ratio(median_or_inf(overheads[1]), median_or_inf(overheads[0])),
        limit=1.5,
        target=1.2,
        playground=f"{format_spread(overheads[1])}, one alone {format_spread(overheads[0])}",
        floor=format_spread(sdk),
    )
    return MeasureResult([row], [{"sdk": sdk, "alone": alone, "six": six}])


def _add_variants(page: Page) -> None:
    """Duplicate the last column until there are six."""
    heads = page.locator(_HEADS)
    heads.nth(1).wait_for()
    for count in range(heads.count(), _COLUMNS):
        heads.last.locator("[data-tool=duplicateVariant]").click()
        heads.nth(count).wait_for()


def _run(harness: Harness, comparison: Locator, button: str, replies: int) -> list[float]:
    """Press *button*, and return the milliseconds to the first token of each reply."""
    load = harness.set_load(_LOAD)
    options = {"button": button, "word": load.first_word, "replies": replies}
    times: list[float] = evaluate_promise(comparison, _RUN, options, f"{replies} replies begin")
    # Every reply has ended when all can be run again.
    comparison.locator("button.run-all kbd").wait_for()
    comparison.page.wait_for_timeout(700)
    return times
