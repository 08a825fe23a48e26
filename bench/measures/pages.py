"""What a person waits for on other pages than Chat: a pasted text to be counted, texts to be embedded."""

from bench.harness import Harness
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf
from bench.tokens import prose

_PASTED_BYTES = 999_000
_TEXT_BOX = "textarea[spellcheck=false]"
# Seconds until the page has connected to its server and has run again.
_SETTLE = 2.0

# Resolves with the milliseconds until the count of the pasted text is displayed.
_PASTE = """(box, text) => new Promise((resolve) => {
  const summary = box.getRootNode().querySelector("ul.summary");
  const previous = summary.textContent;
  const started = performance.now();
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { inputType: "insertFromPaste", bubbles: true, composed: true }));
  const check = () => (summary.textContent === previous
    ? requestAnimationFrame(check) : resolve(performance.now() - started));
  requestAnimationFrame(check);
})"""

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
            times.append(tab.page.locator(_EMBED_BUTTON).evaluate(_EMBED))
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
        box = tab.page.locator(_TEXT_BOX)
        box.evaluate(_PASTE, "This loads the vocabulary.")
        for run in range(runs):
            # Another text and count each time: the app remembers the text, and the page shows the change.
            text = "new " * (run + 1) + prose(_PASTED_BYTES - 4 * runs)
            times.append(box.evaluate(_PASTE, text))
            tab.page.wait_for_timeout(3_000)  # until the page has run again
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
