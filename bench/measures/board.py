"""A board of Compare with the results of 200 cases by 6 variants, and one that runs 5,000 calls."""

import time
from collections.abc import Callable, Mapping
from statistics import quantiles

from playwright.sync_api import Page

from bench.apps import PLAYGROUND, RunningApp, start_app
from bench.browser import evaluate_promise
from bench.harness import Harness
from bench.load import Load
from bench.processes import is_listening, wait_until
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf
from bench.seed_board import seed_board

_CASES = 200
_SIZE = f"{_CASES} cases x 6 variants"
_RUNNING_CASES = 834  # x 6 variants: 5,004 calls
_LOAD = Load(60, first=200, gap=10)
# Clicks of each kind while the calls run.
_ROUNDS = 5
# Seconds until the jobs have started, and between clicks, so that a click meets any state of the page.
_WARM_UP = 3.0
_PAUSE = 0.37

_TABLE = "[data-testid=stDataFrame]"
_CANVAS = f"{_TABLE} canvas[data-testid=data-grid-canvas]"
# Whether the table has drawn replies: the area has more colours than an empty grid.
_IS_PAINTED = f"""() => {{
  const canvas = document.querySelector("{_CANVAS}");
  if (!canvas?.width || canvas === window.previousCanvas) return false;
  const {{ data }} = canvas.getContext("2d").getImageData(0, 40, Math.min(canvas.width, 600), 60);
  const colours = new Set();
  for (let index = 0; index < data.length; index += 4) {{
    colours.add((data[index] << 16) | (data[index + 1] << 8) | data[index + 2]);
  }}
  return colours.size > 20;
}}"""
# Resolves with the milliseconds since the page began to load when its table is painted.
_PAINTED = f"""() => new Promise((resolve) => {{
  const isPainted = {_IS_PAINTED};
  const check = () => (isPainted() ? resolve(performance.now()) : requestAnimationFrame(check));
  check();
}})"""
# Sets `window.gap` to the longest time between two frames from now on.
_MEASURE_GAPS = """() => {
  window.gap = 0;
  const measure = (previous) => requestAnimationFrame((at) => {
    window.gap = Math.max(window.gap, at - previous);
    measure(at);
  });
  requestAnimationFrame(measure);
}"""


def measure(harness: Harness, runs: int) -> MeasureResult:
    """The first paint in a process that runs and in a new one, scrolling, and clicks while calls run."""
    board = seed_board(harness.playground.data, harness.base_url, _CASES, finished=True)
    cold = [_first_paint_of_new_process(harness) for _ in range(runs)]
    _first_paint(harness, harness.playground, board)  # what is imported once
    warm = [_first_paint(harness, harness.playground, board) for _ in range(runs)]
    gaps = [_scroll(harness, board) for _ in range(runs)]
    clicks = _clicks_while_running(harness)
    all_clicks = [milliseconds for each in clicks.values() for milliseconds in each]
    slowest = max(clicks, key=lambda kind: median_or_inf(clicks[kind]))
    rows = [
        _row("board to first paint", f"{_SIZE}, running app", warm, 1_500, 1_000),
        _row("board to first paint", f"{_SIZE}, new process", cold, 1_500, 1_000),
        _row("longest frame gap when it is scrolled", _SIZE, gaps, 100, 50),
        *(
            ResultRow(
                f"click to its effect, {name}",
                f"{6 * _RUNNING_CASES:,} calls run",
                figure,
                limit=300,
                target=150,
                unit="ms",
                playground=f"{format_spread(clicks[slowest])} for {slowest}",
            )
            for name, figure in (
                ("median", median_or_inf(all_clicks)),
                ("p95", quantiles(all_clicks, n=20)[-1]),
                ("worst", max(all_clicks)),
            )
        ),
    ]
    return MeasureResult(rows, [{"warm": warm, "cold": cold, "gaps": gaps, "clicks": clicks}])


def _row(metric: str, load: str, values: list[float], limit: float, target: float) -> ResultRow:
    return ResultRow(
        metric, load, median_or_inf(values), limit, target, unit="ms", playground=format_spread(values)
    )


