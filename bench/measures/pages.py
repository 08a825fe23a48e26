"""What a person waits for on other pages than Chat: a pasted text to be counted."""

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
