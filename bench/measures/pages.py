"""What a person waits for on other pages than Chat: a pasted text to be counted, texts to be embedded."""

from playwright.sync_api import Page

from bench.browser import evaluate_promise
from bench.harness import Harness
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf
from bench.tokens import prose

_PASTED_BYTES = 999_000
_TEXT_BOX = "textarea[spellcheck=false]"
# Seconds until the page has connected to its server and has run again.
_SETTLE = 2.0

# Sets a promise of the milliseconds from pressing V until another count is displayed.
_AWAIT_PASTE = """(box) => { window.pasted = new Promise((resolve) => {
  const summary = box.getRootNode().querySelector("ul.summary");
  const previous = summary.textContent;
  box.addEventListener("keydown", function start({ key, timeStamp }) {
    if (key !== "v") return;
    box.removeEventListener("keydown", start);
    const check = () => (summary.textContent === previous
      ? requestAnimationFrame(check) : resolve(performance.now() - timeStamp));
    requestAnimationFrame(check);
  });
}); }"""

_EMBED_BUTTON = ".st-key-embeddings-start button"
# Resolves with the milliseconds until the first view of the embeddings is displayed.
_EMBED = """(button) => new Promise((resolve) => {
  const started = performance.now();
  button.click();
  const check = () => (document.querySelector("[data-testid=stTabs] canvas, [data-testid=stTabs] svg.marks")
    ? resolve(performance.now() - started) : requestAnimationFrame(check));
  requestAnimationFrame(check);
})"""


def embedded_texts(harness: Harness, runs: int) -> MeasureResult:
    """The time from pressing Embed on Embeddings to the first view, with the example texts."""
    times: list[float] = []
    for _ in range(runs):
        with harness.chromium.tab(harness.playground, "/embeddings", _SETTLE, _EMBED_BUTTON) as tab:
            times.append(evaluate_promise(tab.page.locator(_EMBED_BUTTON), _EMBED, None, "A view is drawn"))
    row = ResultRow(
        "click to views on Embeddings",
        "example texts",
        median_or_inf(times),
        limit=1_000,
        target=500,
        unit="ms",
        playground=format_spread(times),
    )
    return MeasureResult([row], times)


def pasted_text(harness: Harness, runs: int) -> MeasureResult:
    """The time from pasting a megabyte on Tokens to its count."""
    times: list[float] = []
    with harness.chromium.tab(harness.playground, "/tokens", _SETTLE, _TEXT_BOX) as tab:
        tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        _paste(tab.page, "This loads the vocabulary.")
        for run in range(runs):
            # Another text and count each time: the app remembers the text, and the page shows the change.
            times.append(_paste(tab.page, "new " * (run + 1) + prose(_PASTED_BYTES - 4 * runs)))
    row = ResultRow(
        "paste to count on Tokens",
        "1 MB",
        median_or_inf(times),
        limit=123,
        target=60,
        unit="ms",
        playground=format_spread(times),
    )
    return MeasureResult([row], times)


def _paste(page: Page, text: str) -> float:
    """Replace the text on Tokens by *text* from the clipboard. Return the milliseconds until its count."""
    box = page.locator(_TEXT_BOX)
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    box.press("ControlOrMeta+a")
    box.evaluate(_AWAIT_PASTE)
    box.press("ControlOrMeta+v")
    milliseconds: float = evaluate_promise(page, "() => window.pasted", None, "Another count is displayed")
    page.wait_for_timeout(3_000)  # until the page has run again
    return milliseconds