def _first_paint_of_new_process(harness: Harness) -> float:
    with start_app(PLAYGROUND, harness.base_url) as app:
        board = seed_board(app.data, harness.base_url, _CASES, finished=True)
        wait_until(lambda: is_listening(app.port))
        return _first_paint(harness, app, board)


def _first_paint(harness: Harness, app: RunningApp, board: str) -> float:
    """Return the milliseconds until a new browser session has drawn the table of *board*."""
    with harness.chromium.tab(app, f"/compare?board={board}", settle=0, selector=_CANVAS) as tab:
        painted: float = evaluate_promise(tab.page, _PAINTED, None, "The table is drawn")
        return painted


def _scroll(harness: Harness, board: str) -> float:
    """Return the longest time between two frames while the table is scrolled to its end and back."""
    with harness.chromium.tab(harness.playground, f"/compare?board={board}", 2.0, _CANVAS) as tab:
        tab.page.locator(_TABLE).hover(position={"x": 300, "y": 150})
        tab.page.evaluate(_MEASURE_GAPS)
        for distance in (*[60] * 75, *[-60] * 75):
            tab.page.mouse.wheel(0, distance)
        gap: float = tab.page.evaluate("window.gap")
        return gap


def _clicks_while_running(harness: Harness) -> Mapping[str, list[float]]:
    """Return the milliseconds from each click to what it displays, by what was clicked."""
    board = seed_board(harness.playground.data, harness.base_url, _RUNNING_CASES, finished=False)
    harness.set_load(_LOAD)
    with harness.chromium.tab(harness.playground, f"/compare?board={board}", 2.0, _CANVAS) as tab:
        page = tab.page
        page.get_by_role("button", name="Run 5,004 cells").click()
        page.get_by_text(" of 5,004 cells").wait_for()
        time.sleep(_WARM_UP)
        times: dict[str, list[float]] = {}
        for _ in range(_ROUNDS):
            for kind, (press, condition) in _actions(page).items():
                times.setdefault(kind, []).append(_click(page, press, condition, kind))
        assert page.get_by_text(" of 5,004 cells").is_visible(), "The calls ended before the last click."
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="remaining cells").wait_for()
    return times


def _actions(page: Page) -> dict[str, tuple[Callable[[], None], str]]:
    """Return how each control is pressed, and the condition in JavaScript of what it displays."""
    table = page.locator(_TABLE)

    def has(selector: str, text: str) -> str:
        elements = f"[...document.querySelectorAll({selector!r})]"
        return f"() => {elements}.some(({{ textContent }}) => textContent.includes({text!r}))"

    def has_rows(count: int) -> str:
        # In the same element, because the number of a filter may stand before it.
        return has("[data-testid=stCaptionContainer] p", f"{count} row")

    return {
        "the tab Variants": (page.get_by_role("tab", name="Variants").click, has("button", "Add variant")),
        "the tab Results": (page.get_by_role("tab", name="Results").click, _IS_PAINTED),
        "a filter": (page.get_by_role("radio", name="Failed 0").click, has_rows(0)),
        "no filter": (page.get_by_role("radio", name="All").click, has_rows(_RUNNING_CASES)),
        "another page": (page.get_by_role("button", name="Next page").click, _IS_PAINTED),
        "a row": (lambda: table.click(position={"x": 16, "y": 80}), has("strong", "Case 51")),
    }


def _await_press(condition: str) -> str:
    """Return a script that promises the milliseconds from the next press until *condition* is met."""
    return f"""() => {{
      window.previousCanvas = document.querySelector("{_CANVAS}");
      const isMet = {condition};
      window.answered = new Promise((resolve) => {{
        addEventListener("pointerdown", ({{ timeStamp }}) => {{
          const check = () => (
            isMet() ? resolve(performance.now() - timeStamp) : requestAnimationFrame(check)
          );
          requestAnimationFrame(check);
        }}, {{ once: true, capture: true }});
      }});
    }}"""


def _click(page: Page, press: Callable[[], None], condition: str, kind: str) -> float:
    time.sleep(_PAUSE)
    page.evaluate(_await_press(condition))
    press()
    milliseconds: float = evaluate_promise(page, "() => window.answered", None, f"A click on {kind}", 10)
    return milliseconds
